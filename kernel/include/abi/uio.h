/* SPDX-License-Identifier: MIT */
/* preadv2(2) flags. struct iovec itself is mm/iov_iter.h's (same layout). */
#ifndef ABI_UIO_H
#define ABI_UIO_H

#include <lib/types.h>

#define RWF_HIPRI	0x00000001U
#define RWF_DSYNC	0x00000002U
#define RWF_SYNC	0x00000004U
#define RWF_NOWAIT	0x00000008U
#define RWF_APPEND	0x00000010U
#define RWF_NOAPPEND	0x00000020U
#define RWF_SUPPORTED	0x0000001fU

#endif
