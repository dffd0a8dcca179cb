#!/bin/sh
# SPDX-License-Identifier: MIT
# boot-kernel.sh - straight by -kernel: machines, processors, memory, endings.
. "$top_srcdir/tests/lib/env.sh"
need_guest
exec "$PYTHON" "$top_srcdir/tests/boot/boot.py" bzimage-pc bzimage-q35 elf-pc elf-microvm smp2-pc smp4-q35 mem-16 mem-48 mem-8192 reboot-exit-pc reboot-again-pc halt-pc fc-elf-acpi fc-elf-mptable
