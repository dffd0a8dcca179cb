# SPDX-License-Identifier: MIT
TESTS += %D%/tools.sh
EXTRA_DIST += %D%/init.sh %D%/tool-crash.c %D%/tools.py %D%/tools.sh
