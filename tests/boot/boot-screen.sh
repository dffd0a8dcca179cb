#!/bin/sh
# SPDX-License-Identifier: MIT
# boot-screen.sh - a scripted person at the keyboard and the screen.
. "$top_srcdir/tests/lib/env.sh"
need_guest
exec "$PYTHON" "$top_srcdir/tests/boot/boot.py" screen-text screen-iso-bios
