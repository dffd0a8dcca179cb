/* SPDX-License-Identifier: MIT */
/*
 * Address spaces: made, copied by fork, torn down.
 *
 * users counts threads (and visitors that need the mapping to stay); when it
 * is 0 everything is unmapped. count keeps the struct alive; all users hold
 * one of it together.
 *
 * fork holds the parent's mmap_lock for writing and copies VMA by VMA: first
 * the VMA goes into the child's tree and its file's i_mmap, behind the parent's,
 * then its entries are copied; so truncation, which goes through i_mmap in
 * order, misses no copy. The parent's TLB entries that allow writing are
 * flushed once at the end.
 *
 * At exit no CPU has the page tables loaded any more (mm_arch_leave), so
 * entries are taken out and pages freed at once, without flushes.
 */
#include <abi/errno.h>
#include <lib/string.h>
#include <sched/sched.h>

#include "internal.h"

#define TABLES_END	(USER_MAX + PAGE_SIZE)

static struct slab_cache *mm_cache;
static void (*exe_get)(struct file *f), (*exe_put)(struct file *f);
static void (*aio_end)(struct mm *m);

void
mm_init(void)
{
	mm_cache = slab_create("mm", sizeof(struct mm), 64, 0);
	vma_cache_slab = slab_create("vma", sizeof(struct vma), 8, 0);
	if (!mm_cache || !vma_cache_slab)
		panic("no memory");
	pagecache_init();
}

void
mm_set_aio_hook(void (*end)(struct mm *m))
{
	aio_end = end;
}

void
mm_set_file_hooks(void (*get)(struct file *f), void (*put)(struct file *f))
{
	exe_get = get;
	exe_put = put;
}

/* everything but what is copied from a parent */
static struct mm *
mm_alloc(void)
{
	struct mm *m = slab_alloc(mm_cache, GFP_KERNEL | GFP_ZERO);

	if (!m)
		return NULL;
	if (mm_arch_init(&m->arch)) {
		slab_free(mm_cache, m);
		return NULL;
	}
	refcount_set(&m->users, 1);
	refcount_set(&m->count, 1);
	rwsem_init(&m->mmap_lock, RANK_MMAP);
	spin_init(&m->page_table_lock, RANK_PAGETREE);
	return m;
}

struct mm *
mm_create(void)
{
	struct mm *m = mm_alloc();

	if (m)
		m->mmap_base = ALIGN_DOWN(USER_MAX - (128UL << 20), PAGE_SIZE);
	return m;
}

/* ---- fork ---- */

static void
copy_fields(struct mm *m, const struct mm *old)
{
	m->mmap_base = old->mmap_base;
	m->start_code = old->start_code;
	m->end_code = old->end_code;
	m->start_data = old->start_data;
	m->end_data = old->end_data;
	m->start_brk = old->start_brk;
	m->brk = old->brk;
	m->start_stack = old->start_stack;
	m->arg_start = old->arg_start;
	m->arg_end = old->arg_end;
	m->env_start = old->env_start;
	m->env_end = old->env_end;
	m->vdso = old->vdso;
	m->flags = old->flags & ~(BIT(MMF_OOM_REAPED) | BIT(MMF_HAS_PINNED));
	m->oom_score_adj = old->oom_score_adj;
	memcpy(m->saved_auxv, old->saved_auxv, sizeof(m->saved_auxv));
	m->exe_file = old->exe_file;
	if (m->exe_file && exe_get)
		exe_get(m->exe_file);
	m->user_ns = old->user_ns;
	if (m->user_ns)
		mm_user_ns_get(m->user_ns);
}

static int
fork_vma(struct mm *m, struct mm *old, struct vma *v, struct vma **prev)
{
	u64 nr = (v->end - v->start) >> PAGE_SHIFT;
	struct vma *n;

	if ((v->flags & VM_ACCOUNT) && commit_charge(m, nr))
		return -ENOMEM;
	n = slab_alloc(vma_cache_slab, GFP_KERNEL);
	if (!n) {
		if (v->flags & VM_ACCOUNT)
			commit_uncharge(nr);
		return -ENOMEM;
	}
	*n = *v;
	n->mm = m;
	n->flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
	list_init(&n->map_link);
	if (n->ops && n->ops->open)
		n->ops->open(n);
	vma_insert(m, n, *prev);
	vm_account(m, n->flags, nr);
	*prev = n;
	if (v->flags & VM_WIPEONFORK) {
		n->has_anon = false;
		m->rss_anon.v -= count_anon(old, v);
		return 0;
	}
	return copy_tables(m, old, v);
}

struct mm *
mm_fork(struct mm *old, int *err)
{
	struct vma *v, *prev = NULL;
	struct mm *m = mm_alloc();
	bool flush = false;

	*err = -ENOMEM;
	if (!m)
		return NULL;
	rwsem_write_lock(&old->mmap_lock);
	copy_fields(m, old);
	/*
	 * Every anonymous page of the parent's will be mapped by the child too,
	 * most without being looked at; only what is left out is counted.
	 */
	m->rss_anon.v = old->rss_anon.v;
	*err = 0;
	mm_for_each_vma(old, v) {
		if (v->flags & VM_DONTCOPY) {
			m->rss_anon.v -= count_anon(old, v);
			continue;
		}
		flush |= v->has_anon;
		*err = fork_vma(m, old, v, &prev);
		if (*err)
			break;
	}
	m->hiwater_rss = mm_rss(m);
	m->hiwater_vm = m->total_vm;
	if (flush)
		tlb_flush_mm(&old->arch);
	rwsem_write_unlock(&old->mmap_lock);
	if (!*err)
		return m;
	mm_put_user(m);
	return NULL;
}

/* ---- the end ---- */

static void
unmap_all(struct mm *m)
{
	struct rb_node *n, *next;
	struct tlb_gather g;
	struct vma *v;

	gather_init(&g, m, true);
	mm_for_each_vma(m, v)
		zap_range(&g, v->start, v->end);
	mm_for_each_vma(m, v)
		vma_unlink_file(v);
	/* in order: what the next VMA needs too is freed with that one */
	for (v = vma_find(m, 0); v; v = rb_entry_safe(n, struct vma, node)) {
		n = rb_next(&v->node);
		free_tables(&g, v->start, v->end, 0, n ?
			    rb_entry(n, struct vma, node)->start : TABLES_END);
	}
	gather_flush(&g);
	DEBUG_ASSERT(!m->nr_ptes.v);
	rb_for_each_postorder_safe(n, next, &m->vmas) {
		u64 nr;

		v = rb_entry(n, struct vma, node);
		nr = (v->end - v->start) >> PAGE_SHIFT;
		if (v->flags & VM_ACCOUNT)
			commit_uncharge(nr);
		if (v->flags & VM_LOCKED)
			mem_count(MC_MLOCK, -(s64)nr);
		if (v->ops && v->ops->close)
			v->ops->close(v);
		vma_free(v);
	}
	m->vmas = RB_ROOT;
	m->vma_cache = NULL;
	m->nr_vmas = 0;
}

void
mm_put_user(struct mm *m)
{
	if (!refcount_put(&m->users))
		return;
	if (unlikely(m->aio))
		aio_end(m);
	mm_arch_leave(&m->arch);
	unmap_all(m);
	if (m->exe_file && exe_put)
		exe_put(m->exe_file);
	m->exe_file = NULL;
	mm_put(m);
}

void
mm_put(struct mm *m)
{
	if (!refcount_put(&m->count))
		return;
	mm_arch_destroy(&m->arch);
	if (m->user_ns)
		mm_user_ns_put(m->user_ns);
	slab_free(mm_cache, m);
}
