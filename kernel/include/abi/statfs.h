/* SPDX-License-Identifier: MIT */
/* statfs(2) and the magic numbers file systems report in it. */
#ifndef ABI_STATFS_H
#define ABI_STATFS_H

#include <lib/types.h>

struct abi_statfs {
	s64 f_type;
	s64 f_bsize;
	u64 f_blocks;
	u64 f_bfree;
	u64 f_bavail;
	u64 f_files;
	u64 f_ffree;
	s32 f_fsid[2];
	s64 f_namelen;
	s64 f_frsize;
	s64 f_flags;
	s64 f_spare[4];
};
static_assert(sizeof(struct abi_statfs) == 120, "ABI");

struct abi_ustat {
	s32 f_tfree;
	u32 pad0;
	u64 f_tinode;
	char f_fname[6];
	char f_fpack[6];
	u32 pad1;
};
static_assert(sizeof(struct abi_ustat) == 32, "ABI");

#define ST_VALID	0x0020		/* f_flags is meaningful */

#define TMPFS_MAGIC		0x01021994
#define RAMFS_MAGIC		0x858458f6
#define PROC_SUPER_MAGIC	0x9fa0
#define SYSFS_MAGIC		0x62656572
#define DEVPTS_SUPER_MAGIC	0x1cd1
#define BINFMTFS_MAGIC		0x42494e4d
#define PIPEFS_MAGIC		0x50495045
#define NSFS_MAGIC		0x6e736673
#define SOCKFS_MAGIC		0x534f434b
#define ANON_INODE_FS_MAGIC	0x09041934
#define EXT2_SUPER_MAGIC	0xef53
#define ISOFS_SUPER_MAGIC	0x9660
#define MSDOS_SUPER_MAGIC	0x4d44
#define OVERLAYFS_SUPER_MAGIC	0x794c7630
#define DEBUGFS_MAGIC		0x64626720
#define MQUEUE_MAGIC		0x19800202
#define CGROUP2_SUPER_MAGIC	0x63677270

#endif
