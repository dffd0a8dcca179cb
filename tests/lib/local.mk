# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/cpio.py %D%/env.sh %D%/qemu.py
