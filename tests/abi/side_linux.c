/* SPDX-License-Identifier: MIT */
/* Linux's side: its user headers, without any libc's. */
#include <stddef.h>
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <asm/mman.h>
#include <asm/poll.h>
#include <asm/prctl.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/socket.h>
#include <asm/sockios.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <asm/termbits.h>
#include <asm/termios.h>
#include <linux/audit.h>
#include <linux/auxvec.h>
#include <linux/capability.h>
#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/eventpoll.h>
#include <linux/falloc.h>
#include <linux/fcntl.h>
#include <linux/fiemap.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/aio_abi.h>
#include <linux/inotify.h>
#include <linux/ioctl.h>
#include <linux/ipc.h>
#include <linux/kd.h>
#include <linux/keyboard.h>
#include <linux/limits.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/mqueue.h>
#include <linux/msg.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <linux/personality.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/resource.h>
#include <linux/rseq.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <linux/seccomp.h>
#include <linux/sem.h>
#include <linux/serial.h>
#include <linux/shm.h>
#include <linux/signalfd.h>
#include <linux/stat.h>
#include <linux/sysinfo.h>
#include <linux/time.h>
#include <linux/time_types.h>
#include <linux/timerfd.h>
#include <linux/timex.h>
#include <linux/tty_flags.h>
#include <linux/uio.h>
#include <linux/utsname.h>
#include <linux/vt.h>
#include <linux/wait.h>
#include <linux/xattr.h>
#include "abi.h"

#ifndef _NSIG
#define _NSIG 64		/* SIGRTMAX names it, and nothing defines it */
#endif
#define LINUX
#define C(n, h)	{ #n, h, (unsigned long)(n) },
#define S(here, there) { #here, "", 0, sizeof(there) },
#define F(here, f, there, g) \
	{ #here, #f, offsetof(there, g), sizeof(((there *)0)->g) },

const struct abi_const linux_consts[] = {
#include "consts.h"
	{ 0, 0, 0 }
};
const struct abi_item linux_items[] = {
#include "structs.h"
	{ 0, 0, 0, 0 }
};
