# SPDX-License-Identifier: MIT
# Unit tests: kernel sources on the build machine (host.mk says how). The
# programs are built by a makefile of their own, because each kernel source is
# compiled here with other flags than for the kernel.
HOST_UNITS = %D%/unit-lib %D%/unit-boot %D%/unit-sched %D%/unit-elf \
	%D%/unit-user %D%/unit-tty %D%/unit-log %D%/unit-mm %D%/unit-fs \
	%D%/unit-task %D%/unit-ipc
TESTS += $(HOST_UNITS)
check_DATA += host-units
.PHONY: host-units
host-units:
	$(AM_V_at)$(MKDIR_P) %D% && cd %D% && \
	  if test "`uname -sm`" = 'Linux x86_64'; then \
	    $(MAKE) $(AM_MAKEFLAGS) -f $(abs_srcdir)/%D%/host.mk CC='$(CC)' \
	      AWK='$(AWK)' NM='$(NM)' V=$(V) top_srcdir=$(abs_top_srcdir) all; \
	  else \
	    for u in $(HOST_UNITS); do \
	      { echo '#!/bin/sh'; \
		echo 'echo "1..0 # SKIP not Linux on x86_64"'; } >$${u##*/}; \
	      chmod +x $${u##*/}; \
	    done; \
	  fi
$(HOST_UNITS): host-units
mostlyclean-local: host-clean
.PHONY: host-clean
host-clean:
	rm -rf %D%/obj $(HOST_UNITS)
EXTRA_DIST += %D%/autoconf.h %D%/host.h %D%/host.mk %D%/host_os.c \
	%D%/list.awk %D%/missing.awk %D%/own_string.h %D%/shim_core.c \
	%D%/shim_kmalloc.c %D%/shim_page.c %D%/unit.c %D%/unit.h \
	%D%/include/arch/alternative.h %D%/include/arch/irqflags.h \
	%D%/include/arch/layout.h
