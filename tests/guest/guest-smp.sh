#!/bin/sh
# SPDX-License-Identifier: MIT
# guest-smp.sh - those guest programs that measure no time, on two CPUs.
GT_ARGS='--smp 2 --tag smp attr badptr cred exec family fd fork mmap mntprop
	mountns names open pipe procfs sigfault signal'
export GT_ARGS
exec "$top_srcdir/tests/guest/guest.sh"
