# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += \
	%D%/binfmt_misc.c \
	%D%/binfmt_misc_fs.c \
	%D%/binfmt_parse.c \
	%D%/clone.c \
	%D%/coredump.c \
	%D%/coredump_elf.c \
	%D%/elf.c \
	%D%/elf_parse.c \
	%D%/exec.c \
	%D%/exec_cred.c \
	%D%/exec_interp.c \
	%D%/exit.c \
	%D%/kthread_make.c \
	%D%/namespace.c \
	%D%/pid_ns_exit.c \
	%D%/pidfd.c \
	%D%/ptrace.c \
	%D%/ptrace_regs.c \
	%D%/ptrace_req.c \
	%D%/script.c \
	%D%/seccomp.c \
	%D%/seccomp_notify.c \
	%D%/session.c \
	%D%/wait.c
noinst_HEADERS += %D%/binfmt_misc.h %D%/coredump.h %D%/ptrace.h %D%/seccomp_filter.h
