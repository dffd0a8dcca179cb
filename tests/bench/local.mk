# SPDX-License-Identifier: MIT
EXTRA_DIST += %D%/bench.c %D%/bench.h %D%/bench_mark.h %D%/call.c \
	%D%/events-lean %D%/events.c %D%/events.py %D%/exit0.c %D%/file.c \
	%D%/mem.c %D%/plugin_api.h %D%/report.py %D%/rows %D%/run-bench \
	%D%/task.c %D%/thread.c

# make bench [LINUX=vmlinuz] [BENCH_ARGS='--gate --rows fork_exit | --events']
.PHONY: bench
bench:
	$(AM_TESTS_ENVIRONMENT) LINUX='$(LINUX)' LOGS='$(abs_builddir)/logs' \
	$(PYTHON) -B $(srcdir)/%D%/run-bench $(BENCH_ARGS)
