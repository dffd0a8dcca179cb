# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/clock.c %D%/clock_init.c %D%/clock_timer.c %D%/earlycon.c %D%/extable.c %D%/ioport.c %D%/irq.c %D%/ksyms.c %D%/log.c %D%/ntp.c %D%/panic.c %D%/random.c \
	%D%/reboot.c %D%/spinlock.c %D%/timer.c %D%/ubsan.c
