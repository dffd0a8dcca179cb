/* SPDX-License-Identifier: MIT */
/* getdents(2), getdents64(2). */
#ifndef ABI_DIRENT_H
#define ABI_DIRENT_H

#include <lib/types.h>

struct abi_dirent {		/* d_type is the last byte of the record */
	u64 d_ino;
	u64 d_off;
	u16 d_reclen;
	char d_name[];
};
static_assert(offsetof(struct abi_dirent, d_name) == 18, "ABI");

struct abi_dirent64 {
	u64 d_ino;
	s64 d_off;
	u16 d_reclen;
	u8 d_type;
	char d_name[];
};
static_assert(offsetof(struct abi_dirent64, d_name) == 19, "ABI");

#define DT_UNKNOWN	0
#define DT_FIFO		1
#define DT_CHR		2
#define DT_DIR		4
#define DT_BLK		6
#define DT_REG		8
#define DT_LNK		10
#define DT_SOCK		12
#define DT_WHT		14
#define MODE_TO_DT(m)	(((m) & 0170000) >> 12)

#endif
