#!/bin/sh
# SPDX-License-Identifier: MIT
# tools.sh - the build machine's strace and gdb, unmodified, on our kernel.
. "$top_srcdir/tests/lib/env.sh"
need_guest
exec "$PYTHON" "$top_srcdir/tests/tools/tools.py" --logs "$LOGS"
