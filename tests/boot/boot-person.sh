#!/bin/sh
# SPDX-License-Identifier: MIT
# boot-person.sh - a scripted person at the serial console.
. "$top_srcdir/tests/lib/env.sh"
need_guest
exec "$PYTHON" "$top_srcdir/tests/boot/boot.py" person-pc
