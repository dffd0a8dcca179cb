/* SPDX-License-Identifier: MIT */
/*
 * Address spaces against a model. Up to five of them, related by fork, map
 * anonymous memory and one file, privately and shared, in a window of a few
 * page tables; random calls change the mappings, and after each some pages
 * are read or written through an emulated MMU. Its TLB keeps what it has seen
 * until it is told to flush, so a forgotten flush shows as wrong data. The
 * model is an array that says for each page of the window what must be there.
 * Where they fit, huge pages come and go below all that.
 */
#include <abi/errno.h>
#include <abi/mman.h>
#include <abi/signal.h>
#include <arch/upcall.h>
#include <lib/string.h>
#include "mm_world.h"

void test_space(void);
void test_space_starved(void);

#define WIN	0x400000000UL
#define PAGES	6144
#define SPACES	5
#define FILE_PAGES 600U
#define MAPERR	(SIGSEGV << 16 | SEGV_MAPERR)
#define ACCERR	(SIGSEGV << 16 | SEGV_ACCERR)
#define ADRERR	(SIGBUS << 16 | BUS_ADRERR)

enum kind { NONE, ANON, PRIVATE, SHARED };
struct mpage { u8 kind, prot; bool own; u32 val, pgoff; };

static struct space {
	struct mm *m;
	struct mpage pg[PAGES];
	pte_t tlb[PAGES];
} space[SPACES];
static struct aspace file;
static u32 file_val[FILE_PAGES], file_size;	/* size in pages */
static int vmas_open;
static bool starved;
static bool bad;		/* a check failed: stop */

#define MUST(e)	do { if (!CHECK(e)) { bad = true; return; } } while (0)

static inline vaddr_t
addr_of(int i)
{
	return WIN + i * PAGE_SIZE;
}

/* ---- the file ---- */

static int
file_readpage(struct aspace *a, struct page *p)
{
	clear_page(page_to_virt(p));
	*(u32 *)page_to_virt(p) = file_val[p->index];
	page_set(p, PG_UPTODATE);
	page_unlock(p);
	return 0;
}

static int
file_writepage(struct aspace *a, struct page *p)
{
	CHECK(*(u32 *)page_to_virt(p) == file_val[p->index]);
	page_end_writeback(p);
	return 0;
}

static const struct aspace_ops file_aops = {
	.readpage = file_readpage, .writepage = file_writepage,
};

static void file_open(struct vma *v) { vmas_open++; }
static void file_close(struct vma *v) { vmas_open--; }

static int
file_fault(struct vm_fault *vf)
{
	if (vf->pgoff >= file_size)
		return -EFAULT;
	return page_read(&file, vf->pgoff, &vf->page);
}

static unsigned int
file_around(struct vma *v, u64 pgoff, unsigned int n, struct page **pages)
{
	if (pgoff >= file_size)
		return 0;
	return page_find_around(&file, pgoff, min_t(u64, n, file_size - pgoff),
				pages);
}

static const struct vm_ops file_vm_ops = {
	.open = file_open, .close = file_close, .fault = file_fault,
	.map_around = file_around,
};

static int
file_mmap(struct file *f, struct vma *v)
{
	v->ops = &file_vm_ops;
	v->mapping = &file;
	v->file = f;
	vmas_open++;
	return 0;
}

static const struct vm_backing file_backing = {
	.file = (void *)&file, .mmap = file_mmap,
	.may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC,
};

/* ---- the MMU ---- */

static void
forget(struct mm_arch *m, vaddr_t start, vaddr_t end)
{
	for (int c = 0; c < SPACES; c++) {
		if (!space[c].m || &space[c].m->arch != m)
			continue;
		for (int i = 0; i < PAGES; i++)
			if (addr_of(i) >= (start & PAGE_MASK) &&
			    addr_of(i) < end)
				space[c].tlb[i] = 0;
	}
}

/* page i's entry if it allows the access, with what the CPU sets */
static pte_t
walk(struct mm *m, int i, bool write)
{
	pte_t *pde = pde_find(m, addr_of(i)), *pt;

	if (!pde || !(*pde & PTE_P))
		return 0;
	if (*pde & PTE_PS)
		return pt_read(m, addr_of(i));
	pt = pde_table(*pde) + PT_INDEX(addr_of(i), 0);
	if (!(*pt & PTE_P) || (write && !(*pt & *pde & PTE_W)))
		return 0;
	*pt |= PTE_A | (write ? PTE_D : 0);
	return *pde & PTE_W ? *pt : *pt & ~PTE_W;
}

/* 0 and *val, or mm_fault's answer */
static int
touch(struct space *s, int i, bool write, u32 *val)
{
	for (int tries = 0; tries < 10; tries++) {
		pte_t e = s->tlb[i];
		u32 *w;
		int r;

		if (!e || (write && !(e & PTE_W)))
			e = s->tlb[i] = walk(s->m, i, write);
		if (e) {
			w = phys_to_virt(e & PTE_ADDR);
			if (write)
				*w = *val;
			else
				*val = *w;
			return 0;
		}
		world_current = s->m;
		r = mm_fault(NULL, addr_of(i), 4 | (write ? 2 : 0));
		if (r)
			return r;
	}
	return -1;
}

/* what the model says of an access: 0 or the fault */
static int
expect(const struct mpage *p, bool write)
{
	if (p->kind == NONE)
		return MAPERR;
	if (!p->prot || (write && !(p->prot & PROT_WRITE)))
		return ACCERR;
	if (p->kind != ANON && !p->own && p->pgoff >= file_size)
		return ADRERR;
	return 0;
}

static inline u32
value(const struct mpage *p)
{
	return p->kind == ANON || p->own ? p->val : file_val[p->pgoff];
}

static void
written(struct mpage *p, u32 v)
{
	if (p->kind == SHARED) {
		file_val[p->pgoff] = v;
	} else {
		p->val = v;
		p->own = true;
	}
}

static void
access_one(struct space *s, int i, bool write)
{
	struct mpage *p = &s->pg[i];
	u32 v = (u32)unit_random() | 1;
	int r = touch(s, i, write, &v);

	if (starved && r && !expect(p, write))
		return;
	MUST(r == expect(p, write) || starved);
	if (r)
		return;
	if (write)
		written(p, v);
	else
		MUST(v == value(p));
}

/* ---- the structures themselves ---- */

static void
check_space(struct space *s)
{
	s64 anon = 0, cache = 0;
	struct vma *v;
	vaddr_t prev = 0;
	u32 n = 0;

	mm_for_each_vma(s->m, v) {
		vaddr_t g = v->hole;

		MUST(v->start < v->end && v->hole == v->start - prev);
		if (v->node.left)
			g = max(g, rb_entry(v->node.left, struct vma,
					    node)->gap);
		if (v->node.right)
			g = max(g, rb_entry(v->node.right, struct vma,
					    node)->gap);
		MUST(g == v->gap);
		prev = v->end;
		n++;
	}
	MUST(n == s->m->nr_vmas);
	for (int i = 0; i < PAGES; i++) {
		pte_t e = pt_read(s->m, addr_of(i));
		struct page *p;

		if (!e || (e & PTE_SPECIAL))
			continue;
		MUST(e & PTE_LIVE);
		p = pte_page(e);
		MUST(atomic_read(&p->mapcount) > 0 && atomic_read(&p->refcount)
		     >= atomic_read(&p->mapcount));
		if (page_test(p, PG_ANON))
			anon++;
		else
			cache++;
	}
	MUST(s->m->rss_anon.v == anon && s->m->rss_file.v == cache);
}

static void
drop_space(struct space *s)
{
	mm_put_user(s->m);
	s->m = NULL;
	memset(s->tlb, 0, sizeof(s->tlb));
	memset(s->pg, 0, sizeof(s->pg));
}

/* ---- operations: false when the space is in doubt (no memory half way) ---- */

static void
pick_range(int *at, int *n)
{
	static const int whole[] = { 512, 1024, 2048 };

	if (!unit_below(4)) {
		*n = whole[unit_below(3)];
		*at = unit_below((PAGES - *n) / 512) * 512;
	} else {
		*n = 1 + unit_below(unit_below(3) ? 40 : 600);
		*at = unit_below(PAGES - *n);
	}
}

static int
pick_prot(void)
{
	static const int p[] = { 0, 1, 3, 3, 3 };

	return p[unit_below(5)];
}

static bool
op_map(struct space *s, int at, int n)
{
	int kind = ANON + unit_below(3), prot = pick_prot();
	u32 off = unit_below(FILE_PAGES - 50);
	vaddr_t a = addr_of(at);

	if (mm_mmap(s->m, &a, n * PAGE_SIZE, prot, MAP_FIXED |
		    (kind == SHARED ? MAP_SHARED : MAP_PRIVATE),
		    kind == ANON ? NULL : &file_backing, off))
		return false;
	for (int i = 0; i < n; i++)
		s->pg[at + i] = (struct mpage){ .kind = kind, .prot = prot,
			.pgoff = off + i };
	return true;
}

static bool
op_unmap(struct space *s, int at, int n)
{
	if (mm_munmap(s->m, addr_of(at), n * PAGE_SIZE))
		return false;
	for (int i = 0; i < n; i++)
		s->pg[at + i].kind = NONE;
	return true;
}

static bool
op_protect(struct space *s, int at, int n)
{
	int prot = pick_prot(), r, i;

	r = mm_mprotect(s->m, addr_of(at), n * PAGE_SIZE, prot);
	for (i = 0; i < n && s->pg[at + i].kind; i++)
		s->pg[at + i].prot = prot;
	return r == (i < n ? -ENOMEM : 0);
}

static bool
op_dontneed(struct space *s, int at, int n)
{
	bool hole = false;
	int r = mm_madvise(s->m, addr_of(at), n * PAGE_SIZE, MADV_DONTNEED);

	for (int i = 0; i < n; i++) {
		hole |= !s->pg[at + i].kind;
		s->pg[at + i].own = false;
		s->pg[at + i].val = 0;
	}
	return r == (hole ? -ENOMEM : 0);
}

static bool
op_move(struct space *s, int at, int n)
{
	struct vma *v = vma_find(s->m, addr_of(at));
	int to = unit_below(PAGES - n);
	vaddr_t out;

	if (unit_below(2))
		to = ALIGN_DOWN(to, 512);
	if ((to < at + n && at < to + n) || !v || v->start > addr_of(at) ||
	    v->end < addr_of(at + n))
		return true;
	if (mm_mremap(s->m, addr_of(at), n * PAGE_SIZE, n * PAGE_SIZE,
		      MREMAP_MAYMOVE | MREMAP_FIXED, addr_of(to), &out))
		return false;
	CHECK(out == addr_of(to));
	memcpy(&s->pg[to], &s->pg[at], n * sizeof(s->pg[0]));
	for (int i = 0; i < n; i++)
		s->pg[at + i].kind = NONE;
	return true;
}

static bool
op_fork(struct space *s, int at, int n)
{
	struct space *d = &space[unit_below(SPACES)];
	int err;

	if (d == s)
		return true;
	if (d->m)
		drop_space(d);
	d->m = mm_fork(s->m, &err);
	if (d->m)
		memcpy(d->pg, s->pg, sizeof(d->pg));
	return d->m || err == -ENOMEM;
}

/* from outside: rights do not matter, but for writing to shared pages */
static bool
op_access(struct space *s, int at, int n)
{
	struct mpage *p = &s->pg[at];
	u32 v = 0, w = (u32)unit_random();
	bool there = p->kind && (p->kind == ANON || p->own ||
				 p->pgoff < file_size);
	bool may = there && (p->kind != SHARED || (p->prot & PROT_WRITE));
	ssize_t r = mm_access(s->m, addr_of(at), &v, 4, false);

	if (starved)
		return true;
	CHECK(r == (there ? 4 : -EFAULT));
	if (there)
		CHECK(v == value(p));
	r = mm_access(s->m, addr_of(at), &w, 4, true);
	CHECK(r == (may ? 4 : -EFAULT));
	if (may)
		written(p, w);
	return true;
}

/* a mapping elsewhere that grows or shrinks where it is or by moving */
static bool
op_resize(struct space *s, int at, int n)
{
	size_t len = n * PAGE_SIZE, new = (1 + unit_below(700)) * PAGE_SIZE;
	vaddr_t a = 0, out;
	u32 v = 7, w = 0;
	bool in;

	if (mm_mmap(s->m, &a, len, PROT_READ | PROT_WRITE, MAP_PRIVATE, NULL,
		    0))
		return true;
	in = mm_access(s->m, a, &v, 4, true) == 4;
	if (mm_mremap(s->m, a, len, new, MREMAP_MAYMOVE, 0, &out)) {
		out = a;
		new = len;
	}
	if (in) {
		CHECK(mm_access(s->m, out, &w, 4, false) == 4 && w == v);
	}
	return !mm_munmap(s->m, out, new);
}

static bool
op_truncate(struct space *s, int at, int n)
{
	u32 size = unit_below(FILE_PAGES);

	for (u32 i = size; i < FILE_PAGES; i++)
		file_val[i] = 0;
	file_size = size;
	aspace_truncate(&file, (loff_t)size << PAGE_SHIFT);
	for (int c = 0; c < SPACES; c++) {
		for (int i = 0; space[c].m && i < PAGES; i++) {
			struct mpage *p = &space[c].pg[i];

			if (p->kind == PRIVATE && p->pgoff >= size)
				p->own = false;
		}
	}
	file_size = unit_below(2) ? FILE_PAGES : size;
	return true;
}

static bool
op_lock(struct space *s, int at, int n)
{
	mm_mlock(s->m, addr_of(at), n * PAGE_SIZE, true, true);
	mm_mlock(s->m, addr_of(at), n * PAGE_SIZE, false, false);
	return true;
}

/* huge or not is nothing that the model can see */
static bool
op_huge(struct space *s, int at, int n)
{
	static const int advice[] = { MADV_HUGEPAGE, MADV_NOHUGEPAGE };
	bool hole = false;
	int r;

	if (!unit_below(4)) {
		thp_policy = unit_below(3);
		return true;
	}
	for (int i = 0; i < n; i++)
		hole |= !s->pg[at + i].kind;
	r = mm_madvise(s->m, addr_of(at), n * PAGE_SIZE,
		       advice[unit_below(2)]);
	return r == (hole ? -ENOMEM : 0);
}

static bool
op_reclaim(struct space *s, int at, int n)
{
	reclaim_pages(1 + unit_below(200));
	return true;
}

static bool
op_writeback(struct space *s, int at, int n)
{
	CHECK(!aspace_writeback(&file, 0, LOFF_MAX, true));
	return true;
}

static bool
op_check(struct space *s, int at, int n)
{
	check_space(s);
	for (int i = 0; i < PAGES && !bad; i++)
		access_one(s, i, false);
	return true;
}

static bool
op_exit(struct space *s, int at, int n)
{
	if (s != &space[0])
		drop_space(s);
	return true;
}

typedef bool (*op_fn)(struct space *s, int at, int n);
static const op_fn ops[] = {
	op_map, op_map, op_map, op_map, op_unmap, op_unmap, op_protect,
	op_protect, op_dontneed, op_move, op_move, op_fork, op_fork, op_access,
	op_huge, op_resize, op_truncate, op_lock, op_reclaim, op_writeback, op_check,
	op_exit,
};

static void
run(int rounds, bool starving)
{
	bool lack = false;

	for (int it = 0; it < rounds && !bad; it++) {
		struct space *s = &space[unit_below(SPACES)];
		int at, n;
		bool ok;

		if (!s->m)
			continue;
		if (starving && !unit_below(20)) {
			lack = !lack;
			world_starve(lack);
		}
		starved = lack;
		world_current = s->m;
		pick_range(&at, &n);
		ok = ops[unit_below(ARRAY_SIZE(ops))](s, at, n);
		CHECK(ok || starved);
		if (!ok) {
			/* done in part, as it may after -ENOMEM: start anew */
			drop_space(s);
			if (s == &space[0]) {
				lack = starved = false;
				world_starve(false);
				s->m = mm_create();
				ALWAYS(s->m);
			}
			continue;
		}
		for (int j = 0; s->m && j < 12 && !bad; j++)
			access_one(s, unit_below(3) ? at + (int)unit_below(n) :
				   (int)unit_below(PAGES), unit_below(2));
	}
	world_starve(false);
}

static void
space_test(int rounds, bool starving)
{
	u64 before;

	world_make();
	world_on_flush = forget;
	world_settle();
	before = page_nr_free();
	aspace_init(&file, &file_aops, NULL);
	for (u32 i = 0; i < FILE_PAGES; i++)
		file_val[i] = (u32)unit_random();
	file_size = FILE_PAGES;
	thp_policy = THP_ALWAYS;
	space[0].m = mm_create();
	REQUIRE(space[0].m);
	run(rounds, starving);
	for (int c = 0; c < SPACES; c++)
		if (space[c].m)
			drop_space(&space[c]);
	aspace_truncate(&file, 0);
	aspace_destroy(&file);
	CHECK(!vmas_open);
	CHECK(mem_sum(MC_THP_ALLOC) && mem_sum(MC_THP_SPLIT));
	CHECK(!mem_sum(MC_THP));
	CHECK(!mem_sum(MC_ANON) && !mem_sum(MC_MAPPED) && !mem_sum(MC_FILE));
	CHECK(!mem_sum(MC_DIRTY) && !mem_sum(MC_WRITEBACK));
	CHECK(!mem_sum(MC_PGTABLE) && !mem_sum(MC_COMMITTED));
	CHECK(!mem_sum(MC_MLOCK));
	world_settle();
	/* page tables kept for the next user, first magazines */
	CHECK(page_nr_free() + 40 >= before);
}

void
test_space(void)
{
	space_test(30000, false);
}

void
test_space_starved(void)
{
	space_test(15000, true);
}
