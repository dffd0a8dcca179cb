/* SPDX-License-Identifier: MIT */
/*
 * Open files: making, opening a path into one, the last put.
 *
 * Memory of struct file is type-stable across reuse: each CPU keeps a few
 * freed ones for the next open, the others go back to the slab after a grace
 * period. Lockless fdget() may therefore meet a file that was reused: it takes
 * a reference only when the count is not 0 and then looks whether the
 * descriptor still has that file. A new file gets its count last. The locks of
 * a file in the pool are free, and stay as they are.
 *
 * An open file holds its path (mount and dentry), its opener's credentials,
 * and, when opened for writing, a count in the inode (against execve of it)
 * and in the mount (against a read-only remount).
 */
#include <core/assert.h>
#include <core/smp.h>
#include <dev/dev.h>
#include <vfs/vfs.h>
#include <vfs/notify.h>
#include "internal.h"

#define POOL_MAX	16

struct file_pool {
	u32 n;
	s64 nr_files;			/* opened minus closed on this CPU */
	struct file *f[POOL_MAX];
};

static struct slab_cache *file_cache;
static DEFINE_PERCPU(struct file_pool, pool);
u64 files_max;
static const struct file_ops path_fops;	/* O_PATH: can do nothing */

u64
files_nr(void)
{
	s64 n = 0;

	for_each_cpu(c)
		n += per_cpu(pool, c).nr_files;
	return n < 0 ? 0 : n;
}

struct file *
file_alloc_empty(u32 oflags, int *err)
{
	struct file_pool *p = this_cpu_ptr(pool);
	struct file *f;

	if (unlikely(p->nr_files > (s64)(files_max >> 6)) &&
	    files_nr() >= files_max && !capable(CAP_SYS_ADMIN)) {
		*err = -ENFILE;
		return NULL;
	}
	if (likely(p->n)) {
		f = p->f[--p->n];
	} else {
		f = slab_alloc(file_cache, GFP_KERNEL);
		if (!f) {
			*err = -ENOMEM;
			return NULL;
		}
		mutex_init(&f->pos_lock, RANK_FPOS);
		spin_init(&f->lock, RANK_FILES);
	}
	this_cpu(pool).nr_files++;	/* the allocation may have slept */
	f->mode = 0;
	f->flags = oflags;
	f->op = &path_fops;
	f->inode = NULL;
	f->mapping = NULL;
	f->private = NULL;
	f->pos = 0;
	f->path.mnt = NULL;
	f->path.dentry = NULL;
	f->cred = cred_get(current_cred());
	f->ra.start = 0;
	f->ra.size = 0;
	f->ra.prev = 0;
	f->owner.pid = NULL;
	f->owner.type = 0;
	f->owner.sig = 0;
	f->ep_items = NULL;
	barrier();
	refcount_set(&f->count, 1);
	return f;
}

static void
file_free_rcu(struct rcu_head *r)
{
	slab_free(file_cache, container_of(r, struct file, rcu));
}

/* count is 0 */
static __always_inline void
file_free(struct file *f)
{
	struct file_pool *p;

	cred_put(f->cred);
	p = this_cpu_ptr(pool);
	p->nr_files--;
	if (p->n < POOL_MAX)
		p->f[p->n++] = f;
	else
		call_rcu(&f->rcu, file_free_rcu);
}

void
file_free_empty(struct file *f)
{
	if (f->path.mnt || f->mode & FMODE_OPENED) {	/* opened, then failed */
		file_put(f);
		return;
	}
	refcount_set(&f->count, 0);
	file_free(f);
}

/* which operations a special file has; -ENXIO for what nobody drives */
static int
special_ops(struct inode *i, struct file *f)
{
	switch (i->mode & S_IFMT) {
	case S_IFCHR:
		f->op = chrdev_find(i->rdev);
		return f->op ? 0 : -ENXIO;
	case S_IFIFO:
		f->op = &pipe_fops;
		return 0;
	case S_IFSOCK:
	case S_IFBLK:
		return -ENXIO;
	}
	return 0;
}

static bool
is_special(mode_t m)
{
	return S_ISCHR(m) || S_ISBLK(m) || S_ISFIFO(m) || S_ISSOCK(m);
}

static int
take_write(struct file *f)
{
	struct inode *i = f->inode;
	int err;

	if (is_special(i->mode))
		return 0;
	err = inode_write_access(i);
	if (err)
		return err;
	err = mnt_want_write(f->path.mnt);
	if (err) {
		inode_write_access_put(i);
		return err;
	}
	f->mode |= FMODE_WRITER;
	return 0;
}

static void
drop_write(struct file *f)
{
	if (f->mode & FMODE_WRITER) {
		inode_write_access_put(f->inode);
		mnt_drop_write(f->path.mnt);
	} else if (f->mode & FMODE_READER) {
		atomic_dec(&f->inode->readcount);
	}
}

/* modes that follow from the operations, once they are known */
static __always_inline void
set_modes(struct file *f)
{
	mode_t m = f->inode->mode;

	if (!(f->op->flags & FOP_NOLLSEEK))
		f->mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
	else
		f->mode |= FMODE_STREAM;
	if (S_ISREG(m) || S_ISDIR(m))
		f->mode |= FMODE_ATOMIC_POS;
	f->flags &= ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC);
}

int
file_open_path(struct file *f, const struct path *p, bool created)
{
	static const u8 modes[4] = { FMODE_READ, FMODE_WRITE,
		FMODE_READ | FMODE_WRITE, 0 };
	struct inode *i = p->dentry->inode;
	int err;

	f->path = *p;
	f->inode = i;
	f->mapping = i->mapping;
	if (unlikely(f->flags & O_PATH)) {
		f->mode = FMODE_PATH | FMODE_OPENED;
		f->flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
		f->op = &path_fops;
		return 0;
	}
	f->mode = modes[f->flags & O_ACCMODE];
	if (created)
		f->mode |= FMODE_CREATED;
	if (f->mode & FMODE_WRITE) {
		err = take_write(f);
		if (err)
			goto fail;
	} else if (S_ISREG(i->mode)) {
		atomic_inc(&i->readcount);
		f->mode |= FMODE_READER;
	}
	f->op = i->fop;
	err = lease_break(i, f->flags);
	if (unlikely(err))
		goto fail_write;
	if (unlikely(is_special(i->mode))) {
		err = special_ops(i, f);
		if (err)
			goto fail_write;
	}
	if (f->op->open) {
		err = f->op->open(i, f);
		if (err)
			goto fail_write;
	}
	err = -EINVAL;
	if (unlikely(f->flags & O_DIRECT) && S_ISREG(i->mode)) {
		if (f->op->release)
			f->op->release(f);
		goto fail_write;
	}
	f->mode |= FMODE_OPENED;
	set_modes(f);
	return 0;

fail_write:
	drop_write(f);
fail:
	f->path.mnt = NULL;
	f->path.dentry = NULL;
	f->inode = NULL;
	f->mode = 0;
	return err;
}

static __noinline void
file_release(struct file *f)
{
	struct path p = f->path;

	assert_can_sleep();
	if (notify_any() && !(f->mode & FMODE_PATH))
		notify_file(f, f->mode & FMODE_WRITE ? IN_CLOSE_WRITE :
			    IN_CLOSE_NOWRITE);
	if (unlikely(f->ep_items))
		epoll_file_gone(f);
	if (unlikely(f->inode->flctx))
		locks_release(f);
	if (unlikely(f->flags & O_FASYNC) && f->op->fasync)
		f->op->fasync(f, false);
	if (f->op->release)
		f->op->release(f);
	if (unlikely(f->owner.pid))
		pid_put(f->owner.pid);
	drop_write(f);
	file_free(f);
	path_put(&p);
}

void
file_put(struct file *f)
{
	if (refcount_put(&f->count))
		file_release(f);
}

/* -- files without a name ------------------------------------------------ */

int
file_alloc_named(struct vfsmount *m, struct inode *i, const struct qstr *q,
		 const struct dentry_ops *dops, const struct file_ops *op,
		 u32 oflags, struct file **out)
{
	static const u8 modes[4] = { FMODE_READ, FMODE_WRITE,
		FMODE_READ | FMODE_WRITE, 0 };
	struct dentry *d;
	struct file *f;
	int err;

	f = file_alloc_empty(oflags, &err);
	if (!f)
		return err;
	d = d_alloc_pseudo(m->sb, q);
	if (!d) {
		file_free_empty(f);
		return -ENOMEM;
	}
	d->op = dops;
	d->inode = i;
	mnt_get(m);
	f->path = (struct path){ m, d };
	f->inode = i;
	f->mapping = i->mapping;
	f->op = op;
	f->mode = modes[oflags & O_ACCMODE] | FMODE_OPENED;
	set_modes(f);
	f->flags &= ~O_CLOEXEC;
	*out = f;
	return 0;
}

int
file_alloc_inode(struct inode *i, const struct dentry_ops *dops,
		 const struct file_ops *op, u32 oflags, struct file **out)
{
	static const struct qstr none = { "", 0, 0 };
	struct vfsmount *m = pipe_mnt && i->sb == pipe_mnt->sb ? pipe_mnt :
		pseudo_mnt;

	return file_alloc_named(m, i, &none, dops, op, oflags, out);
}

int
file_alloc_pseudo(const char *name, const struct file_ops *op, void *priv,
		  u32 oflags, struct file **out)
{
	char text[48] = "anon_inode:";
	struct qstr q = { text, 0, 0 };
	struct inode *i = pseudo_inode;
	int err;

	/* "[eventfd]", or without brackets "inotify" */
	strlcat(text, name, sizeof(text));
	q.len = strlen(text);
	inode_get(i);
	err = file_alloc_named(pseudo_mnt, i, &q, NULL, op, oflags, out);
	if (err) {
		inode_put(i);
		return err;
	}
	(*out)->private = priv;
	return 0;
}

void
file_init(void)
{
	struct mem_stat ms;

	mem_stat_get(&ms);
	files_max = max_t(u64, 8192, ms.total * (PAGE_SIZE / 1024) / 10);
	file_cache = slab_create("file", sizeof(struct file), 64, 0);
	if (!file_cache)
		panic("file: no memory");
}
