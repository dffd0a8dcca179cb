#!/bin/sh
# SPDX-License-Identifier: MIT
# stress.sh - the short stress run of `make check'; `make check-stress' is the
# long one. KERNEL=FILE make ... runs either with another kernel, say one that was
# configured with --enable-debug: lock order and reference counts are checked.
. "$top_srcdir/tests/lib/env.sh"
need_guest
need_cc
exec "$PYTHON" "$top_srcdir/tests/stress/stress.py" --logs "$LOGS" \
	${STRESS_ARGS:---seconds 1}
