#!/bin/sh
# SPDX-License-Identifier: MIT
# kernel.sh - build a kernel with --enable-debug and put it where the argument
# says. Environment as for the tests. What make says goes to standard error.
#
# The sources are copied (make distdir) and configured anew, because a source
# tree that was built in cannot be built beside.
out=$1
# make distdir takes a name below the build directory only
r=tests/debug.d
d=$top_builddir/$r
rm -rf "$d" "$out"
mkdir -p "$d/build" || exit 99
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR
{
	(cd "$top_builddir" && make distdir distdir=$r/src) &&
	(cd "$d/build" && ../src/configure --enable-debug --without-userland \
		--disable-fetch ${KERNEL_CC:+"KERNEL_CC=$KERNEL_CC"} &&
	 make -j"$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)" kernel) &&
	mv "$d/build/kernel/vmlinuz-kerla" "$out"
} >&2
rc=$?
rm -rf "$d"
exit $rc
