# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/dispatch.c %D%/errno_name.c %D%/strace.c \
	%D%/sys_cred.c %D%/sys_misc.c %D%/sys_signal.c %D%/sys_task.c \
	%D%/sys_time.c %D%/table.c
vmkerla_elf_SOURCES += %D%/sys_futex.c %D%/sys_sched.c
vmkerla_elf_SOURCES += %D%/sys_net.c %D%/sys_net_msg.c
noinst_HEADERS += %D%/net_args.h
