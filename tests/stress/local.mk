# SPDX-License-Identifier: MIT
TESTS += %D%/stress.sh
EXTRA_DIST += %D%/stress.c %D%/stress.py %D%/stress.sh
