/* SPDX-License-Identifier: MIT */
/*
 * The ELF core file: headers, notes, memory. core(5), gABI chapter 4.
 *
 *	ELF header, program headers: PT_NOTE, then one PT_LOAD for each VMA
 *	notes: NT_PRSTATUS of the dying thread, NT_PRPSINFO, NT_SIGINFO,
 *		NT_AUXV, NT_FILE, its NT_PRFPREG and NT_X86_XSTATE; then
 *		NT_PRSTATUS, NT_PRFPREG, NT_X86_XSTATE of each other thread
 *	memory, from a page boundary on; pages that were never touched are holes
 *
 * What of a VMA is dumped: coredump_filter, MADV_DONTDUMP. The list of VMAs is
 * taken once; another process that shares the address space may change it
 * meanwhile, then unreadable parts are holes.
 */
#include <abi/elf.h>
#include <abi/errno.h>
#include <abi/stat.h>
#include <arch/fpu.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <sched/sched.h>
#include <task/cred.h>
#include <task/itimer.h>
#include <task/user_ns.h>
#include <vfs/file.h>
#include <vfs/fs.h>
#include <vfs/namei.h>

#include "coredump.h"
#include "ptrace.h"

#define FILTER_ANON_PRIVATE	BIT(0)
#define FILTER_ANON_SHARED	BIT(1)
#define FILTER_FILE_PRIVATE	BIT(2)
#define FILTER_FILE_SHARED	BIT(3)
#define FILTER_ELF_HEADERS	BIT(4)

#define NOTE_FILE_MAX		(4UL << 20)	/* as Linux cuts it */

struct elf_note { u32 namesz, descsz, type; };

struct core_time { s64 sec, usec; };

struct elf_prstatus {
	s32 si_signo, si_code, si_errno;
	s16 cursig, pad;
	u64 sigpend, sighold;
	s32 pid, ppid, pgrp, sid;
	struct core_time utime, stime, cutime, cstime;
	struct user_regs_struct reg;
	s32 fpvalid, pad2;
};
static_assert(sizeof(struct elf_prstatus) == 336, "ABI");

struct elf_prpsinfo {
	char state, sname, zomb, nice;
	u32 pad;
	u64 flag;
	u32 uid, gid;
	s32 pid, ppid, pgrp, sid;
	char fname[16], psargs[80];
};
static_assert(sizeof(struct elf_prpsinfo) == 136, "ABI");

struct core_vma { vaddr_t start, end; unsigned long flags; u64 dump; };

struct bytes { u8 *p; size_t len, size; };

/* ---- notes ---- */

static int
room(struct bytes *b, size_t n)
{
	size_t want = b->len + n, size = b->size ? b->size : 4096;
	void *p;

	if (want <= b->size)
		return 0;
	while (size < want)
		size *= 2;
	p = krealloc(b->p, size, GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	b->p = p;
	b->size = size;
	return 0;
}

static int
note(struct bytes *b, u32 type, const void *desc, size_t len)
{
	/* Linux's own ones are LINUX's, those of System V CORE's */
	const char *name = type == NT_X86_XSTATE ? "LINUX" : "CORE";
	struct elf_note h = { strlen(name) + 1, len, type };
	size_t all = sizeof(h) + ALIGN_UP(h.namesz, 4U) + ALIGN_UP(len, 4UL);
	u8 *p;

	if (room(b, all))
		return -ENOMEM;
	p = b->p + b->len;
	memset(p, 0, all);
	memcpy(p, &h, sizeof(h));
	memcpy(p + sizeof(h), name, h.namesz);
	memcpy(p + sizeof(h) + ALIGN_UP(h.namesz, 4U), desc, len);
	b->len += all;
	return 0;
}

static struct core_time
core_time(u64 ns)
{
	return (struct core_time){ ns / NSEC_PER_SEC,
		ns % NSEC_PER_SEC / 1000 };
}

static int
note_prstatus(struct bytes *b, struct task *t, const struct core_dump *d)
{
	struct elf_prstatus p;
	u64 ut, st;

	memset(&p, 0, sizeof(p));
	p.si_signo = p.cursig = d->info->si_signo;
	p.si_code = d->info->si_code;
	p.si_errno = d->info->si_errno;
	p.sigpend = t->pending.set;
	p.sighold = t->blocked;
	p.pid = task_tid(t);
	p.ppid = task_ppid(t);
	p.pgrp = pid_vnr(t->signal->pgrp);
	p.sid = pid_vnr(t->signal->session);
	if (t == t->group_leader)
		group_cpu_times(t, &ut, &st);
	else
		thread_times(&t->thread, &ut, &st);
	p.utime = core_time(ut);
	p.stime = core_time(st);
	p.cutime = core_time(t->signal->cutime_ns);
	p.cstime = core_time(t->signal->cstime_ns);
	ptrace_get_regs(t, &p.reg);
	p.fpvalid = 1;
	return note(b, NT_PRSTATUS, &p, sizeof(p));
}

static int
note_prpsinfo(struct bytes *b, struct task *t)
{
	const struct cred *c = current_cred();
	struct mm *m = t->mm;
	struct elf_prpsinfo p;
	ssize_t n = min_t(u64, m->arg_end - m->arg_start,
			  sizeof(p.psargs) - 1);

	memset(&p, 0, sizeof(p));
	p.sname = 'R';
	p.nice = t->thread.nice;
	p.uid = from_kuid_munged(c->user_ns, c->uid);
	p.gid = from_kgid_munged(c->user_ns, c->gid);
	p.pid = task_tid(t->group_leader);
	p.ppid = task_ppid(t);
	p.pgrp = pid_vnr(t->signal->pgrp);
	p.sid = pid_vnr(t->signal->session);
	memcpy(p.fname, t->thread.comm, sizeof(p.fname));
	n = mm_access(m, m->arg_start, p.psargs, n, false);
	for (ssize_t i = 0; i < n; i++)
		if (!p.psargs[i])
			p.psargs[i] = ' ';
	return note(b, NT_PRPSINFO, &p, sizeof(p));
}

static int
note_auxv(struct bytes *b, struct mm *m)
{
	size_t n = 0;

	while (n + 2 <= ARRAY_SIZE(m->saved_auxv)) {
		n += 2;
		if (m->saved_auxv[n - 2] == AT_NULL)
			break;
	}
	return note(b, NT_AUXV, m->saved_auxv, n * sizeof(u64));
}

static int
note_fpu(struct bytes *b, struct task *t)
{
	u8 *area = kmalloc(fpu_state_size, GFP_KERNEL), old[48];
	int err;

	if (!area)
		return -ENOMEM;
	fpu_get_state(&t->thread, area);
	memcpy(old, area + FPU_XCR0_OFFSET, sizeof(old));
	memset(area + FPU_XCR0_OFFSET, 0, sizeof(old));
	err = note(b, NT_PRFPREG, area, FPU_FXSAVE_SIZE);
	memcpy(area + FPU_XCR0_OFFSET, old, sizeof(old));
	if (!err && fpu_state_size > FPU_FXSAVE_SIZE)
		err = note(b, NT_X86_XSTATE, area, fpu_state_size);
	kfree(area);
	return err;
}

/* One entry of NT_FILE: bounds to head, name to names. */
static int
file_entry(struct vma *v, struct bytes *head, struct bytes *names, char *path)
{
	u64 e[3] = { v->start, v->end, v->pgoff };
	char *s = d_path_current(&v->file->path, path, PATH_MAX);
	size_t n;

	if (!s)
		return 0;
	n = strlen(s) + 1;
	if (room(head, sizeof(e)) || room(names, n))
		return -ENOMEM;
	memcpy(head->p + head->len, e, sizeof(e));
	head->len += sizeof(e);
	memcpy(names->p + names->len, s, n);
	names->len += n;
	return 0;
}

/* Which files are mapped where; left out when there are too many. */
static int
note_file(struct bytes *b, struct mm *m)
{
	struct bytes head = { 0 }, names = { 0 };
	char *path = kmalloc(PATH_MAX, GFP_KERNEL);
	struct vma *v;
	int err = path ? room(&head, 16) : -ENOMEM;

	head.len = 16;
	if (!err) {
		rwsem_read_lock(&m->mmap_lock);
		mm_for_each_vma(m, v) {
			if (v->file)
				err = file_entry(v, &head, &names, path);
			if (err || head.len + names.len > NOTE_FILE_MAX)
				break;
		}
		rwsem_read_unlock(&m->mmap_lock);
	}
	if (!err && head.len + names.len <= NOTE_FILE_MAX && names.len &&
	    !(err = room(&head, names.len))) {
		((u64 *)head.p)[0] = (head.len - 16) / 24;
		((u64 *)head.p)[1] = PAGE_SIZE;
		memcpy(head.p + head.len, names.p, names.len);
		err = note(b, NT_FILE, head.p, head.len + names.len);
	}
	kfree(path);
	kfree(head.p);
	kfree(names.p);
	return err;
}

static int
notes_make(struct bytes *b, const struct core_dump *d)
{
	struct task *t = current, *i;
	int err = note_prstatus(b, t, d);

	if (!err)
		err = note_prpsinfo(b, t);
	if (!err)
		err = note(b, NT_SIGINFO, d->info, sizeof(*d->info));
	if (!err)
		err = note_auxv(b, t->mm);
	if (!err)
		err = note_file(b, t->mm);
	if (!err)
		err = note_fpu(b, t);
	for (i = core_next_thread(NULL); i && !err; i = core_next_thread(i)) {
		err = note_prstatus(b, i, d);
		if (!err)
			err = note_fpu(b, i);
	}
	return err;
}

/* ---- memory ---- */

/* bytes of v to be dumped, from its start */
static u64
vma_dump_size(struct vma *v, u64 filter)
{
	u64 all = v->end - v->start;
	struct inode *i = v->file ? v->file->inode : NULL;

	if (v->flags & VM_SPECIAL)		/* the vDSO, for its symbols */
		return v->flags & VM_EXEC ? all : 0;
	if (v->flags & (VM_DONTDUMP | VM_PFNMAP))
		return 0;
	if (v->flags & VM_SHARED)
		return filter & (i && i->nlink ? FILTER_FILE_SHARED :
				 FILTER_ANON_SHARED) ? all : 0;
	if ((v->has_anon || !i) && (filter & FILTER_ANON_PRIVATE))
		return v->has_anon ? all : 0;
	if (!i)
		return 0;
	if (filter & FILTER_FILE_PRIVATE)
		return all;
	/* the first page tells which build of the file it was */
	if ((filter & FILTER_ELF_HEADERS) && !v->pgoff && (v->flags & VM_READ))
		return PAGE_SIZE;
	return 0;
}

static struct core_vma *
vmas_take(struct mm *m, u64 filter, u32 *nr)
{
	struct core_vma *list;
	struct vma *v;
	u32 n = 0, max;

	rwsem_read_lock(&m->mmap_lock);
	max = m->nr_vmas;
	rwsem_read_unlock(&m->mmap_lock);
	list = kvmalloc((max + 1) * sizeof(*list), GFP_KERNEL);
	if (!list)
		return NULL;
	rwsem_read_lock(&m->mmap_lock);
	mm_for_each_vma(m, v) {
		if (n == max)
			break;
		list[n++] = (struct core_vma){ v->start, v->end, v->flags,
			vma_dump_size(v, filter) };
	}
	rwsem_read_unlock(&m->mmap_lock);
	*nr = n;
	return list;
}

static int
dump_range(struct core_dump *d, struct mm *m, vaddr_t at, u64 len, void *page)
{
	int err = 0;

	for (; len && !err; at += PAGE_SIZE, len -= PAGE_SIZE) {
		/* a page nobody touched reads as zeros: leave a hole */
		if (mm_access(m, at, page, PAGE_SIZE, false) !=
		    (ssize_t)PAGE_SIZE || !memchr_inv(page, 0, PAGE_SIZE))
			err = core_skip(d, PAGE_SIZE);
		else
			err = core_emit(d, page, PAGE_SIZE);
	}
	return err;
}

static int
headers_write(struct core_dump *d, const struct core_vma *v, u32 nr,
	      size_t notes)
{
	struct elf64_ehdr eh = { .e_type = 4 /* ET_CORE */,
		.e_machine = EM_X86_64, .e_version = 1,
		.e_phoff = sizeof(eh), .e_ehsize = sizeof(eh),
		.e_phentsize = sizeof(struct elf64_phdr), .e_phnum = nr + 1 };
	struct elf64_phdr ph = { .p_type = 4 /* PT_NOTE */, .p_align = 4,
		.p_offset = sizeof(eh) + (nr + 1) * sizeof(ph),
		.p_filesz = notes };
	u64 off = ALIGN_UP(ph.p_offset + notes, PAGE_SIZE);
	int err;

	memcpy(eh.e_ident, ELFMAG, 4);
	eh.e_ident[EI_CLASS] = ELFCLASS64;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_ident[6] = 1;
	err = core_emit(d, &eh, sizeof(eh));
	if (!err)
		err = core_emit(d, &ph, sizeof(ph));
	for (u32 i = 0; i < nr && !err; i++, v++) {
		ph = (struct elf64_phdr){ .p_type = PT_LOAD, .p_offset = off,
			.p_vaddr = v->start, .p_filesz = v->dump,
			.p_memsz = v->end - v->start, .p_align = PAGE_SIZE };
		ph.p_flags = (v->flags & VM_READ ? PF_R : 0) |
			(v->flags & VM_WRITE ? PF_W : 0) |
			(v->flags & VM_EXEC ? PF_X : 0);
		off += v->dump;
		err = core_emit(d, &ph, sizeof(ph));
	}
	return err;
}

int
core_elf_write(struct core_dump *d)
{
	struct mm *m = current->mm;
	struct bytes notes = { 0 };
	struct core_vma *v;
	void *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	u32 nr = 0;
	int err;

	v = vmas_take(m, d->filter, &nr);
	err = !v || !page ? -ENOMEM : nr > 65533 ? -E2BIG :
		notes_make(&notes, d);
	if (!err)
		err = headers_write(d, v, nr, notes.len);
	if (!err)
		err = core_emit(d, notes.p, notes.len);
	if (!err)
		err = core_skip(d, -d->pos & (PAGE_SIZE - 1));
	for (u32 i = 0; i < nr && !err; i++)
		err = dump_range(d, m, v[i].start, v[i].dump, page);
	kfree(page);
	kvfree(v);
	kfree(notes.p);
	return err;
}
