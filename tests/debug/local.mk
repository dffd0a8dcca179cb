# SPDX-License-Identifier: MIT
TESTS += %D%/debug.sh
EXTRA_DIST += %D%/debug.sh %D%/kernel.sh
mostlyclean-local: debug-clean
.PHONY: debug-clean
debug-clean:
	rm -rf debug.d
