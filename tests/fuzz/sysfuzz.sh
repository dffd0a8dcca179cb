#!/bin/sh
# SPDX-License-Identifier: MIT
# sysfuzz.sh - senseless system calls, the short run of `make check';
# `make check-fuzz' is the long one.
. "$top_srcdir/tests/lib/env.sh"
need_guest
need_cc
# shellcheck disable=SC2086 # words
exec "$PYTHON" "$top_srcdir/tests/fuzz/sysfuzz.py" --logs "$LOGS" \
	${SYSFUZZ_ARGS:---seconds 20 --smp 2}
