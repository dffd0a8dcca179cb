# SPDX-License-Identifier: MIT
# after the units it runs
TESTS += %D%/fuzz.sh
%D%/fuzz.log: $(HOST_UNITS:=.log)
EXTRA_DIST += %D%/fuzz.sh
