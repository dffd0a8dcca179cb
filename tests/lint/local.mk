# SPDX-License-Identifier: MIT
TESTS += %D%/lint.sh
EXTRA_DIST += %D%/arity.awk %D%/layers %D%/layers.awk %D%/libc-names %D%/lint.sh %D%/sets
