/* SPDX-License-Identifier: MIT */
/*
 * The pure half of ELF loading: headers in, a checked summary out. Nothing
 * of the file is trusted: sizes, addresses and alignments are checked so that
 * the loader's arithmetic cannot wrap. gABI chapter 5, "Program Header".
 */
#include <abi/errno.h>
#include <arch/layout.h>
#include <lib/string.h>
#include <proc/exec.h>

int
elf_check_header(const struct elf64_ehdr *eh)
{
	if (memcmp(eh->e_ident, ELFMAG, 4) ||
	    eh->e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh->e_ident[EI_DATA] != ELFDATA2LSB)
		return -ENOEXEC;
	if (eh->e_type != ET_EXEC && eh->e_type != ET_DYN)
		return -ENOEXEC;
	if (eh->e_machine != EM_X86_64)
		return -ENOEXEC;
	if (eh->e_phentsize != sizeof(struct elf64_phdr) || !eh->e_phnum ||
	    eh->e_phnum > ELF_MAX_PHNUM)
		return -ENOEXEC;
	if (eh->e_phoff > (u64)LOFF_MAX - eh->e_phnum * sizeof(struct elf64_phdr))
		return -ENOEXEC;
	return 0;
}

/* One PT_LOAD: inside user space, offset and address congruent. */
static int
check_load(const struct elf64_phdr *p)
{
	u64 end;

	if (p->p_filesz > p->p_memsz ||
	    add_overflow(p->p_vaddr, p->p_memsz, &end) ||
	    end > USER_MAX ||
	    p->p_offset > (u64)LOFF_MAX - p->p_filesz)
		return -ENOEXEC;
	if ((p->p_vaddr ^ p->p_offset) & (PAGE_SIZE - 1))
		return -EINVAL;
	return 0;
}

int
elf_parse(const struct elf64_ehdr *eh, const struct elf64_phdr *ph,
	  struct elf_image *out)
{
	bool any = false;

	*out = (struct elf_image){
		.ph = ph, .phnum = eh->e_phnum, .dyn = eh->e_type == ET_DYN,
		.entry = eh->e_entry, .vaddr_min = U64_MAX, .align = PAGE_SIZE,
	};
	for (u16 i = 0; i < eh->e_phnum; i++) {
		const struct elf64_phdr *p = &ph[i];
		int r;

		switch (p->p_type) {
		case PT_INTERP:
			if (!out->interp)
				out->interp = p;
			break;
		case PT_GNU_STACK:
			out->has_gnu_stack = true;
			out->stack_flags = p->p_flags;
			break;
		case PT_LOAD:
			if (!p->p_memsz)
				break;
			r = check_load(p);
			if (r)
				return r;
			any = true;
			out->vaddr_min = min(out->vaddr_min,
					     ALIGN_DOWN(p->p_vaddr, PAGE_SIZE));
			out->vaddr_end = max(out->vaddr_end,
				ALIGN_UP(p->p_vaddr + p->p_memsz, PAGE_SIZE));
			if (p->p_align > out->align && p->p_align <= (1UL << 30) &&
			    !(p->p_align & (p->p_align - 1)))
				out->align = p->p_align;
			if (eh->e_phoff >= p->p_offset &&
			    eh->e_phoff + eh->e_phnum * sizeof(*ph) <=
			    p->p_offset + p->p_filesz)
				out->phdr_vaddr = eh->e_phoff - p->p_offset +
					p->p_vaddr;
			break;
		}
	}
	return any ? 0 : -ENOEXEC;
}
