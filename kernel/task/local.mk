# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/cpu_clock.c %D%/cred.c %D%/deliver.c %D%/itimer.c %D%/oom.c %D%/pid.c %D%/posix_timer.c %D%/posix_timer_run.c \
	%D%/rlimit.c %D%/signal.c %D%/task.c
vmkerla_elf_SOURCES += %D%/futex.c %D%/kthread.c %D%/nsproxy.c %D%/work.c %D%/jobctl.c %D%/ptrace_stop.c %D%/rseq.c %D%/futex_pi.c %D%/futex_pi_requeue.c %D%/futex_waitv.c
noinst_HEADERS += %D%/futex_local.h
noinst_HEADERS += %D%/futex_pi.h
vmkerla_elf_SOURCES += %D%/pid_ns.c %D%/siginfo.c %D%/ucount.c %D%/user_ns.c %D%/uts_ns.c
