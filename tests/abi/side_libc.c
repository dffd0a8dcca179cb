/* SPDX-License-Identifier: MIT */
/* The libc's side: what programs are compiled with. */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "abi.h"

/* ustat(2) has lost its header; this is what there was in it */
struct ustat {
	int f_tfree;
	unsigned long f_tinode;
	char f_fname[6], f_fpack[6];
};

/* function calls, and names of structs that glibc does not have */
#undef SIGRTMIN
#undef SIGRTMAX
#undef MINSIGSTKSZ
#undef TCGETS2
#undef TCSETS2
#undef TCSETSW2
#undef TCSETSF2

#define LIBC
#define C(n, h)	{ #n, h, (unsigned long)(n) },
#define S(here, there) { #here, "", 0, sizeof(there) },
#define F(here, f, there, g) \
	{ #here, #f, offsetof(there, g), sizeof(((there *)0)->g) },

const struct abi_const libc_consts[] = {
#include "consts.h"
	{ 0, 0, 0 }
};
const struct abi_item libc_items[] = {
#include "structs.h"
	{ 0, 0, 0, 0 }
};
