#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# init.sh - /init of the guest in which strace and gdb run.
export PATH=/bin HOME=/ TERM=dumb LC_ALL=C
busybox mount -t proc proc /proc
busybox mount -t tmpfs tmp /tmp
cd /tmp
if [ -e /bin/strace ]; then
	echo "@@ strace"
	strace -f -o /tmp/st sh -c 'echo a | cat'
	echo "@@ strace exit $?"
	# or the log's lines stand in the middle of strace's
	busybox dmesg -n 1
	busybox cat /tmp/st
	echo "@@ strace end"
fi
busybox dmesg -n 1
if [ -e /bin/gdb ]; then
	echo "@@ gdb"
	gdb -nx -batch -ex 'set confirm off' -ex 'break inner' -ex run -ex bt \
		-ex 'info registers' -ex 'info threads' -ex delete \
		-ex 'watch watched' -ex continue -ex continue -ex delete \
		-ex 'print add(3, 4)' -ex stepi -ex stepi -ex 'hbreak add' \
		-ex continue /bin/crash 2>&1
	echo "@@ gdb end"
	ulimit -c unlimited
	crash x
	echo "@@ core"
	busybox gzip -c core | busybox base64
	echo "@@ core end"
fi
busybox poweroff -f
