#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# init.sh - /init of the guest that runs BusyBox's own test suite.
PATH=/sbin:/bin
export PATH HOME=/ TERM=dumb LC_ALL=C
busybox mkdir -p /proc /sys /dev /tmp /sbin /usr/bin /usr/sbin
busybox mount -t devtmpfs dev /dev
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
busybox mkdir -p /dev/pts /dev/shm
busybox mount -t devpts pts /dev/pts
busybox mount -t tmpfs tmp /tmp
for a in $(busybox --list); do
	[ -e /bin/$a ] || busybox ln -s busybox /bin/$a
done
# on a tmpfs, as it is with either kernel
cp -a /bb /tmp/bb
cd /tmp/bb/testsuite || exit 1
ln /bin/busybox ../busybox 2>/dev/null || cp /bin/busybox ../busybox
bindir=/tmp/bb tsdir=/tmp/bb/testsuite ECHO=echo SKIP_KNOWN_BUGS=1
export bindir tsdir ECHO SKIP_KNOWN_BUGS
only=
for w in $(cat /proc/cmdline); do
	case $w in bb=*) only=$(echo "${w#bb=}" | tr , ' ') ;; esac
done
verbose=
if [ -n "$only" ]; then
	verbose=-v
else
	# bc and dc only compute, for minutes
	for t in *; do
		[ -f "$t" ] && case $t in *.tests) ;; *) continue ;; esac
		t=${t%.tests}
		case $t in bc | dc | all_sourcecode | CVS) continue ;; esac
		case " $only " in *" $t "*) ;; *) only="$only $t" ;; esac
	done
fi
echo "@@bb begin"
timeout 900 sh ./runtest $verbose $only </dev/null 2>&1
echo
echo "@@bb done $?"
sync
poweroff -f
