# SPDX-License-Identifier: MIT
TESTS += %D%/abi.sh
EXTRA_DIST += %D%/abi.h %D%/abi.sh %D%/compare.c %D%/consts.awk \
	%D%/side_kernel.c %D%/side_libc.c %D%/side_linux.c %D%/structs.h
