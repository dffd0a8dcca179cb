/* SPDX-License-Identifier: MIT */
/* File capabilities, security.capability: capabilities(7). */
#ifndef ABI_XATTR_H
#define ABI_XATTR_H

#include <lib/types.h>

#define XATTR_NAME_CAPS		"security.capability"

#define VFS_CAP_REVISION_MASK	0xFF000000U
#define VFS_CAP_REVISION_1	0x01000000U
#define VFS_CAP_REVISION_2	0x02000000U
#define VFS_CAP_REVISION_3	0x03000000U
#define VFS_CAP_FLAGS_EFFECTIVE	0x000001U
#define XATTR_CAPS_SZ_1		12
#define XATTR_CAPS_SZ_2		20
#define XATTR_CAPS_SZ_3		24

struct abi_vfs_cap {			/* little endian */
	u32 magic_etc;
	struct { u32 permitted, inheritable; } data[2];
	u32 rootid;			/* revision 3 */
};
static_assert(sizeof(struct abi_vfs_cap) == XATTR_CAPS_SZ_3, "ABI");

#endif
