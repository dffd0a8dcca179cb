/* SPDX-License-Identifier: MIT */
/* ioctl(2) requests that any file answers; terminals' are in abi/termios.h. */
#ifndef ABI_IOCTL_H
#define ABI_IOCTL_H

#include <lib/types.h>

#define FIONREAD	0x541b
#define FIONBIO		0x5421
#define FIONCLEX	0x5450
#define FIOCLEX		0x5451
#define FIOASYNC	0x5452
#define FIOQSIZE	0x5460

/* _IO, _IOR, _IOW, _IOWR: ioctl(2), "size and direction" */
#define IOC_(dir, type, nr, size) \
	((u32)(dir) << 30 | (u32)(size) << 16 | (u32)(type) << 8 | (u32)(nr))
#define IOC_NONE(type, nr)		IOC_(0, type, nr, 0)
#define IOC_W(type, nr, t)		IOC_(1, type, nr, sizeof(t))
#define IOC_R(type, nr, t)		IOC_(2, type, nr, sizeof(t))
#define IOC_WR(type, nr, t)		IOC_(3, type, nr, sizeof(t))

#define FIBMAP		IOC_NONE(0, 1)
#define FIGETBSZ	IOC_NONE(0, 2)
#define FIFREEZE	IOC_WR('X', 119, int)
#define FITHAW		IOC_WR('X', 120, int)
#define FS_IOC_GETFLAGS	IOC_R('f', 1, long)
#define FS_IOC_SETFLAGS	IOC_W('f', 2, long)
#define FS_IOC_FIEMAP	0xc020660bU

#endif
