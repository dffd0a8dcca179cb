# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/clone.c %D%/elf.c %D%/elf_parse.c %D%/exec.c \
	%D%/exit.c %D%/kthread_make.c %D%/namespace.c %D%/script.c %D%/session.c \
	%D%/wait.c %D%/ptrace.c %D%/ptrace_req.c %D%/ptrace_regs.c \
	%D%/coredump.c %D%/coredump_elf.c %D%/pidfd.c %D%/seccomp.c %D%/seccomp_notify.c %D%/exec_cred.c \
	%D%/exec_interp.c %D%/binfmt_misc.c %D%/binfmt_misc_fs.c %D%/binfmt_parse.c
noinst_HEADERS += %D%/binfmt_misc.h
noinst_HEADERS += %D%/coredump.h %D%/ptrace.h
noinst_HEADERS += %D%/seccomp_filter.h
vmkerla_elf_SOURCES += %D%/pid_ns_exit.c
