/* SPDX-License-Identifier: MIT */
/*
 * The ELF parser: a usual program's headers, each rule broken, and random
 * damage. What comes out must be safe for the loader to calculate with.
 */
#include <abi/errno.h>
#include <arch/layout.h>
#include <lib/string.h>
#include <proc/exec.h>
#include "check.h"

void test_elf_header(void);
void test_elf_image(void);
void test_elf_hostile(void);
int fuzz_elf(const u8 *data, size_t len);

static struct elf64_ehdr eh;
static struct elf64_phdr ph[8];
static struct elf_image img;

static void
make(void)
{
	memset(&eh, 0, sizeof(eh));
	memcpy(eh.e_ident, ELFMAG, 4);
	eh.e_ident[EI_CLASS] = ELFCLASS64;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_type = ET_EXEC;
	eh.e_machine = EM_X86_64;
	eh.e_entry = 0x401000;
	eh.e_phoff = 64;
	eh.e_phentsize = sizeof(struct elf64_phdr);
	eh.e_phnum = 4;
	memset(ph, 0, sizeof(ph));
	ph[0] = (struct elf64_phdr){ .p_type = PT_LOAD, .p_flags = PF_R,
		.p_offset = 0, .p_vaddr = 0x400000, .p_filesz = 0x5f0,
		.p_memsz = 0x5f0, .p_align = 0x1000 };
	ph[1] = (struct elf64_phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_X,
		.p_offset = 0x1000, .p_vaddr = 0x401000, .p_filesz = 0x9123,
		.p_memsz = 0x9123, .p_align = 0x200000 };
	ph[2] = (struct elf64_phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_W,
		.p_offset = 0xb010, .p_vaddr = 0x40c010, .p_filesz = 0x500,
		.p_memsz = 0x7000, .p_align = 0x1000 };
	ph[3] = (struct elf64_phdr){ .p_type = PT_GNU_STACK,
		.p_flags = PF_R | PF_W };
}

void
test_elf_header(void)
{
	make();
	CHECK(elf_check_header(&eh) == 0);
	eh.e_type = ET_DYN;
	CHECK(elf_check_header(&eh) == 0);
#define BAD(field, v) do { make(); eh.field = (v); \
	CHECK(elf_check_header(&eh) == -ENOEXEC); } while (0)
	BAD(e_ident[0], 0);
	BAD(e_ident[3], 'G');
	BAD(e_ident[EI_CLASS], 1);
	BAD(e_ident[EI_DATA], 2);
	BAD(e_type, 1);
	BAD(e_type, 4);
	BAD(e_machine, 3);
	BAD(e_phentsize, 32);
	BAD(e_phnum, 0);
	BAD(e_phnum, 0xffff);
	BAD(e_phoff, ~0UL);
	BAD(e_phoff, 1UL << 63);
}

void
test_elf_image(void)
{
	make();
	CHECK(elf_parse(&eh, ph, &img) == 0);
	CHECK(img.vaddr_min == 0x400000 && img.vaddr_end == 0x414000);
	CHECK(img.phnum == 4 && img.ph == ph && !img.dyn);
	CHECK(img.entry == 0x401000 && img.align == 0x200000);
	CHECK(img.phdr_vaddr == 0x400040 && !img.interp);
	CHECK(img.has_gnu_stack && img.stack_flags == (PF_R | PF_W));
	make();
	ph[3].p_type = PT_INTERP;
	ph[1].p_align = 3;		/* no power of two: not used */
	eh.e_type = ET_DYN;
	CHECK(elf_parse(&eh, ph, &img) == 0);
	CHECK(img.interp == &ph[3] && img.dyn && img.align == PAGE_SIZE &&
	      !img.has_gnu_stack);
	/* headers in no segment */
	eh.e_phoff = 0x5000000;
	CHECK(elf_parse(&eh, ph, &img) == 0 && img.phdr_vaddr == 0);
}

void
test_elf_hostile(void)
{
#define REFUSED(want, stmt) do { make(); stmt; \
	CHECK(elf_parse(&eh, ph, &img) == (want)); } while (0)
	REFUSED(-ENOEXEC, ph[0].p_type = ph[1].p_type = ph[2].p_type = 0);
	REFUSED(-ENOEXEC, ph[1].p_filesz = ph[1].p_memsz + 1);
	REFUSED(-ENOEXEC, ph[1].p_vaddr = ~0UL - 0xfff);
	REFUSED(-ENOEXEC, ph[1].p_memsz = ~0UL);
	REFUSED(-ENOEXEC, ph[1].p_vaddr = USER_MAX);
	REFUSED(-ENOEXEC, ph[2].p_memsz = USER_MAX);
	REFUSED(-EINVAL, ph[1].p_offset = 0x1001);
	REFUSED(-ENOEXEC, ph[1].p_offset = ~0UL - 0xfff);
	REFUSED(0, ph[1].p_memsz = ph[1].p_filesz = 0);
	for (u32 i = 0; i < 20000; i++) {
		make();
		for (u32 k = unit_below(6); k; k--)
			((u8 *)ph)[unit_below(sizeof(ph))] = unit_random();
		for (u32 k = unit_below(2); k; k--)
			((u8 *)&eh)[unit_below(sizeof(eh))] = unit_random();
		if (eh.e_phnum > ARRAY_SIZE(ph))
			eh.e_phnum = ARRAY_SIZE(ph);
		fuzz_elf(NULL, 0);
	}
}

/* data: a header and program headers; NULL: what make() and damage left */
int
fuzz_elf(const u8 *data, size_t len)
{
	if (data) {
		memset(ph, 0, sizeof(ph));
		memset(&eh, 0, sizeof(eh));
		memcpy(&eh, data, min(len, sizeof(eh)));
		if (len > sizeof(eh))
			memcpy(ph, data + sizeof(eh),
			       min(len - sizeof(eh), sizeof(ph)));
		if (eh.e_phnum > ARRAY_SIZE(ph))
			eh.e_phnum = ARRAY_SIZE(ph);
	}
	if (elf_check_header(&eh) || elf_parse(&eh, ph, &img))
		return -1;
	CHECK(img.vaddr_min < img.vaddr_end && img.vaddr_end <= USER_MAX);
	CHECK(!(img.vaddr_min & ~PAGE_MASK) && !(img.vaddr_end & ~PAGE_MASK));
	CHECK(img.align >= PAGE_SIZE && !(img.align & (img.align - 1)));
	CHECK(!img.interp || (img.interp >= ph && img.interp < ph + 8));
	for (u32 i = 0; i < eh.e_phnum; i++)
		if (ph[i].p_type == PT_LOAD && ph[i].p_memsz)
			CHECK(ph[i].p_filesz <= ph[i].p_memsz &&
			      ph[i].p_vaddr >= img.vaddr_min &&
			      ph[i].p_vaddr + ph[i].p_memsz <= img.vaddr_end);
	return 0;
}
