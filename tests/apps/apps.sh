#!/bin/sh
# SPDX-License-Identifier: MIT
# apps.sh - a few of Debian's programs in one guest; `make check-apps` is all.
. "$top_srcdir/tests/lib/env.sh"
need_guest
need_cc
: "${APPS_CACHE:=$top_builddir/tests/apps/cache}"
export APPS_CACHE
exec "$PYTHON" "$top_srcdir/tests/apps/apps.py" --quick
