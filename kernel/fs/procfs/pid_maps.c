/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/maps, smaps, smaps_rollup. Made with mmap_lock held for reading,
 * into a buffer that exists already: nothing here touches user memory.
 */
#include <dev/dev.h>
#include <lib/printf.h>
#include <mm/mm.h>
#include <vfs/namei.h>
#include "local.h"

#define NAME_COLUMN	73		/* of maps lines */
#define WALK_STEP	(2UL << 20)	/* one page table */

static void
put_header(struct seq_buf *s, vaddr_t start, vaddr_t end, unsigned long f,
	   u64 off, dev_t dev, ino_t ino)
{
	seq_printf(s, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", start, end,
		   f & VM_READ ? 'r' : '-', f & VM_WRITE ? 'w' : '-',
		   f & VM_EXEC ? 'x' : '-', f & VM_MAYSHARE ? 's' : 'p', off,
		   MAJOR(dev), MINOR(dev), ino);
}

static const char *
vma_label(struct mm *m, struct vma *v)
{
	const char *n = v->ops && v->ops->name ? v->ops->name(v) : NULL;

	if (n || v->file)
		return n;
	if (v->start <= m->brk && v->end >= m->start_brk)
		return "[heap]";
	if (v->start <= m->start_stack && v->end >= m->start_stack)
		return "[stack]";
	return NULL;
}

static void
put_vma(struct seq_buf *s, struct mm *m, struct vma *v)
{
	size_t line = s->len;
	const char *label = vma_label(m, v);
	struct inode *i = v->file ? v->file->inode : NULL;

	put_header(s, v->start, v->end, v->flags,
		   v->file ? v->pgoff << PAGE_SHIFT : 0, i ? i->sb->dev : 0,
		   i ? i->ino : 0);
	if (label || v->file)
		seq_pad(s, line, NAME_COLUMN);
	if (label)
		seq_puts(s, label);
	else if (v->file)
		seq_path(s, &v->file->path, NULL, "\n");
	seq_putc(s, '\n');
}

int
pid_show_maps(struct seq_buf *s, struct mm *m, struct task *t)
{
	struct vma *v;

	rwsem_read_lock(&m->mmap_lock);
	mm_for_each_vma(m, v) {
		put_vma(s, m, v);
		if (s->overflow)
			break;
		cond_resched();
	}
	rwsem_read_unlock(&m->mmap_lock);
	return 0;
}

/* -- smaps --------------------------------------------------------------- */

struct usage {		/* bytes; pss with 12 more fraction bits */
	u64 size, rss, pss, pss_dirty, pss_anon, pss_file, pss_shmem;
	u64 shared_clean, shared_dirty, private_clean, private_dirty;
	u64 referenced, anon, locked, huge;
};

static void
count_page(struct usage *u, const struct vma *v, u64 e, u32 n)
{
	struct page *p = pfn_to_page(e >> PAGE_SHIFT);
	u64 pss = (PAGE_SIZE << 12) / n;
	bool dirty = e & MM_PEEK_DIRTY || page_test(p, PG_DIRTY);

	u->rss += PAGE_SIZE;
	u->pss += pss;
	if (dirty)
		u->pss_dirty += pss;
	if (n > 1)
		*(dirty ? &u->shared_dirty : &u->shared_clean) += PAGE_SIZE;
	else
		*(dirty ? &u->private_dirty : &u->private_clean) += PAGE_SIZE;
	if (e & MM_PEEK_ACCESSED || page_test(p, PG_REFERENCED))
		u->referenced += PAGE_SIZE;
	if (!(e & MM_PEEK_FILE)) {
		u->anon += PAGE_SIZE;
		if (e & MM_PEEK_HUGE)
			u->huge += PAGE_SIZE;
		u->pss_anon += pss;
	} else if (page_test(p, PG_SWAPBACKED)) {
		u->pss_shmem += pss;
	} else {
		u->pss_file += pss;
	}
	if (v->flags & VM_LOCKED)
		u->locked += pss;
}

/* a page of a file or an anonymous one: not the zero page, not a device's */
static bool
is_counted(u64 e)
{
	if (!(e & MM_PEEK_PRESENT) || !pfn_valid(e >> PAGE_SHIFT))
		return false;
	return e & MM_PEEK_FILE ||
	       page_test(pfn_to_page(e >> PAGE_SHIFT), PG_ANON);
}

/* pages are looked at only in those tables where vma_walk_stat() finds any */
static void
count_vma(struct usage *u, struct vma *v)
{
	struct vma part = { .mm = v->mm, .flags = v->flags };
	u64 rss, anon, dirty, shared;

	u->size += v->end - v->start;
	if (v->flags & VM_PFNMAP)
		return;
	vma_walk_stat(v, &rss, &anon, &dirty, &shared);
	for (vaddr_t at = v->start; rss && at < v->end; at = part.end) {
		u64 here;

		part.start = at;
		part.end = min(v->end, ALIGN_DOWN(at, WALK_STEP) + WALK_STEP);
		vma_walk_stat(&part, &here, &anon, &dirty, &shared);
		for (; here && at < part.end; at += PAGE_SIZE) {
			u32 maps;
			u64 e = mm_pte_peek(v->mm, at, &maps);

			if (!is_counted(e))
				continue;
			count_page(u, v, e, maps);
			here--;
			rss -= rss ? 1 : 0;
		}
		cond_resched();
	}
}

static void
put_kib(struct seq_buf *s, const char *name, u64 bytes)
{
	seq_printf(s, "%-16s%8lu kB\n", name, bytes >> 10);
}

static void
put_usage(struct seq_buf *s, const struct usage *u, bool rollup)
{
	put_kib(s, "Rss:", u->rss);
	put_kib(s, "Pss:", u->pss >> 12);
	put_kib(s, "Pss_Dirty:", u->pss_dirty >> 12);
	if (rollup) {
		put_kib(s, "Pss_Anon:", u->pss_anon >> 12);
		put_kib(s, "Pss_File:", u->pss_file >> 12);
		put_kib(s, "Pss_Shmem:", u->pss_shmem >> 12);
	}
	put_kib(s, "Shared_Clean:", u->shared_clean);
	put_kib(s, "Shared_Dirty:", u->shared_dirty);
	put_kib(s, "Private_Clean:", u->private_clean);
	put_kib(s, "Private_Dirty:", u->private_dirty);
	put_kib(s, "Referenced:", u->referenced);
	put_kib(s, "Anonymous:", u->anon);
	put_kib(s, "LazyFree:", 0);
	put_kib(s, "AnonHugePages:", u->huge);
	put_kib(s, "ShmemPmdMapped:", 0);
	put_kib(s, "FilePmdMapped:", 0);
	put_kib(s, "Shared_Hugetlb:", 0);
	put_kib(s, "Private_Hugetlb:", 0);
	put_kib(s, "Swap:", 0);
	put_kib(s, "SwapPss:", 0);
	put_kib(s, "Locked:", u->locked >> 12);
}

static void
put_flags(struct seq_buf *s, unsigned long f)
{
	static const struct { unsigned long f; char s[3]; } names[] = {
		{ VM_READ, "rd" }, { VM_WRITE, "wr" }, { VM_EXEC, "ex" },
		{ VM_SHARED, "sh" }, { VM_MAYREAD, "mr" },
		{ VM_MAYWRITE, "mw" }, { VM_MAYEXEC, "me" },
		{ VM_MAYSHARE, "ms" }, { VM_GROWSDOWN, "gd" },
		{ VM_PFNMAP, "pf" }, { VM_LOCKED, "lo" },
		{ VM_SEQ_READ, "sr" }, { VM_RAND_READ, "rr" },
		{ VM_DONTCOPY, "dc" }, { VM_DONTEXPAND, "de" },
		{ VM_LOCKONFAULT, "lf" }, { VM_ACCOUNT, "ac" },
		{ VM_NORESERVE, "nr" }, { VM_WIPEONFORK, "wf" },
		{ VM_DONTDUMP, "dd" }, { VM_HUGEPAGE, "hg" },
		{ VM_NOHUGEPAGE, "nh" },
	};

	seq_puts(s, "VmFlags: ");
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (f & names[i].f)
			seq_printf(s, "%s ", names[i].s);
	seq_putc(s, '\n');
}

int
pid_show_smaps(struct seq_buf *s, struct mm *m, struct task *t)
{
	struct vma *v;

	rwsem_read_lock(&m->mmap_lock);
	mm_for_each_vma(m, v) {
		struct usage u = { 0 };

		put_vma(s, m, v);
		count_vma(&u, v);
		put_kib(s, "Size:", u.size);
		put_kib(s, "KernelPageSize:", PAGE_SIZE);
		put_kib(s, "MMUPageSize:", PAGE_SIZE);
		put_usage(s, &u, false);
		seq_printf(s, "THPeligible:    %8u\n", thp_eligible(v));
		put_flags(s, v->flags);
		if (s->overflow)
			break;
		cond_resched();
	}
	rwsem_read_unlock(&m->mmap_lock);
	return 0;
}

int
pid_show_smaps_rollup(struct seq_buf *s, struct mm *m, struct task *t)
{
	vaddr_t first = 0, last = 0;
	struct usage u = { 0 };
	size_t line = s->len;
	struct vma *v;

	rwsem_read_lock(&m->mmap_lock);
	mm_for_each_vma(m, v) {
		if (!last)
			first = v->start;
		last = v->end;
		count_vma(&u, v);
	}
	rwsem_read_unlock(&m->mmap_lock);
	put_header(s, first, last, 0, 0, 0, 0);
	seq_pad(s, line, NAME_COLUMN);
	seq_puts(s, "[rollup]\n");
	put_usage(s, &u, true);
	return 0;
}
