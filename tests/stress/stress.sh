#!/bin/sh
# SPDX-License-Identifier: MIT
# stress.sh - the short stress run; STRESS_SECONDS=60 is the long one.
. "$top_srcdir/tests/lib/env.sh"
need_guest
need_cc
exec "$PYTHON" "$top_srcdir/tests/stress/stress.py" --logs "$LOGS" $STRESS_ARGS
