# SPDX-License-Identifier: MIT
TESTS += %D%/busybox.sh
EXTRA_DIST += %D%/busybox.py %D%/busybox.sh %D%/exceptions %D%/init.sh \
	%D%/linux.pass
