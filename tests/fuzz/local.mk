# SPDX-License-Identifier: MIT
# after the units it runs
TESTS += %D%/fuzz.sh %D%/sysfuzz.sh
%D%/fuzz.log: $(HOST_UNITS:=.log)
EXTRA_DIST += %D%/fuzz.sh %D%/sysfuzz.sh %D%/sysfuzz.py %D%/sysfuzz.c \
	%D%/sysfuzz_args.c %D%/sysfuzz_worker.c %D%/sysfuzz.h \
	%D%/sysfuzz-calls.awk

# ten minutes of guest time on four processors of a debug kernel;
# SYSFUZZ_SEED=N for other calls
SYSFUZZ_SEED = 1
SYSFUZZ_SECONDS = 600
.PHONY: check-fuzz
check-fuzz:
	mkdir -p logs
	$(AM_TESTS_ENVIRONMENT) \
	$(SHELL) $(srcdir)/debug/kernel.sh '$(abs_builddir)/logs/fuzz-vmlinuz' \
	  2>logs/fuzz-build.log || { tail logs/fuzz-build.log; exit 1; }
	$(AM_TESTS_ENVIRONMENT) LOGS='$(abs_builddir)/logs' \
	KERNEL='$(abs_builddir)/logs/fuzz-vmlinuz' \
	SYSFUZZ_ARGS='--seconds $(SYSFUZZ_SECONDS) --smp 4 --seed $(SYSFUZZ_SEED)' \
	$(SHELL) $(srcdir)/fuzz/sysfuzz.sh
