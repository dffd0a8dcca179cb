/* SPDX-License-Identifier: MIT */
/*
 * Loading ELF programs: static and dynamic, fixed and position-independent.
 *
 * The new address space is laid out top down: stack at the top (minus a
 * random gap), the vDSO behind it, then mmap's area; a position-independent
 * program with an interpreter goes to two thirds of the space, one without
 * (a static PIE, or a loader run by hand) to mmap's area; the heap begins
 * after the program's bss.
 *
 * What the program finds at its first instruction, from the stack pointer
 * up: argc, argv[], NULL, envp[], NULL, the auxiliary vector, 16 random
 * bytes, "x86_64", the strings, the file name, a null word. System V ABI
 * AMD64 3.4.1.
 */
#include <abi/errno.h>
#include <abi/limits.h>
#include <abi/mman.h>
#include <arch/cpu.h>
#include <arch/fpu.h>
#include <arch/vdso.h>
#include <core/random.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <proc/exec.h>
#include <task/task.h>
#include <task/user_ns.h>
#include <vfs/file.h>

#define STACK_RND_MASK	0x3fffffUL	/* pages: 16 GiB */
#define MMAP_RND_BITS	28
#define BRK_RND		0x02000000UL	/* bytes: 32 MiB */
#define STACK_GAP_MIN	(128UL << 20)
#define STACK_GAP_MAX	(USER_MAX / 6 * 5)
#define PIE_BASE	ALIGN_DOWN(USER_MAX / 3 * 2, PAGE_SIZE)
#define ADDR_NO_RANDOMIZE 0x0040000
#define READ_IMPLIES_EXEC 0x0400000

static bool
randomize(void)
{
	return aslr_enabled && !(current->personality & ADDR_NO_RANDOMIZE);
}

static u64
random_pages(u64 mask)
{
	return randomize() ? (random_u64() & mask) << PAGE_SHIFT : 0;
}

static int
read_exact(struct file *f, void *buf, size_t len, u64 off)
{
	loff_t pos = off;
	ssize_t n = kernel_read(f, buf, len, &pos);

	if (n < 0)
		return n;
	return n == (ssize_t)len ? 0 : -ENOEXEC;
}

/* Headers of f, the table in kmalloc'ed *ph. */
static int
read_headers(struct file *f, const struct elf64_ehdr *eh,
	     struct elf64_phdr **ph, struct elf_image *img)
{
	size_t len = eh->e_phnum * sizeof(**ph);
	int r;

	*ph = kmalloc(len, GFP_KERNEL);
	if (!*ph)
		return -ENOMEM;
	r = read_exact(f, *ph, len, eh->e_phoff);
	if (!r)
		r = elf_parse(eh, *ph, img);
	if (r) {
		kfree(*ph);
		*ph = NULL;
	}
	return r;
}

static int
seg_prot(u32 pf)
{
	return (pf & PF_R ? PROT_READ : 0) | (pf & PF_W ? PROT_WRITE : 0) |
		(pf & PF_X ? PROT_EXEC : 0);
}

/* One PT_LOAD at bias: file pages, the zeroed tail, pages of bss. */
static int
map_segment(struct mm *m, struct file *f, const struct elf64_phdr *p, u64 bias)
{
	static const u8 zeros[256];
	vaddr_t start = ALIGN_DOWN(p->p_vaddr + bias, PAGE_SIZE);
	vaddr_t file_end = p->p_vaddr + bias + p->p_filesz;
	vaddr_t end = ALIGN_UP(p->p_vaddr + bias + p->p_memsz, PAGE_SIZE);
	vaddr_t bss = start;
	int prot = seg_prot(p->p_flags), r;

	if (p->p_filesz) {
		struct vm_backing bk;
		int flags = MAP_PRIVATE | MAP_FIXED;

		r = vfs_mmap_backing(f, prot, flags, &bk);
		if (r)
			return r;
		bss = ALIGN_UP(file_end, PAGE_SIZE);
		r = mm_mmap(m, &start, bss - start, prot, flags, &bk,
			    (p->p_offset - (p->p_vaddr & (PAGE_SIZE - 1))) >>
			    PAGE_SHIFT);
		if (r)
			return r;
		/* the rest of the last page must read as zero */
		for (vaddr_t a = file_end; p->p_memsz > p->p_filesz && a < bss;) {
			size_t n = min(bss - a, sizeof(zeros));

			if (mm_access(m, a, (void *)zeros, n, true) !=
			    (ssize_t)n) {
				if (prot & PROT_WRITE)
					return -ENOMEM;
				break;
			}
			a += n;
		}
	}
	if (end > bss)
		return mm_mmap(m, &bss, end - bss, prot,
			       MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, NULL, 0);
	return 0;
}

static int
map_image(struct mm *m, struct file *f, const struct elf_image *img, u64 bias)
{
	for (u16 i = 0; i < img->phnum; i++) {
		int r;

		if (img->ph[i].p_type != PT_LOAD || !img->ph[i].p_memsz)
			continue;
		r = map_segment(m, f, &img->ph[i], bias);
		if (r)
			return r;
	}
	return 0;
}

/* Reserve the whole span of a position-independent image; *bias out. */
static int
place_image(struct mm *m, const struct elf_image *img, vaddr_t hint, u64 *bias)
{
	size_t span = img->vaddr_end - img->vaddr_min;
	vaddr_t at = ALIGN_DOWN(hint, img->align);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, r;

	if (hint)
		flags |= MAP_FIXED;
	else
		span += img->align - PAGE_SIZE;
	r = mm_mmap(m, &at, span, PROT_NONE, flags, NULL, 0);
	if (r)
		return r;
	r = mm_munmap(m, at, span);
	*bias = ALIGN_UP(at, img->align) - img->vaddr_min;
	return r;
}

/* The loader named by PT_INTERP: mapped; its bias and entry out. */
static int
load_interp(struct exec_bin *b, const struct elf64_phdr *ip, u64 *base,
	    vaddr_t *entry)
{
	struct elf64_ehdr eh;
	struct elf64_phdr *ph = NULL;
	struct elf_image img;
	struct file *f;
	u64 bias = 0;
	char *path;
	int r;

	if (ip->p_filesz < 2 || ip->p_filesz > PATH_MAX)
		return -ENOEXEC;
	path = kmalloc(ip->p_filesz, GFP_KERNEL);
	if (!path)
		return -ENOMEM;
	r = read_exact(b->file, path, ip->p_filesz, ip->p_offset);
	if (!r && path[ip->p_filesz - 1])
		r = -ENOEXEC;
	if (!r)
		r = exec_open(path, &f);
	kfree(path);
	if (r)
		return r;
	r = read_exact(f, &eh, sizeof(eh), 0);
	if (r == -ENOEXEC || (!r && elf_check_header(&eh)))
		r = -ELIBBAD;
	if (!r)
		r = read_headers(f, &eh, &ph, &img);
	if (!r && img.dyn)
		r = place_image(b->mm, &img, 0, &bias);
	if (!r)
		r = map_image(b->mm, f, &img, bias);
	*base = bias + (img.dyn ? img.vaddr_min : 0);
	*entry = img.entry + bias;
	kfree(ph);
	exec_close(f);
	return r;
}

/* ---- stack ---- */

struct auxv { u64 v[2 * 28]; u32 n; };

static void
aux(struct auxv *a, u64 type, u64 val)
{
	a->v[a->n++] = type;
	a->v[a->n++] = val;
}

static void
auxv_fill(struct exec_bin *b, struct auxv *a, const struct elf_image *img,
	  u64 bias, u64 base)
{
	const struct cred *c = b->cred;

	if (b->mm->vdso)
		aux(a, AT_SYSINFO_EHDR, b->mm->vdso);
	aux(a, AT_MINSIGSTKSZ, 1024 + fpu_state_size);
	aux(a, AT_HWCAP, boot_cpu_info.hwcap);
	aux(a, AT_PAGESZ, PAGE_SIZE);
	aux(a, AT_CLKTCK, HZ_USER);
	aux(a, AT_PHDR, img->phdr_vaddr ? img->phdr_vaddr + bias : 0);
	aux(a, AT_PHENT, sizeof(struct elf64_phdr));
	aux(a, AT_PHNUM, img->phnum);
	aux(a, AT_BASE, base);
	aux(a, AT_FLAGS, b->argv0_kept ? AT_FLAGS_PRESERVE_ARGV0 : 0);
	aux(a, AT_ENTRY, img->entry + bias);
	aux(a, AT_UID, from_kuid_munged(c->user_ns, c->uid));
	aux(a, AT_EUID, from_kuid_munged(c->user_ns, c->euid));
	aux(a, AT_GID, from_kgid_munged(c->user_ns, c->gid));
	aux(a, AT_EGID, from_kgid_munged(c->user_ns, c->egid));
	aux(a, AT_SECURE, b->secure);
	aux(a, AT_HWCAP2, boot_cpu_info.hwcap2);
	if (unlikely(b->executable)) {
		b->execfd_aux = a->n + 1;
		aux(a, AT_EXECFD, 0);	/* exec_put_fd() knows */
	}
}

static int
put(struct exec_bin *b, vaddr_t at, const void *p, size_t n)
{
	return mm_access(b->mm, at, (void *)p, n, true) == (ssize_t)n ?
		0 : -ENOMEM;
}

/* n pointers to consecutive strings from *str on, then NULL, at vec. */
static int
put_vector(struct exec_bin *b, vaddr_t vec, u32 n, vaddr_t *str, vaddr_t end)
{
	char buf[256];
	u64 ptrs[32];
	u32 k = 0;
	vaddr_t s = *str, scan = s;

	/* walk the strings where they lie now; a NUL ends each */
	while (n) {
		size_t len = min(end - scan, sizeof(buf));
		ssize_t got = mm_access(b->mm, scan, buf, len, false);

		if (got <= 0)
			return -EFAULT;
		for (ssize_t i = 0; i < got && n; i++) {
			if (buf[i])
				continue;
			ptrs[k++] = s;
			s = scan + i + 1;
			n--;
			if (k == ARRAY_SIZE(ptrs)) {
				if (put(b, vec, ptrs, sizeof(ptrs)))
					return -ENOMEM;
				vec += sizeof(ptrs);
				k = 0;
			}
		}
		scan += got;
	}
	*str = s;
	ptrs[k++] = 0;
	return put(b, vec, ptrs, k * sizeof(u64));
}

static int
fill_stack(struct exec_bin *b, vaddr_t top, struct auxv *a)
{
	static const char platform[] = "x86_64";
	size_t fn_len = strlen(b->filename) + 1;
	u32 argc = exec_argc(b), envc = b->envs.count;
	vaddr_t fn, str, at, sp;
	u64 rnd[2] = { random_u64(), random_u64() }, argc64 = argc;
	int r;

	fn = top - 8 - fn_len;
	r = put(b, fn, b->filename, fn_len);
	if (r)
		return r;
	str = exec_put_strings(b, fn);
	if (!str)
		return -ENOMEM;
	at = str - sizeof(platform);
	r = put(b, at, platform, sizeof(platform));
	aux(a, AT_PLATFORM, at);
	/* spread the start over cache sets */
	if (randomize())
		at -= random_u64() & 0x1ff0;
	at = ALIGN_DOWN(at - sizeof(rnd), 16);
	if (!r)
		r = put(b, at, rnd, sizeof(rnd));
	aux(a, AT_RANDOM, at);
	aux(a, AT_EXECFN, fn);
	aux(a, AT_NULL, 0);
	sp = ALIGN_DOWN(at - (1 + argc + 1 + envc + 1 + a->n) * 8, 16);
	b->mm->start_stack = sp;
	if (!r)
		r = put(b, sp, &argc64, 8);
	if (!r)
		r = put_vector(b, sp + 8, argc, &str, b->mm->env_end);
	if (!r)
		r = put_vector(b, sp + 8 * (argc + 2), envc, &str,
			       b->mm->env_end);
	if (!r)
		r = put(b, sp + 8 * (argc + envc + 3), a->v, a->n * 8);
	b->execfd_at = sp + 8 * (argc + envc + 3 + b->execfd_aux);
	b->sp = sp;
	memcpy(b->mm->saved_auxv, a->v, a->n * 8);
	return r;
}

static int
map_vdso(struct mm *m, vaddr_t after)
{
	/* kept by the mappings; the same for all programs */
	static paddr_t frames[4], vvar;
	vaddr_t at = ALIGN_UP(after, PAGE_SIZE) + PAGE_SIZE +
		random_pages(0x1f);
	unsigned int n = vdso_pages();
	int r;

	if (!n || n > ARRAY_SIZE(frames))
		return 0;
	vvar = vvar_page_phys();
	for (unsigned int i = 0; i < n; i++)
		frames[i] = vdso_page_phys(i);
	r = mm_special_map(m, at, &vvar, 1, VM_READ | VM_MAYREAD, "[vvar]");
	if (!r)
		r = mm_special_map(m, at + PAGE_SIZE, frames, n, VM_READ |
			VM_EXEC | VM_MAYREAD | VM_MAYEXEC, "[vdso]");
	if (!r)
		m->vdso = at + PAGE_SIZE;
	return r;
}

/* ---- the program itself ---- */

static void
set_bounds(struct mm *m, const struct elf_image *img, u64 bias)
{
	m->start_code = U64_MAX;
	for (u16 i = 0; i < img->phnum; i++) {
		const struct elf64_phdr *p = &img->ph[i];
		vaddr_t s = p->p_vaddr + bias;

		if (p->p_type != PT_LOAD)
			continue;
		if (p->p_flags & PF_X) {
			m->start_code = min(m->start_code, s);
			m->end_code = max(m->end_code, s + p->p_filesz);
		} else {
			m->start_data = max(m->start_data, s);
			m->end_data = max(m->end_data, s + p->p_filesz);
		}
	}
	m->brk = m->start_brk = ALIGN_UP(img->vaddr_end + bias, PAGE_SIZE);
	if (randomize())
		m->brk = m->start_brk += random_u64() % BRK_RND & PAGE_MASK;
}

static int
build_mm(struct exec_bin *b, const struct elf_image *img)
{
	vaddr_t top = USER_MAX - 64 * PAGE_SIZE - random_pages(STACK_RND_MASK);
	u64 gap, bias = 0, base = 0;
	struct auxv a = { .n = 0 };
	bool exec_stack = img->has_gnu_stack && (img->stack_flags & PF_X);
	size_t need = b->args.len + b->envs.len + 8 * (b->args.count +
		b->envs.count + b->nr_prefix) + 4 * PATH_MAX;
	int r;

	for (u32 i = 0; i < b->nr_prefix; i++)
		need += strlen(b->prefix[i]);
	b->mm = mm_create();
	if (!b->mm)
		return -ENOMEM;
	gap = clamp_t(u64, rlimit_cur(RLIMIT_STACK), STACK_GAP_MIN,
		      STACK_GAP_MAX);
	b->mm->mmap_base = ALIGN_DOWN(USER_MAX - gap -
		(STACK_RND_MASK << PAGE_SHIFT) - random_pages(
			BIT(MMAP_RND_BITS) - 1), PAGE_SIZE);
	r = mm_exec_stack(b->mm, top, ALIGN_UP(need, PAGE_SIZE) +
			  32 * PAGE_SIZE, exec_stack);
	if (r)
		return r;
	r = map_vdso(b->mm, top);
	if (r)
		return r;
	if (img->dyn) {
		vaddr_t hint = img->interp ? PIE_BASE + random_pages(
			BIT(MMAP_RND_BITS) - 1) : 0;

		r = place_image(b->mm, img, hint, &bias);
		if (r)
			return r;
	}
	r = map_image(b->mm, b->file, img, bias);
	if (r)
		return r;
	set_bounds(b->mm, img, bias);
	b->entry = img->entry + bias;
	if (img->interp) {
		r = load_interp(b, img->interp, &base, &b->entry);
		if (r)
			return r;
	}
	if (b->entry >= USER_MAX)
		return -ENOEXEC;
	auxv_fill(b, &a, img, bias, base);
	return fill_stack(b, top, &a);
}

static int
elf_load(struct exec_bin *b)
{
	const struct elf64_ehdr *eh = (const struct elf64_ehdr *)b->buf;
	struct elf64_phdr *ph;
	struct elf_image img;
	int r = elf_check_header(eh);

	if (r)
		return r;
	r = read_headers(b->file, eh, &ph, &img);
	if (r)
		return r;
	r = build_mm(b, &img);
	if (!r)
		r = exec_commit(b);
	kfree(ph);
	return r;
}

static const struct binfmt elf_fmt = {
	.name = "elf",
	.load = elf_load,
};
SET_ADD(binfmt, elf_fmt);
