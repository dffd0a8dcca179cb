#!/bin/sh
# SPDX-License-Identifier: MIT
# debug.sh - a kernel with --enable-debug, and guest programs on four CPUs of
# it: lock order, reference counts and freed memory are checked while fork,
# exec, mappings, signals, pipes and sockets are used. What it finds is a panic.
#
# The sources are copied (make distdir) and configured anew, because a source
# tree that was built in cannot be built beside.
. "$top_srcdir/tests/lib/env.sh"
need_guest
need_cc

# make distdir takes a name below the build directory only
r=tests/debug.d
d=$top_builddir/$r
log=$LOGS/debug-build.log
rm -rf "$d"
mkdir -p "$d/build" || exit 99
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR
build()
{
	(cd "$top_builddir" && make distdir distdir=$r/src) &&
	(cd "$d/build" && ../src/configure --enable-debug --without-userland \
		--disable-fetch ${KERNEL_CC:+"KERNEL_CC=$KERNEL_CC"} &&
	 make -j"$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)" kernel)
}
if ! build >"$log" 2>&1; then
	tail -n 20 "$log" | sed 's/^/# /'
	echo '1..1'
	echo 'not ok 1 - a debug kernel is built'
	exit 1
fi
KERLA_KERNEL=$d/build/kernel/vmlinuz-kerla
GT_ARGS='--smp 4 --tag debug badptr cred exec fd fork jobctl mmap names pipe
	poll procfs sigfault signal unixmsg unixsock'
export KERLA_KERNEL GT_ARGS
sh "$top_srcdir/tests/guest/guest.sh"
rc=$?
[ $rc -ne 0 ] || rm -rf "$d"
exit $rc
