/* SPDX-License-Identifier: MIT */
/*
 * Files without a name on an internal tmpfs: memfd_create(2), and the backing
 * of shared anonymous mappings and of /dev/zero mapped shared.
 */
#include <core/assert.h>
#include <core/initcall.h>
#include <lib/printf.h>
#include <mm/mm.h>
#include <vfs/inner.h>
#include <vfs/mount.h>
#include "tmpfs.h"

#define MFD_NAME_MAX	249	/* memfd_create(2) */

static struct vfsmount *shm_mnt;

/* "/memfd:name (deleted)", as if it had been unlinked */
static char *
shm_dname(struct dentry *d, char *buf, size_t len)
{
	char t[NAME_MAX + 16];
	int n = scnprintf(t, sizeof(t), "/%s (deleted)", d->name.name);

	if ((size_t)n + 1 > len)
		return NULL;
	memcpy(buf + len - n - 1, t, n + 1);
	return buf + len - n - 1;
}

static const struct dentry_ops shm_dentry_ops = { .dname = shm_dname };

static int
shm_file(const char *name, loff_t size, mode_t mode, u32 seals, u32 oflags,
	 struct file **out)
{
	struct qstr q = { name, strlen(name), 0 };
	struct inode *i;
	int err;

	if (!shm_mnt)
		return -ENODEV;
	i = tmpfs_inode_new(shm_mnt->sb, NULL, S_IFREG | mode, 0);
	if (!i)
		return -ENOSPC;
	i->nlink = 0;
	i->size = size;
	tmpfs_i(i)->seals = seals;
	err = file_alloc_named(shm_mnt, i, &q, &shm_dentry_ops,
			       &tmpfs_file_ops, oflags, out);
	if (err)
		inode_put(i);
	return err;
}

int
memfd_create_file(const char *name, u32 flags, struct file **out)
{
	char full[NAME_MAX + 1];
	mode_t mode = S_IRWXUGO;
	u32 seals = F_SEAL_SEAL;

	if (strlen(name) > MFD_NAME_MAX)
		return -EINVAL;
	if (flags & (MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL))
		seals = 0;
	if (flags & MFD_NOEXEC_SEAL) {
		seals |= F_SEAL_EXEC;
		mode &= ~S_IXUGO;
	}
	snprintf(full, sizeof(full), "memfd:%s", name);
	return shm_file(full, 0, mode, seals, O_RDWR | O_LARGEFILE, out);
}

int
shmem_create_file(const char *name, loff_t size, struct file **out)
{
	int err = shm_file(name, size, S_IRWXUGO, F_SEAL_SEAL, O_RDWR, out);

	if (err)
		return err == -ENOSPC ? -ENOMEM : err;
	(*out)->inode->flags |= S_PRIVATE_F;
	return 0;
}

static int
shm_make(size_t len, struct vm_backing *out)
{
	struct file *f;
	int err = shmem_create_file("dev/zero", len, &f);

	if (err)
		return err;
	out->file = f;
	out->mmap = f->op->mmap;
	out->may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
	out->release = file_put;
	return 0;
}

static void
shm_init(void)
{
	struct tmpfs_super *s;

	if (kern_mount(&tmpfs_type, &shm_mnt))
		panic("shm: no memory");
	s = tmpfs_sb(shm_mnt->sb);
	s->max_blocks = 0;		/* memory is the limit */
	s->max_inodes = 0;
	mm_set_shmem(shm_make);
}

INITCALL(INIT_CORE, shm_init);
