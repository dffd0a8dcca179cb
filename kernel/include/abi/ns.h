/* SPDX-License-Identifier: MIT */
/* ioctl_ns(2) */
#ifndef ABI_NS_H
#define ABI_NS_H

#define NS_GET_USERNS		0xb701
#define NS_GET_PARENT		0xb702
#define NS_GET_NSTYPE		0xb703
#define NS_GET_OWNER_UID	0xb704

#endif
