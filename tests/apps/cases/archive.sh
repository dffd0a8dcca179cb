# SPDX-License-Identifier: MIT
# sets: base archive
set -e
cd /tmp; mkdir ar; cp -a /usr/share/perl-base /usr/lib/x86_64-linux-gnu/perl-base ar 2>/dev/null || cp -a /etc ar
ln ar/perl-base/strict.pm ar/hard; ln -s hard ar/soft; mkfifo ar/fifo
(cd ar; find . -type f | sort | xargs sha256sum) > sums
for z in gz bz2 xz zst; do
	tar caf a.tar.$z ar; rm -rf x; mkdir x; tar xaf a.tar.$z -C x
	(cd x/ar; sha256sum -c --quiet /tmp/sums)
	[ x/ar/hard -ef x/ar/perl-base/strict.pm ]; [ -p x/ar/fifo ]; [ -L x/ar/soft ]
done
rm a.tar.*; tar cf a.tar ar
xz -T4 -k a.tar; xz -t a.tar.xz; xz -dc a.tar.xz | cmp - a.tar
zstd -q -T4 -k a.tar -o b.zst; zstd -dcq b.zst | cmp - a.tar
gzip -k a.tar; gzip -dc a.tar.gz | cmp - a.tar
truncate -s 100M sparse; tar cSf s.tar sparse; [ $(stat -c %s s.tar) -lt 100000 ]
tar --xattrs --acls -cf - etc 2>/dev/null | tar tf - >/dev/null || true
