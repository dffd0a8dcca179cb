# SPDX-License-Identifier: MIT
TESTS += %D%/guest.sh %D%/guest-smp.sh
EXTRA_DIST += %D%/README %D%/build-guest %D%/guest.py %D%/guest.sh \
	%D%/guest-smp.sh %D%/gt.h \
	%D%/attr.c \
	%D%/badframe.c \
	%D%/badptr.c \
	%D%/caps.c \
	%D%/clock.c \
	%D%/coredump.c \
	%D%/cred.c \
	%D%/exec.c \
	%D%/family.c \
	%D%/fd.c \
	%D%/fork.c \
	%D%/gtrun.c \
	%D%/handle.c %D%/futexpi.c \
	%D%/jobctl.c \
	%D%/limits.c \
	%D%/mem2.c \
	%D%/misc.c \
	%D%/mmap.c \
	%D%/mntprop.c \
	%D%/mount.c \
	%D%/mountfd.c \
	%D%/mountns.c \
	%D%/names.c \
	%D%/netlink.c \
	%D%/open.c \
	%D%/overlay.c %D%/pidfd.c \
	%D%/pipe.c \
	%D%/poll.c \
	%D%/procfs.c \
	%D%/ptrace.c %D%/rseq.c %D%/seccomp.c %D%/procmisc.c %D%/sched.c \
	%D%/sigfault.c \
	%D%/signal.c \
	%D%/sigwait.c \
	%D%/splice.c \
	%D%/sweep.c \
	%D%/tty.c \
	%D%/wait.c \
	%D%/x-show.c \
	%D%/x-spin.c \
	%D%/expected/attr.exp \
	%D%/expected/badframe.exp \
	%D%/expected/badptr.exp \
	%D%/expected/clock.exp \
	%D%/expected/coredump.exp \
	%D%/expected/cred.exp \
	%D%/expected/exec.exp \
	%D%/expected/family.exp \
	%D%/expected/fd.exp \
	%D%/expected/fork.exp \
	%D%/expected/handle.exp \
	%D%/expected/jobctl.exp \
	%D%/expected/limits.exp \
	%D%/expected/mem2.exp \
	%D%/expected/misc.exp \
	%D%/expected/mmap.exp \
	%D%/expected/mntprop.exp \
	%D%/expected/mount.exp \
	%D%/expected/mountfd.exp \
	%D%/expected/mountns.exp \
	%D%/expected/names.exp \
	%D%/expected/netlink.exp \
	%D%/expected/open.exp \
	%D%/expected/overlay.exp \
	%D%/expected/pipe.exp \
	%D%/expected/poll.exp \
	%D%/expected/procfs.exp \
	%D%/expected/ptrace.exp \
	%D%/expected/sigfault.exp \
	%D%/expected/signal.exp \
	%D%/expected/sigwait.exp \
	%D%/expected/splice.exp \
	%D%/expected/sweep.exp \
	%D%/expected/tty.exp \
	%D%/expected/wait.exp \
	%D%/unixmsg.c \
	%D%/unixsock.c \
	%D%/unixsock.h \
	%D%/expected/unixmsg.exp \
	%D%/expected/unixsock.exp
