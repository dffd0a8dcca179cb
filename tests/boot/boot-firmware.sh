#!/bin/sh
# SPDX-License-Identifier: MIT
# boot-firmware.sh - the ISO under both firmwares, as CD and as disk.
. "$top_srcdir/tests/lib/env.sh"
need_guest
exec "$PYTHON" "$top_srcdir/tests/boot/boot.py" iso-bios-cd iso-bios-disk iso-uefi-cd iso-uefi-disk
