# SPDX-License-Identifier: MIT
# sets: base alpine
# A root with nothing but our musl, shared, and programs on it.
set -e
mkdir /alpine/proc; mount -t proc proc /alpine/proc
[ "$(chroot /alpine /bin/alpine)" = 'alpine ok' ]
[ "$(chroot /alpine /bin/alpine-pie)" = 'alpine ok' ]
chroot /alpine /lib/ld-musl-x86_64.so.1 --list /bin/alpine | grep -q ld-musl
[ "$(chroot /alpine /lib/ld-musl-x86_64.so.1 /bin/alpine-pie)" = 'alpine ok' ] || true
! chroot /alpine /lib/ld-musl-x86_64.so.1 /bin/none 2>/dev/null
mv /alpine/lib/libplug.so /alpine/libplug.so
! chroot /alpine /bin/alpine >/dev/null
[ "$(LD_LIBRARY_PATH=/ chroot /alpine /bin/alpine)" = 'alpine ok' ]
