# SPDX-License-Identifier: MIT
TESTS += %D%/apps.sh
EXTRA_DIST += %D%/apps.py %D%/apps.sh %D%/init.sh %D%/mkroot %D%/poweroff.c \
	%D%/mkmusl %D%/alpine.c %D%/rows.py %D%/rows.sh \
	%D%/pyrun.py %D%/pytests.py %D%/python.except %D%/python.linux \
	%D%/cases/alpine.sh \
	%D%/cases/apt.sh \
	%D%/cases/aptrepo.sh \
	%D%/cases/archive.sh \
	%D%/cases/bash.sh \
	%D%/cases/binfmt.sh \
	%D%/cases/cargo.sh \
	%D%/cases/configure.sh \
	%D%/cases/dpkg.sh \
	%D%/cases/gcc.sh \
	%D%/cases/gdb.sh \
	%D%/cases/git.sh \
	%D%/cases/go.sh \
	%D%/cases/java.sh \
	%D%/cases/make.sh \
	%D%/cases/many.sh \
	%D%/cases/musl.sh \
	%D%/cases/node.sh \
	%D%/cases/perl.sh \
	%D%/cases/postgres.sh \
	%D%/cases/procps.sh \
	%D%/cases/python.sh \
	%D%/cases/redis.sh \
	%D%/cases/sandbox.sh \
	%D%/cases/script.sh \
	%D%/cases/sqlite.sh \
	%D%/cases/strace.sh \
	%D%/cases/stress.sh \
	%D%/cases/tmux.sh \
	%D%/cases/tools.sh \
	%D%/cases/valgrind.sh \
	%D%/cases/vim.sh

# all cases, and Python's own tests; APPS_CACHE keeps packages and trees
APPS_ENV = LOGS='$(abs_builddir)/logs' \
	APPS_CACHE="$${APPS_CACHE:-$(abs_builddir)/apps/cache}" \
	DISTCACHE='$(DISTCACHE)'

.PHONY: check-apps
check-apps:
	$(AM_TESTS_ENVIRONMENT) $(APPS_ENV) \
	$(PYTHON) -B $(srcdir)/%D%/apps.py
	$(AM_TESTS_ENVIRONMENT) $(APPS_ENV) \
	$(PYTHON) -B $(srcdir)/%D%/pytests.py
