# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += \
	%D%/cpu_clock.c \
	%D%/cred.c \
	%D%/deliver.c \
	%D%/futex.c \
	%D%/futex_pi.c \
	%D%/futex_pi_requeue.c \
	%D%/futex_waitv.c \
	%D%/itimer.c \
	%D%/jobctl.c \
	%D%/kill.c \
	%D%/kthread.c \
	%D%/nsproxy.c \
	%D%/oom.c \
	%D%/pid.c \
	%D%/pid_ns.c \
	%D%/posix_timer.c \
	%D%/posix_timer_run.c \
	%D%/ptrace_stop.c \
	%D%/rlimit.c \
	%D%/rseq.c \
	%D%/siginfo.c \
	%D%/signal.c \
	%D%/task.c \
	%D%/ucount.c \
	%D%/user_ns.c \
	%D%/uts_ns.c \
	%D%/work.c
noinst_HEADERS += %D%/futex_local.h %D%/futex_pi.h
