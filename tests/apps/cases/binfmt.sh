# SPDX-License-Identifier: MIT
# sets: base
# quick: yes
# binfmt_misc where it is mounted, and its switches for all entries.
set -e
d=/proc/sys/fs/binfmt_misc
mount -t binfmt_misc binfmt_misc $d
cd /tmp; printf 'KK1 print "perl ran\\n"\n' > prog; chmod 755 prog
printf '#!/bin/sh\ntail -c +5 "$1" | perl\n' > interp; chmod 755 interp
echo ':kk:M::KK1::/tmp/interp:' > $d/register
echo ':ext:E::kk::/tmp/interp:' > $d/register
[ "$(./prog)" = 'perl ran' ]
cp prog x.kk; printf 'xxxx print 5+6' > x.kk; chmod 755 x.kk; [ "$(./x.kk)" = 11 ]
echo 0 > $d/status; grep -q disabled $d/status; ! ./prog 2>/dev/null
echo 1 > $d/status; ./prog >/dev/null
umount $d; ./prog >/dev/null; mount -t binfmt_misc binfmt_misc $d
[ -e $d/kk ]
echo -1 > $d/status; [ "$(ls $d)" = "$(printf 'register\nstatus')" ]
! ./prog 2>/dev/null
umount $d; [ -z "$(ls $d)" ]
