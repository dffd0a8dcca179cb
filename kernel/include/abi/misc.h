/* SPDX-License-Identifier: MIT */
/* uname(2), sysinfo(2), reboot(2), prctl(2), syslog(2), capget(2). */
#ifndef ABI_MISC_H
#define ABI_MISC_H

#include <lib/types.h>

struct abi_utsname {
	char sysname[65], nodename[65], release[65], version[65], machine[65],
	    domainname[65];
};
static_assert(sizeof(struct abi_utsname) == 390, "ABI");

struct abi_sysinfo {
	s64 uptime;
	u64 loads[3];
	u64 totalram, freeram, sharedram, bufferram, totalswap, freeswap;
	u16 procs, pad;
	u32 pad2;
	u64 totalhigh, freehigh;
	u32 mem_unit;
	u32 pad3;
};
static_assert(sizeof(struct abi_sysinfo) == 112, "ABI");

#define REBOOT_MAGIC1	0xfee1deadU
#define REBOOT_MAGIC2	672274793
#define REBOOT_MAGIC2A	85072278
#define REBOOT_MAGIC2B	369367448
#define REBOOT_MAGIC2C	537993216
#define REBOOT_CMD_RESTART	0x01234567U
#define REBOOT_CMD_HALT		0xCDEF0123U
#define REBOOT_CMD_CAD_ON	0x89ABCDEFU
#define REBOOT_CMD_CAD_OFF	0x00000000U
#define REBOOT_CMD_POWER_OFF	0x4321FEDCU
#define REBOOT_CMD_RESTART2	0xA1B2C3D4U

#define PR_SET_PDEATHSIG 1
#define PR_GET_PDEATHSIG 2
#define PR_GET_DUMPABLE 3
#define PR_SET_DUMPABLE 4
#define PR_GET_KEEPCAPS 7
#define PR_SET_KEEPCAPS 8
#define PR_GET_TIMING 13
#define PR_SET_TIMING 14
#define PR_SET_NAME 15
#define PR_GET_NAME 16
#define PR_GET_SECCOMP 21
#define PR_SET_SECCOMP 22
#define PR_CAPBSET_READ 23
#define PR_CAPBSET_DROP 24
#define PR_GET_TSC 25
#define PR_GET_SECUREBITS 27
#define PR_SET_SECUREBITS 28
#define PR_SET_TIMERSLACK 29
#define PR_GET_TIMERSLACK 30
#define PR_SET_CHILD_SUBREAPER 36
#define PR_GET_CHILD_SUBREAPER 37
#define PR_SET_NO_NEW_PRIVS 38
#define PR_GET_NO_NEW_PRIVS 39
#define PR_GET_TID_ADDRESS 40
#define PR_CAP_AMBIENT 47
#define PR_MCE_KILL 33
#define PR_MCE_KILL_CLEAR 0
#define PR_MCE_KILL_SET 1
#define PR_MCE_KILL_LATE 0
#define PR_MCE_KILL_EARLY 1
#define PR_MCE_KILL_DEFAULT 2
#define PR_MCE_KILL_GET 34
#define PR_SET_THP_DISABLE 41
#define PR_GET_THP_DISABLE 42
#define PR_GET_SPECULATION_CTRL 52
#define PR_SET_SPECULATION_CTRL 53
#define PR_SPEC_STORE_BYPASS 0
#define PR_SPEC_INDIRECT_BRANCH 1
#define PR_SPEC_L1D_FLUSH 2
#define PR_SPEC_ENABLE (1UL << 1)
#define PR_SPEC_DISABLE (1UL << 2)
#define PR_SPEC_FORCE_DISABLE (1UL << 3)
#define PR_SET_IO_FLUSHER 57
#define PR_GET_IO_FLUSHER 58
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_CAP_AMBIENT_IS_SET 1
#define PR_CAP_AMBIENT_RAISE 2
#define PR_CAP_AMBIENT_LOWER 3
#define PR_CAP_AMBIENT_CLEAR_ALL 4

#define CAP_VERSION_1 0x19980330U
#define CAP_VERSION_2 0x20071026U
#define CAP_VERSION_3 0x20080522U
struct abi_cap_header { u32 version; s32 pid; };
struct abi_cap_data { u32 effective, permitted, inheritable; };

#endif
