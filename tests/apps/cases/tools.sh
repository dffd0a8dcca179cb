# SPDX-License-Identifier: MIT
# sets: base tools
# limit: 300
# What an administrator has at hand.
set -e
cd /tmp; mkdir tl; cd tl
# who has what open
exec 7> held; flock 7
sleep 1000 7>&7 & s=$!
lsof -p $s | grep -q '/tmp/tl/held'
lsof -t /tmp/tl/held | grep -qx $s
fuser held 2>/dev/null | grep -qw $s
ps -eLf | grep -q "[s]leep 1000"
ps -o stat= -p $s | grep -q S
pstree -p $$ | grep -q "sleep($s)"
lslocks -n 2>/dev/null | grep -q FLOCK
killall sleep; ! wait $s; exec 7>&-
# arithmetic and text over some megabytes
[ "$(echo '2^200 % 97' | bc)" = 62 ]; [ "$(echo 'e(1)' | bc -l)" = 2.71828182845904523536 ]
seq 1 400000 > big
[ "$(gawk '{ s += $1 } END { printf "%d", s }' big)" = 80000200000 ]
[ "$(mawk 'NR % 1000 == 0' big | wc -l)" = 400 ]
sed -i 's/7$/seven/' big; [ "$(grep -c seven big)" = 40000 ]
sort -R big | sort -n > big2; cmp <(sort big) <(sort big2)
split -n 7 big part.; cat part.* | cmp - big
tac big | tac | cmp - big
# copies
mkdir -p from/a/b; cp big from/a; ln from/a/big from/a/b/hard; ln -s ../big from/a/b/soft
mkfifo from/fifo; touch -d 2001-01-01 from/a/b
truncate -s 20M from/sparse; setfacl -m u:user:r from/a/big 2>/dev/null || true
rsync -aHXS from/ to/
rsync -aHXSni from/ to/ | wc -l | grep -qx 0
[ to/a/big -ef to/a/b/hard ]; [ -p to/fifo ]; [ "$(stat -c %Y from/a/b)" = "$(stat -c %Y to/a/b)" ]
[ "$(stat -c %b to/sparse)" -lt 1000 ]
echo x >> to/a/big; rsync -a --checksum from/ to/; cmp from/a/big to/a/big
# vector registers are every process's own
for i in 1 2 3 4; do (for j in 1 2 3; do openssl dgst -sha256 big; openssl dgst -sha512 big; done > sum.$i) & done; wait
for i in 2 3 4; do cmp sum.1 sum.$i; done
[ "$(openssl dgst -sha256 -r big | cut -c1-64)" = "$(sha256sum big | cut -c1-64)" ]
openssl enc -aes-256-gcm -in big -k x 2>/dev/null || true
openssl enc -aes-256-ctr -pbkdf2 -k x -in big | openssl enc -d -aes-256-ctr -pbkdf2 -k x | cmp - big
openssl speed -seconds 1 -bytes 1024 sha256 2>/dev/null | grep -q sha256
openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout 2>/dev/null | grep -q PUBLIC
# a page through man, groff and less
printf '.TH X 1\n.SH NAME\nx \\- a page\n' > x.1
MANPAGER=cat man -P cat -l x.1 | grep -q 'a page'
less -X big < /dev/null | tail -1 | grep -qx 400000
top -b -n 2 -d 0.2 | grep -c '^top -' | grep -qx 2
# dynamic BusyBox, as a set of programs
mkdir bb; busybox --install -s bb 2>/dev/null || for a in $(busybox --list); do ln -s /usr/bin/busybox bb/$a; done
(PATH=$PWD/bb; [ "$(echo abc | tr a-c A-C | sed s/A/x/ | awk '{print $1}')" = xBC ]; ps | grep -q busybox || ps | grep -q ps; find . -name x.1 | xargs md5sum | wc -l | grep -qx 1; dd if=big bs=64k 2>/dev/null | gzip | gunzip | cmp - big)
