/* SPDX-License-Identifier: MIT */
/* signalfd(2): what is read from one. */
#ifndef ABI_SIGNALFD_H
#define ABI_SIGNALFD_H

#include <lib/types.h>

#define SFD_CLOEXEC	02000000
#define SFD_NONBLOCK	04000

struct abi_signalfd_siginfo {
	u32 ssi_signo;
	s32 ssi_errno, ssi_code;
	u32 ssi_pid, ssi_uid;
	s32 ssi_fd;
	u32 ssi_tid, ssi_band, ssi_overrun, ssi_trapno;
	s32 ssi_status, ssi_int;
	u64 ssi_ptr, ssi_utime, ssi_stime, ssi_addr;
	u16 ssi_addr_lsb, pad2;
	s32 ssi_syscall;
	u64 ssi_call_addr;
	u32 ssi_arch;
	u8 pad[28];
};
static_assert(sizeof(struct abi_signalfd_siginfo) == 128, "ABI");

#endif
