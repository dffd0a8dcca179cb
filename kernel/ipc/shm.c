// SPDX-License-Identifier: MIT
/*
 * System V shared memory, shmget(2), shmat(2): a segment is an unnamed file
 * of the internal tmpfs, whose mappings are counted.
 *
 * A mapping's VMA has the file as any shared mapping has; its operations are
 * the file's, wrapped to count: each VMA is one attachment, so fork, exit,
 * execve, mremap and a munmap that splits are counted like shmat and shmdt.
 * VMAs are never merged again, as the count would not say why. While shmat
 * maps, it holds an attachment of its own, so the segment stays.
 *
 * A segment is removed by IPC_RMID: at once without attachments, else the mode
 * gets SHM_DEST, the key is forgotten, and the last detach removes it. With
 * kernel.shm_rmid_forced the last detach always does, and segments that were
 * never attached go when their creator ends.
 *
 * References: the table has one, each VMA one (private). The file is put with
 * the last one. Memory is promised (overcommit) for the whole segment when it
 * is made, unless SHM_NORESERVE.
 *
 * Locking: see local.h. Detaching happens with mmap_lock held or not, so it
 * takes spin locks only; putting the file, which sleeps, is the last step.
 */
#include <abi/mman.h>
#include <core/log.h>
#include <ipc/sysv.h>
#include <lib/printf.h>
#include <mm/mm.h>
#include <mm/pagecache.h>
#include <task/rlimit.h>
#include <vfs/file.h>
#include <vfs/inner.h>
#include "local.h"

static inline struct ipc_ids *
shm_ids(struct ipc_ns *ns)
{
	return &ns->ids[IPC_SHM];
}

void
shm_put(struct shm_seg *s)
{
	if (!refcount_put(&s->perm.count))
		return;
	if (s->charged)
		mm_commit_uncharge(s->pages);
	if (s->locker) {
		atomic64_sub(&s->locker->locked_pages, s->pages);
		user_put(s->locker);
	}
	file_put(s->file);
	ipc_free_rcu(&s->perm);
}

void
shm_destroy(struct shm_seg *s)
{
	atomic64_sub(&s->ns->shm_pages, s->pages);
	ipc_remove(shm_ids(s->ns), &s->perm);
	s->ns = NULL;
	spin_unlock(&s->perm.lock);
	shm_put(s);
}

static bool
may_destroy(const struct shm_seg *s)
{
	return !s->perm.deleted && !s->nattch &&
		(s->ns->shm_rmid_forced || s->perm.mode & SHM_DEST);
}

/* ---- attachments ---- */

static void
attach_locked(struct shm_seg *s)
{
	s->atime = ipc_now();
	s->lpid = pid_nr(current->tgid);
	s->nattch++;
}

static void
detach(struct shm_seg *s)
{
	spin_lock(&s->perm.lock);
	s->dtime = ipc_now();
	s->lpid = pid_nr(current->tgid);
	s->nattch--;
	if (may_destroy(s))
		shm_destroy(s);
	else
		spin_unlock(&s->perm.lock);
	shm_put(s);
}

static void
shm_vm_open(struct vma *v)
{
	struct shm_seg *s = v->private;

	s->base->open(v);
	spin_lock(&s->perm.lock);
	ipc_get(&s->perm);
	attach_locked(s);
	spin_unlock(&s->perm.lock);
}

static void
shm_vm_close(struct vma *v)
{
	struct shm_seg *s = v->private;

	s->base->close(v);
	detach(s);
}

static int
shm_vm_fault(struct vm_fault *vf)
{
	struct shm_seg *s = vf->vma->private;

	return s->base->fault(vf);
}

static unsigned int
shm_vm_around(struct vma *v, u64 pgoff, unsigned int n, struct page **pages)
{
	struct shm_seg *s = v->private;

	return s->base->map_around(v, pgoff, n, pages);
}

static int
shm_vm_punch(struct vma *v, u64 off, u64 len)
{
	struct shm_seg *s = v->private;

	return s->base->punch(v, off, len);
}

static const struct vm_ops shm_vm_ops = {
	.open = shm_vm_open,
	.close = shm_vm_close,
	.fault = shm_vm_fault,
	.map_around = shm_vm_around,
	.punch = shm_vm_punch,
	.no_merge = true,
};

/* mm_mmap's call: as the file maps itself, and counted */
static int
shm_map(struct file *f, struct vma *v)
{
	struct shm_seg *s = f->private;
	int err = f->op->mmap(f, v);

	if (err)
		return err;
	spin_lock(&s->perm.lock);
	s->base = v->ops;
	ipc_get(&s->perm);
	attach_locked(s);
	spin_unlock(&s->perm.lock);
	v->ops = &shm_vm_ops;
	v->private = s;
	return 0;
}

static int
attach_flags(vaddr_t *addr, int flags, int *map)
{
	*map = MAP_SHARED;
	if (!*addr)
		return flags & SHM_REMAP ? -EINVAL : 0;
	if (!IS_ALIGNED(*addr, PAGE_SIZE)) {
		if (!(flags & SHM_RND))
			return -EINVAL;
		*addr = ALIGN_DOWN(*addr, PAGE_SIZE);
		if (!*addr && flags & SHM_REMAP)
			return -EINVAL;
	}
	*map |= flags & SHM_REMAP ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	return 0;
}

int
shm_attach(int id, vaddr_t addr, int flags, vaddr_t *raddr)
{
	int prot = PROT_READ | (flags & SHM_RDONLY ? 0 : PROT_WRITE) |
		(flags & SHM_EXEC ? PROT_EXEC : 0);
	int want = prot & PROT_WRITE ? 0600 : 0400;
	struct vm_backing b = { .mmap = shm_map };
	struct ipc_perm *p;
	struct shm_seg *s;
	int map, err;

	if (id < 0)
		return -EINVAL;
	err = attach_flags(&addr, flags, &map);
	if (err)
		return err;
	err = ipc_lock(shm_ids(current_ipc_ns()), id, &p);
	if (err)
		return err;
	err = ipc_access(p, want | (prot & PROT_EXEC ? 0100 : 0));
	if (err) {
		spin_unlock(&p->lock);
		return err;
	}
	s = shm_seg(p);
	ipc_get(p);
	s->nattch++;			/* so that it stays */
	spin_unlock(&p->lock);
	b.file = s->file;
	b.may = VM_MAYREAD | VM_MAYEXEC |
		(flags & SHM_RDONLY ? 0 : VM_MAYWRITE);
	err = mm_mmap(current_mm(), &addr, s->size, prot, map, &b, 0);
	if (!err)
		*raddr = addr;
	else if (err == -EEXIST ||
		 (err == -ENOMEM && addr + s->size < addr))
		err = -EINVAL;
	spin_lock(&p->lock);
	s->nattch--;
	if (may_destroy(s))
		shm_destroy(s);
	else
		spin_unlock(&p->lock);
	shm_put(s);
	return err;
}

/* ---- shmdt(2) ---- */

struct detach_what { vaddr_t addr; struct shm_seg *seg; };

/* a piece of what was attached at addr: of the first one's segment only */
static int
is_piece(const struct vma *v, void *arg)
{
	struct detach_what *w = arg;

	if (w->seg && v->start - w->addr >= w->seg->size)
		return -1;
	if (v->ops != &shm_vm_ops ||
	    v->start - w->addr != v->pgoff << PAGE_SHIFT)
		return 0;
	if (!w->seg)
		w->seg = v->private;
	return v->private == w->seg &&
		v->end - w->addr <= ALIGN_UP(w->seg->size, PAGE_SIZE);
}

int
shm_detach(vaddr_t addr)
{
	struct detach_what w = { .addr = addr };

	if (!IS_ALIGNED(addr, PAGE_SIZE) || addr > USER_MAX)
		return -EINVAL;
	return mm_munmap_pieces(current_mm(), addr, is_piece, &w);
}

/* ---- making ---- */

/* SHM_HUGETLB: there is no pool of huge pages, as on a Linux whose is empty */
static int
huge_errno(int flags)
{
	int shift = (u32)flags >> SHM_HUGE_SHIFT & SHM_HUGE_MASK;

	if (shift && shift != 21 && shift != 30)
		return -EINVAL;
	return capable(CAP_IPC_LOCK) ? -ENOMEM : -EPERM;
}

static int
seg_create(struct ipc_ns *ns, s32 key, size_t size, int flags,
	   struct shm_seg **out)
{
	u64 pages = DIV_ROUND_UP(size, PAGE_SIZE);
	char name[16];
	struct shm_seg *s;
	int err;

	if (size < 1 || size > ns->shmmax)
		return -EINVAL;
	if (size > S64_MAX - PAGE_SIZE)
		return -EINVAL;
	if (pages + (u64)atomic64_read(&ns->shm_pages) > ns->shmall)
		return -ENOSPC;
	if (flags & SHM_HUGETLB)
		return huge_errno(flags);
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	ipc_perm_init(&s->perm, key, flags);
	s->ns = ns;
	s->size = size;
	s->pages = pages;
	s->ctime = ipc_now();
	s->cpid = pid_nr(current->tgid);
	s->creator = current;
	if (!(flags & SHM_NORESERVE) || overcommit_policy == 2) {
		err = mm_commit_charge(pages);
		if (err)
			goto out_free;
		s->charged = true;
	}
	snprintf(name, sizeof(name), "SYSV%08x", (u32)key);
	err = shmem_create_file(name, size, &s->file);
	if (err)
		goto out_commit;
	s->file->private = s;		/* borrowed: the file is only ours */
	*out = s;
	return 0;

out_commit:
	if (s->charged)
		mm_commit_uncharge(pages);
out_free:
	kfree(s);
	return err;
}

static int
seg_new(struct ipc_ns *ns, s32 key, size_t size, int flags)
{
	struct shm_seg *s;
	int id = seg_create(ns, key, size, flags, &s);

	if (id)
		return id;
	id = ipc_add(shm_ids(ns), &s->perm, READ_ONCE(ns->shmmni));
	if (id < 0) {
		shm_put(s);
		return id;
	}
	s->file->inode->ino = (u32)id;	/* as /proc/PID/maps of Linux shows */
	atomic64_add(&ns->shm_pages, s->pages);
	spin_unlock(&s->perm.lock);
	current->shm_creator = true;
	return id;
}

int
shm_get(s32 key, size_t size, int flags)
{
	struct ipc_ns *ns = current_ipc_ns();
	struct ipc_perm *p = NULL;
	int r;

	mutex_lock(&shm_ids(ns)->mutex);
	if (key != IPC_PRIVATE)
		p = ipc_find_key(shm_ids(ns), key);
	if (!p) {
		r = key == IPC_PRIVATE || flags & IPC_CREAT ?
			seg_new(ns, key, size, flags) : -ENOENT;
	} else {
		r = -EEXIST;
		if ((flags & (IPC_CREAT | IPC_EXCL)) !=
		    (IPC_CREAT | IPC_EXCL))
			r = shm_seg(p)->size < size ? -EINVAL :
				ipc_get_check(p, flags);
		if (!r)
			r = p->id;
		spin_unlock(&p->lock);
	}
	mutex_unlock(&shm_ids(ns)->mutex);
	return r;
}

/* ---- without a call ---- */

static void
for_each_seg(struct ipc_ns *ns, bool (*doomed)(struct shm_seg *s, void *arg),
	     void *arg)
{
	struct ipc_ids *ids = shm_ids(ns);

	for (int i = 0; i <= READ_ONCE(ids->max_idx); i++) {
		struct ipc_perm *p = ipc_lock_index(ids, i);

		if (p && doomed(shm_seg(p), arg))
			shm_destroy(shm_seg(p));
		else if (p)
			spin_unlock(&p->lock);
		cond_resched();
	}
}

static bool
lose_creator(struct shm_seg *s, void *t)
{
	if (s->creator != t)
		return false;
	s->creator = NULL;
	return may_destroy(s);
}

void
shm_exit_task(struct task *t)
{
	for_each_seg(current_ipc_ns(), lose_creator, t);
}

static bool
is_orphan(struct shm_seg *s, void *arg)
{
	(void)arg;
	return !s->creator && may_destroy(s);
}

void
shm_destroy_orphans(struct ipc_ns *ns)
{
	for_each_seg(ns, is_orphan, NULL);
}

/* the rest stays until the last detach, known to nobody */
static bool
leave_ns(struct shm_seg *s, void *arg)
{
	(void)arg;
	return s->ns;
}

void
shm_ns_exit(struct ipc_ns *ns)
{
	for_each_seg(ns, leave_ns, NULL);
}
