/* SPDX-License-Identifier: MIT */
/* mount(2), umount2(2). */
#ifndef ABI_MOUNT_H
#define ABI_MOUNT_H

#include <lib/types.h>

#define MS_RDONLY	1UL
#define MS_NOSUID	2UL
#define MS_NODEV	4UL
#define MS_NOEXEC	8UL
#define MS_SYNCHRONOUS	16UL
#define MS_REMOUNT	32UL
#define MS_MANDLOCK	64UL
#define MS_DIRSYNC	128UL
#define MS_NOSYMFOLLOW	256UL
#define MS_NOATIME	1024UL
#define MS_NODIRATIME	2048UL
#define MS_BIND		4096UL
#define MS_MOVE		8192UL
#define MS_REC		16384UL
#define MS_SILENT	32768UL
#define MS_POSIXACL	(1UL << 16)
#define MS_UNBINDABLE	(1UL << 17)
#define MS_PRIVATE	(1UL << 18)
#define MS_SLAVE	(1UL << 19)
#define MS_SHARED	(1UL << 20)
#define MS_RELATIME	(1UL << 21)
#define MS_KERNMOUNT	(1UL << 22)
#define MS_I_VERSION	(1UL << 23)
#define MS_STRICTATIME	(1UL << 24)
#define MS_LAZYTIME	(1UL << 25)
#define MS_MGC_VAL	0xc0ed0000UL
#define MS_MGC_MSK	0xffff0000UL

#define MNT_FORCE	1
#define MNT_DETACH	2
#define MNT_EXPIRE	4
#define UMOUNT_NOFOLLOW	8

/* fsopen(2), fsconfig(2), fsmount(2), fspick(2) */
#define FSOPEN_CLOEXEC		1
#define FSPICK_CLOEXEC		1
#define FSPICK_SYMLINK_NOFOLLOW	2
#define FSPICK_NO_AUTOMOUNT	4
#define FSPICK_EMPTY_PATH	8
#define FSMOUNT_CLOEXEC		1
#define FSCONFIG_SET_FLAG	0
#define FSCONFIG_SET_STRING	1
#define FSCONFIG_SET_BINARY	2
#define FSCONFIG_SET_PATH	3
#define FSCONFIG_SET_PATH_EMPTY	4
#define FSCONFIG_SET_FD		5
#define FSCONFIG_CMD_CREATE	6
#define FSCONFIG_CMD_RECONFIGURE 7
#define FSCONFIG_CMD_CREATE_EXCL 8

#define MOUNT_ATTR_RDONLY	0x1
#define MOUNT_ATTR_NOSUID	0x2
#define MOUNT_ATTR_NODEV	0x4
#define MOUNT_ATTR_NOEXEC	0x8
#define MOUNT_ATTR__ATIME	0x70
#define MOUNT_ATTR_RELATIME	0x00
#define MOUNT_ATTR_NOATIME	0x10
#define MOUNT_ATTR_STRICTATIME	0x20
#define MOUNT_ATTR_NODIRATIME	0x80
#define MOUNT_ATTR_IDMAP	0x100000
#define MOUNT_ATTR_NOSYMFOLLOW	0x200000

struct abi_mount_attr { u64 attr_set, attr_clr, propagation, userns_fd; };
#define MOUNT_ATTR_SIZE_VER0	32
static_assert(sizeof(struct abi_mount_attr) == MOUNT_ATTR_SIZE_VER0, "ABI");

/* open_tree(2), move_mount(2) */
#define OPEN_TREE_CLONE		1
#define OPEN_TREE_CLOEXEC	02000000
#define MOVE_MOUNT_F_SYMLINKS	0x1
#define MOVE_MOUNT_F_AUTOMOUNTS	0x2
#define MOVE_MOUNT_F_EMPTY_PATH	0x4
#define MOVE_MOUNT_T_SYMLINKS	0x10
#define MOVE_MOUNT_T_AUTOMOUNTS	0x20
#define MOVE_MOUNT_T_EMPTY_PATH	0x40
#define MOVE_MOUNT_SET_GROUP	0x100
#define MOVE_MOUNT_BENEATH	0x200

#endif
