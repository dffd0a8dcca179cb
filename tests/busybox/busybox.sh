#!/bin/sh
# SPDX-License-Identifier: MIT
# busybox.sh - BusyBox's own test suite on our kernel.
. "$top_srcdir/tests/lib/env.sh"
need_guest
exec "$PYTHON" "$top_srcdir/tests/busybox/busybox.py" --logs "$LOGS"
