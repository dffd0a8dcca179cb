#!/bin/sh
# SPDX-License-Identifier: MIT
# debug.sh - a kernel with --enable-debug, and guest programs on four CPUs of
# it: lock order, reference counts and freed memory are checked while fork,
# exec, mappings, signals, pipes and sockets are used. What it finds is a panic.
. "$top_srcdir/tests/lib/env.sh"
need_guest
need_cc
log=$LOGS/debug-build.log
KERLA_KERNEL=$LOGS/debug-vmlinuz
if ! sh "$top_srcdir/tests/debug/kernel.sh" "$KERLA_KERNEL" 2>"$log"; then
	tail -n 20 "$log" | sed 's/^/# /'
	echo '1..1'
	echo 'not ok 1 - a debug kernel is built'
	exit 1
fi
GT_ARGS='--smp 4 --tag debug badptr caps cred exec family fd fork futexpi
	inotify jobctl mmap mntprop mountns mqueue names overlay pidfd pipe
	poll procfs ptrace seccomp sigfault signal signalfd sysvmsg sysvsem
	sysvshm timerfd unixmsg unixsock'
export KERLA_KERNEL GT_ARGS
exec sh "$top_srcdir/tests/guest/guest.sh"
