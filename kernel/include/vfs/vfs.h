/* SPDX-License-Identifier: MIT */
/*
 * The VFS as a whole: starting it, and figures for /proc.
 */
#ifndef VFS_VFS_H
#define VFS_VFS_H

#include <core/log.h>
#include <core/smp.h>
#include <lib/types.h>

/*
 * vfs_init - caches and internal mounts; mount_init_rootfs() comes after. The
 * slab, RCU and random must work. T, once, before any other call.
 */
void vfs_init(void);

void dcache_init(void);			/* parts of vfs_init() */
void inode_init(void);
void mount_init(void);
void file_init(void);
void pseudo_init(void);
void pipe_init(void);
void locks_init(void);
void epoll_init(void);
void nsfs_init(void);

/* /proc/sys/fs/{dentry-state,inode-nr,file-nr} */
void dcache_stat(u64 *nr, u64 *unused, u64 *negative);
void inode_stat(u64 *nr, u64 *unused);
/* vfs_sync_all - sync(2). */
void vfs_sync_all(void);
/* vfs_drop_caches - /proc/sys/vm/drop_caches: dentries and inodes not used */
void vfs_drop_caches(void);
extern u32 pipe_max_size;	/* fs.pipe-max-size: bytes, for who is not root */
/* one line a lock, as /proc/locks: false when i is past the last */
bool locks_show(unsigned int i, char *buf, size_t len);
/* initramfs_unpack - archives at [p, p+len) into the root; see initramfs.c */
int initramfs_unpack(const void *p, size_t len, void (*release)(const void *p,
		     size_t len));

#endif
