#!/bin/sh
# SPDX-License-Identifier: MIT
# guest.sh - the guest programs under our kernel, Linux being the oracle.
# $GT_ARGS goes to guest.py.
. "$top_srcdir/tests/lib/env.sh"
need_guest
need_cc
out=$top_builddir/tests/guest/bin
"$top_srcdir/tests/guest/build-guest" "$out" $MUSL_GCC > "$LOGS/guest-build.log" 2>&1 || {
	echo "1..1"
	echo "not ok 1 - guest programs compile"
	sed 's/^/# /' "$LOGS/guest-build.log"
	exit 1
}
exec "$PYTHON" "$top_srcdir/tests/guest/guest.py" --bin "$out" --logs "$LOGS" \
	--kernel "$KERLA_KERNEL" --busybox "$KERLA_BUSYBOX" $GT_ARGS
