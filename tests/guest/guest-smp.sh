#!/bin/sh
# SPDX-License-Identifier: MIT
# guest-smp.sh - those guest programs that measure no time, on two CPUs.
GT_ARGS='--smp 2 --tag smp aio attr badptr cred exec family fd fork futexpi
	mmap mntprop mountns mqueue names open overlay pidns pipe procfs ptrace
	sigfault signal sysvsem thp userns'
export GT_ARGS
exec "$top_srcdir/tests/guest/guest.sh"
