# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += \
	%D%/dispatch.c \
	%D%/errno_name.c \
	%D%/strace.c \
	%D%/sys_aio.c \
	%D%/sys_barrier.c \
	%D%/sys_cred.c \
	%D%/sys_dir.c \
	%D%/sys_event.c \
	%D%/sys_file.c \
	%D%/sys_file_rw.c \
	%D%/sys_futex.c \
	%D%/sys_handle.c \
	%D%/sys_ioprio.c \
	%D%/sys_ipc.c \
	%D%/sys_kcmp.c \
	%D%/sys_misc.c \
	%D%/sys_mm.c \
	%D%/sys_mount.c \
	%D%/sys_mq.c \
	%D%/sys_net.c \
	%D%/sys_net_msg.c \
	%D%/sys_ns.c \
	%D%/sys_path.c \
	%D%/sys_pidfd.c \
	%D%/sys_poll.c \
	%D%/sys_prctl.c \
	%D%/sys_process_vm.c \
	%D%/sys_ptrace.c \
	%D%/sys_sched.c \
	%D%/sys_seccomp.c \
	%D%/sys_signal.c \
	%D%/sys_stat.c \
	%D%/sys_task.c \
	%D%/sys_time.c \
	%D%/sys_xattr.c \
	%D%/table.c
noinst_HEADERS += %D%/net_args.h %D%/timespec.h
