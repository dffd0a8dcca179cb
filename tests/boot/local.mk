# SPDX-License-Identifier: MIT
TESTS += %D%/boot-firmware.sh %D%/boot-kernel.sh %D%/boot-person.sh \
	%D%/boot-screen.sh %D%/kerla-run.sh
EXTRA_DIST += %D%/boot.py %D%/boot-firmware.sh %D%/boot-kernel.sh \
	%D%/boot-person.sh %D%/boot-screen.sh %D%/kerla-run.sh %D%/fcentry.S %D%/fcentry.py \
	%D%/person.py

# the long matrix: every way to boot, the person on every machine, stress for
# a minute each, the timeless guest programs on four processors
.PHONY: check-platforms
check-platforms:
	$(AM_TESTS_ENVIRONMENT) LOGS='$(abs_builddir)/logs' \
	$(PYTHON) -B $(srcdir)/%D%/boot.py platforms
	$(AM_TESTS_ENVIRONMENT) STRESS_ARGS='--seconds 60' \
	$(SHELL) $(srcdir)/stress/stress.sh
	$(AM_TESTS_ENVIRONMENT) GT_ARGS='--smp 4 --tag smp4' \
	$(SHELL) $(srcdir)/guest/guest.sh
