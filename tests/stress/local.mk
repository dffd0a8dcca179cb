# SPDX-License-Identifier: MIT
TESTS += %D%/stress.sh
EXTRA_DIST += %D%/stress.c %D%/stress.h %D%/threads.c %D%/sched.c \
	%D%/stress.py %D%/stress.sh

.PHONY: check-stress
check-stress:
	$(AM_TESTS_ENVIRONMENT) LOGS='$(abs_builddir)/logs' \
	STRESS_ARGS='--seconds 60' $(SHELL) $(srcdir)/%D%/stress.sh
