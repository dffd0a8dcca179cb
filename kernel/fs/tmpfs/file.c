/* SPDX-License-Identifier: MIT */
/*
 * tmpfs file contents. Every page that is cached is charged to the super
 * block; a page that is not there reads as zeros (filemap.c) and is made by
 * the first write or by a fault. Pages that fallocate(2) put there are not
 * uptodate, which reads as zeros, too, and is a hole to lseek(2); all others
 * are uptodate by the time their lock is released.
 *
 * Seals (fcntl(2), "File Sealing") are checked where contents or size change;
 * they are set under i_rwsem, F_SEAL_WRITE only when no writable shared
 * mapping exists.
 */
#include <abi/mman.h>
#include <mm/mm.h>
#include <sched/sched.h>
#include <task/rlimit.h>
#include <task/signal.h>
#include <task/task.h>
#include <vfs/inner.h>
#include <vfs/mount.h>
#include "tmpfs.h"

#define BLOCKS_PER_PAGE	(PAGE_SIZE / 512)

int
tmpfs_charge(struct inode *i, u64 pages)
{
	struct tmpfs_super *s = tmpfs_sb(i->sb);

	if ((u64)atomic64_add_return(&s->used_blocks, pages) >
	    READ_ONCE(s->max_blocks) && s->max_blocks) {
		atomic64_sub(&s->used_blocks, pages);
		return -ENOSPC;
	}
	__atomic_add_fetch(&i->blocks, pages * BLOCKS_PER_PAGE,
			   __ATOMIC_RELAXED);
	return 0;
}

static void
uncharge(struct inode *i, u64 pages)
{
	atomic64_sub(&tmpfs_sb(i->sb)->used_blocks, pages);
	__atomic_sub_fetch(&i->blocks, pages * BLOCKS_PER_PAGE,
			   __ATOMIC_RELAXED);
}

/*
 * A fault may be between its charge and its page: then a page too many is
 * given back here, and the next call (at the latest at eviction, when there
 * are no faults) sets it right.
 */
void
tmpfs_recharge(struct inode *i)
{
	u64 have = i->blocks / BLOCKS_PER_PAGE, pages = i->aspace.nr_pages;

	if (have > pages)
		uncharge(i, have - pages);
	else if (have < pages) {
		atomic64_add(&tmpfs_sb(i->sb)->used_blocks, pages - have);
		__atomic_add_fetch(&i->blocks,
				   (pages - have) * BLOCKS_PER_PAGE,
				   __ATOMIC_RELAXED);
	}
}

/*
 * The page at index, locked and referenced; charged when it is new, and then
 * not uptodate: the caller fills all of it and says so. 0, -ENOSPC, -ENOMEM.
 */
static int
get_page_locked(struct inode *i, u64 index, struct page **out)
{
	struct aspace *a = &i->aspace;
	struct page *p;
	int err;

	p = page_find(a, index);
	if (p) {
		page_lock(p);
		if (likely(p->mapping == a)) {
			*out = p;
			return 0;
		}
		page_unlock(p);
		page_put(p);
	}
	err = tmpfs_charge(i, 1);
	if (err)
		return err;
	p = page_find_or_create(a, index, GFP_USER);
	if (unlikely(!p)) {
		uncharge(i, 1);
		return -ENOMEM;
	}
	if (unlikely(page_test(p, PG_UPTODATE)))
		uncharge(i, 1);		/* another thread made it */
	*out = p;
	return 0;
}

/* the same, zero filled and unlocked */
static int
get_page_zeroed(struct inode *i, u64 index, struct page **out)
{
	struct page *p;
	int err = get_page_locked(i, index, &p);

	if (err)
		return err;
	if (!page_test(p, PG_UPTODATE)) {
		clear_page(page_to_virt(p));
		page_set(p, PG_UPTODATE);
	}
	page_unlock(p);
	*out = p;
	return 0;
}

static int
tmpfs_write_begin(struct aspace *a, loff_t pos, unsigned int len,
		  struct page **out)
{
	struct inode *i = a->host;
	u32 seals = tmpfs_i(i)->seals;

	if (unlikely(seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | F_SEAL_GROW))) {
		if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
			return -EPERM;
		if (pos + len > i->size)
			return -EPERM;
	}
	return get_page_locked(i, pos >> PAGE_SHIFT, out);
}

static int
tmpfs_write_end(struct aspace *a, loff_t pos, unsigned int len,
		unsigned int copied, struct page *p)
{
	struct inode *i = a->host;

	(void)len;
	if (!page_test(p, PG_UPTODATE)) {
		unsigned int off = pos & (PAGE_SIZE - 1);
		u8 *b = page_to_virt(p);

		if (copied < PAGE_SIZE) {
			memset(b, 0, off);
			memset(b + off + copied, 0, PAGE_SIZE - off - copied);
		}
		page_set(p, PG_UPTODATE);
	}
	page_unlock(p);
	page_put(p);
	if (pos + copied > i->size)
		inode_set_size(i, pos + copied);
	return copied;
}

/* only for callers that read pages without knowing us: no limit applies */
static int
tmpfs_readpage(struct aspace *a, struct page *p)
{
	tmpfs_recharge(a->host);	/* unless fallocate(2) has charged it */
	clear_page(page_to_virt(p));
	page_set(p, PG_UPTODATE);
	page_unlock(p);
	return 0;
}

const struct aspace_ops tmpfs_aspace_ops = {
	.readpage = tmpfs_readpage,
	.write_begin = tmpfs_write_begin,
	.write_end = tmpfs_write_end,
	.flags = AS_NO_RECLAIM,
};

/* -- mmap ---------------------------------------------------------------- */

static int
tmpfs_fault(struct vm_fault *vf)
{
	struct inode *i = vf->vma->file->inode;
	struct page *p;

	if (vf->pgoff >= DIV_ROUND_UP((u64)inode_size(i), PAGE_SIZE))
		return -EFAULT;
	p = page_find(&i->aspace, vf->pgoff);
	if (likely(p)) {
		if (likely(page_test(p, PG_UPTODATE))) {
			vf->page = p;
			return 0;
		}
		page_put(p);
	}
	return get_page_zeroed(i, vf->pgoff, &vf->page);
}

static int
tmpfs_mprotect(struct vma *v, unsigned long flags)
{
	u32 seals = tmpfs_i(v->file->inode)->seals;

	if (flags & VM_WRITE && v->flags & VM_SHARED &&
	    seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EACCES;
	return 0;
}

static const struct vm_ops tmpfs_vm_ops = {
	.open = filemap_vm_open,
	.close = filemap_vm_close,
	.fault = tmpfs_fault,
	.map_around = filemap_map_around,
	.page_mkwrite = filemap_page_mkwrite,
	.punch = filemap_vm_punch,
	.mprotect = tmpfs_mprotect,
};

/* shared memory has no times worth keeping */
static const struct vm_ops shm_vm_ops = {
	.open = filemap_vm_open,
	.close = filemap_vm_close,
	.fault = tmpfs_fault,
	.map_around = filemap_map_around,
	.punch = filemap_vm_punch,
};

static int
tmpfs_mmap(struct file *f, struct vma *v)
{
	u32 seals = tmpfs_i(f->inode)->seals;

	if (v->flags & VM_SHARED &&
	    seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) {
		if (v->flags & VM_WRITE)
			return -EPERM;
		v->flags &= ~VM_MAYWRITE;
	}
	v->file = f;
	v->mapping = &f->inode->aspace;
	v->ops = f->inode->flags & S_PRIVATE_F ? &shm_vm_ops : &tmpfs_vm_ops;
	file_get(f);
	file_update_atime(f);
	return 0;
}

/* -- size ---------------------------------------------------------------- */

int
tmpfs_setattr(struct dentry *d, struct iattr *a)
{
	struct inode *i = d->inode;
	u32 seals = tmpfs_i(i)->seals;
	int err = setattr_prepare(d, a);

	if (err)
		return err;
	if (a->valid & ATTR_MODE && seals & F_SEAL_EXEC &&
	    (a->mode ^ i->mode) & S_IXUGO)
		return -EPERM;
	if (a->valid & ATTR_SIZE && S_ISREG(i->mode)) {
		loff_t old = i->size;

		if ((a->size < old && seals & F_SEAL_SHRINK) ||
		    (a->size > old && seals & F_SEAL_GROW))
			return -EPERM;
		inode_set_size(i, a->size);
		if (a->size <= old) {	/* what lies behind the end, too */
			aspace_truncate(&i->aspace, a->size);
			tmpfs_recharge(i);
		} else if (a->size > old && old & (PAGE_SIZE - 1)) {
			/* what a mapping wrote behind the end goes; pages that
			 * fallocate(2) put there stay */
			aspace_punch(&i->aspace, old, ALIGN_UP(old, PAGE_SIZE));
		}
	}
	setattr_copy(i, a);
	return 0;
}

static int
punch(struct inode *i, loff_t off, loff_t len)
{
	if (tmpfs_i(i)->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	aspace_punch(&i->aspace, off, off + len);
	tmpfs_recharge(i);
	return 0;
}

static int
reserve(struct inode *i, int mode, loff_t off, loff_t len)
{
	u64 first = off >> PAGE_SHIFT, end, n, limit;
	struct page *p;
	int err;

	if (!(mode & FALLOC_FL_KEEP_SIZE) && off + len > i->size) {
		limit = rlimit_cur(RLIMIT_FSIZE);
		if ((u64)(off + len) > limit) {
			signal_send_thread(current, SIGXFSZ, SEND_SIG_PRIV);
			return -EFBIG;
		}
		if (tmpfs_i(i)->seals & F_SEAL_GROW)
			return -EPERM;
	}
	end = DIV_ROUND_UP((u64)(off + len), PAGE_SIZE);
	limit = tmpfs_sb(i->sb)->max_blocks;
	if (limit && end - first > limit)
		return -ENOSPC;
	for (n = first; n < end; n++) {
		if (signal_pending(current))
			return -EINTR;
		err = get_page_locked(i, n, &p);
		if (err)
			return err;	/* what was reserved stays */
		page_unlock(p);		/* not uptodate: a hole that is paid */
		page_put(p);
		cond_resched();
	}
	if (!(mode & FALLOC_FL_KEEP_SIZE) && off + len > i->size)
		inode_set_size(i, off + len);
	return 0;
}

static long
tmpfs_fallocate(struct file *f, int mode, loff_t off, loff_t len)
{
	struct inode *i = f->inode;
	long err;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	rwsem_write_lock(&i->rwsem);
	if (mode & FALLOC_FL_PUNCH_HOLE)
		err = punch(i, off, len);
	else
		err = reserve(i, mode, off, len);
	if (!err)
		inode_touch(i, ATTR_CTIME | ATTR_MTIME);
	rwsem_write_unlock(&i->rwsem);
	return err;
}

/* first index >= from with a page that was written, or ~0 */
static u64
next_page(struct aspace *a, u64 from)
{
	struct page *p;
	bool written;

	for (;; from++) {
		if (!page_find_range(a, from, 1, &p))
			return ~0UL;
		from = p->index;
		written = page_test(p, PG_UPTODATE);
		page_put(p);
		if (written)
			return from;
		cond_resched();
	}
}

static loff_t
tmpfs_llseek(struct file *f, loff_t off, int whence)
{
	struct inode *i = f->inode;
	loff_t size;
	u64 n;

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_llseek(f, off, whence);
	rwsem_read_lock(&i->rwsem);
	size = i->size;
	if (off < 0 || off >= size) {
		off = -ENXIO;
	} else if (whence == SEEK_DATA) {
		n = next_page(&i->aspace, off >> PAGE_SHIFT);
		if (n != (u64)off >> PAGE_SHIFT)
			off = n >= (u64)LOFF_MAX >> PAGE_SHIFT ||
				(loff_t)(n << PAGE_SHIFT) >= size ? -ENXIO :
				(loff_t)(n << PAGE_SHIFT);
	} else {
		n = off >> PAGE_SHIFT;
		while (n << PAGE_SHIFT < (u64)size &&
		       next_page(&i->aspace, n) == n) {
			n++;
			cond_resched();
		}
		if (n != (u64)off >> PAGE_SHIFT)
			off = min((loff_t)(n << PAGE_SHIFT), size);
	}
	if (off >= 0)
		f->pos = off;
	rwsem_read_unlock(&i->rwsem);
	return off;
}

static int
tmpfs_fsync(struct file *f, loff_t from, loff_t to, bool datasync)
{
	return 0;		/* memory is all there is */
}

const struct file_ops tmpfs_file_ops = {
	.read_iter = filemap_read_iter,
	.write_iter = filemap_write_iter,
	.mmap = tmpfs_mmap,
	.llseek = tmpfs_llseek,
	.fallocate = tmpfs_fallocate,
	.fsync = tmpfs_fsync,
	.flags = FOP_NOWAIT,
};

/* -- seals --------------------------------------------------------------- */

/* does any mapping of the file allow shared writing? */
static bool
mapped_writable(struct aspace *a)
{
	struct vma *v;
	bool found = false;
	unsigned long f = spin_lock_irqsave(&a->mmap_lock);

	list_for_each_entry(v, &a->i_mmap, map_link)
		if ((v->flags & (VM_SHARED | VM_MAYWRITE)) ==
		    (VM_SHARED | VM_MAYWRITE)) {
			found = true;
			break;
		}
	spin_unlock_irqrestore(&a->mmap_lock, f);
	return found;
}

int
file_add_seals(struct file *f, u32 seals)
{
	struct tmpfs_inode *t = tmpfs_i(f->inode);
	int err = 0;

	if (f->op != &tmpfs_file_ops)
		return -EINVAL;
	if (!(f->mode & FMODE_WRITE))
		return -EPERM;
	if (seals & ~(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
		      F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | F_SEAL_EXEC))
		return -EINVAL;
	rwsem_write_lock(&t->vfs.rwsem);
	if (t->seals & F_SEAL_SEAL)
		err = -EPERM;
	else if (seals & F_SEAL_WRITE && !(t->seals & F_SEAL_WRITE) &&
		 mapped_writable(&t->vfs.aspace))
		err = -EBUSY;
	if (!err) {
		if (seals & F_SEAL_EXEC && t->vfs.mode & S_IXUGO)
			seals |= F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
				F_SEAL_FUTURE_WRITE;
		t->seals |= seals;
	}
	rwsem_write_unlock(&t->vfs.rwsem);
	return err;
}

int
file_get_seals(struct file *f)
{
	if (f->op != &tmpfs_file_ops)
		return -EINVAL;
	return tmpfs_i(f->inode)->seals;
}
