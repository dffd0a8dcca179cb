/* SPDX-License-Identifier: MIT */
/*
 * relocs - which words of the kernel image hold an address of the image?
 *
 *	relocs --table ELF	assembler source of section .relocs, on stdout
 *	relocs --check ELF	is the table in ELF right? Also: rights of the
 *				segments, place of the linker sets
 *	relocs --none ELF	fail when there is any (EFI stub)
 *
 * ELF is linked with --emit-relocs. The format is told in boot/early.c. A word
 * counts when the value in it lies in the kernel's address range: so physical
 * addresses made by subtracting the base stay what they are.
 */
#include "elf.h"

#define LINK_BASE	0xffffffff80000000ULL
#define IMAGE_MAX	(1ULL << 30)
#define BLOCK		0x10000

enum {
	R_NONE = 0, R_64 = 1, R_PC32 = 2, R_PLT32 = 4, R_32 = 10, R_32S = 11,
	R_PC64 = 24,
};

struct table {
	uint64_t *site;
	size_t n, room;
};

static void
add_site(struct table *t, uint64_t addr)
{
	if (t->n == t->room) {
		t->room = t->room ? t->room * 2 : 4096;
		t->site = realloc(t->site, t->room * sizeof(*t->site));
		if (!t->site)
			die("out of memory");
	}
	t->site[t->n++] = addr;
}

static int
is_address(uint64_t v)
{
	return v >= LINK_BASE && v < LINK_BASE + IMAGE_MAX;
}

static void
scan_reloc(const struct elf *e, const struct shdr *target,
	   const struct rela *r, const struct sym *syms, uint64_t nr_syms,
	   struct table *t)
{
	const char *where = elf_section_name(e, target);
	uint64_t v = 0;
	uint32_t v32;

	if (r->sym >= nr_syms)
		die("%s: damaged relocation", e->path);
	switch (r->type) {
	case R_NONE:
	case R_PC64:
		return;
	case R_PC32:
	case R_PLT32:
		/* distance to something that does not move along */
		if (syms[r->sym].shndx == SHN_ABS &&
		    !is_address(syms[r->sym].value))
			die("%s: %s+%#llx: relative to an absolute symbol",
			    e->path, where,
			    (unsigned long long)(r->offset - target->addr));
		return;
	case R_64:
	case R_32:
	case R_32S:
		break;
	default:
		die("%s: %s+%#llx: relocation type %u not supported", e->path,
		    where, (unsigned long long)(r->offset - target->addr),
		    r->type);
	}
	if (r->offset < target->addr ||
	    r->offset - target->addr + (r->type == R_64 ? 8 : 4) >
	    target->size)
		die("%s: %s: relocation outside its section", e->path, where);
	if (target->type == SHT_NOBITS)
		return;
	if (r->type == R_64) {
		memcpy(&v, elf_at(e, target->offset + r->offset - target->addr,
				  8), 8);
	} else {
		memcpy(&v32, elf_at(e, target->offset + r->offset -
				    target->addr, 4), 4);
		v = r->type == R_32S ? (uint64_t)(int64_t)(int32_t)v32 : v32;
	}
	if (is_address(v))
		add_site(t, r->offset);
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void
scan(const struct elf *e, struct table *t)
{
	struct shdr *s, *target, *symtab;
	struct rela *r;
	uint64_t k, nr_syms;
	unsigned int i;
	int found = 0;

	for (i = 1; i < e->eh->shnum; i++) {
		s = &e->sh[i];
		if (s->type != SHT_RELA || s->info >= e->eh->shnum ||
		    s->link >= e->eh->shnum)
			continue;
		target = &e->sh[s->info];
		found = 1;
		if (!(target->flags & SHF_ALLOC))
			continue;
		symtab = &e->sh[s->link];
		nr_syms = symtab->size / sizeof(struct sym);
		r = elf_at(e, s->offset, s->size);
		for (k = 0; k < s->size / sizeof(*r); k++)
			scan_reloc(e, target, &r[k],
				   elf_at(e, symtab->offset, symtab->size),
				   nr_syms, t);
	}
	if (!found)
		die("%s: not linked with --emit-relocs", e->path);
	if (t->n)
		qsort(t->site, t->n, sizeof(*t->site), compare);
}

/* See boot/early.c. buf has room for a count a block and 2 bytes a site. */
static size_t
encode(const struct table *t, uint64_t base, uint64_t end, uint8_t *buf)
{
	uint64_t block;
	size_t i = 0, n = 0, count_at;
	uint16_t count, off;

	for (block = base; block < end; block += BLOCK) {
		count_at = n;
		n += 2;
		for (count = 0; i < t->n && t->site[i] < block + BLOCK; i++) {
			if (i && t->site[i] == t->site[i - 1])
				continue;
			if (i && t->site[i] - t->site[i - 1] < 4)
				die("overlapping relocations at %#llx",
				    (unsigned long long)t->site[i]);
			off = t->site[i] - block;
			memcpy(buf + n, &off, 2);
			n += 2;
			count++;
		}
		memcpy(buf + count_at, &count, 2);
	}
	return n;
}

static void
print_table(const uint8_t *buf, size_t n)
{
	size_t i;

	puts("/* made by relocs; do not edit */\n\t.section .relocs, \"aw\"");
	for (i = 0; i < n; i++)
		printf("%s%u%s", i % 16 ? "," : "\t.byte\t", buf[i],
		       i % 16 == 15 || i == n - 1 ? "\n" : "");
	puts("\t.section .note.GNU-stack, \"\", @progbits");
}

static void
check_image(const struct elf *e)
{
	uint64_t lo = elf_symbol(e, "_rodata"), hi = elf_symbol(e, "_erodata");
	struct phdr *p = elf_at(e, e->eh->phoff,
				(uint64_t)e->eh->phnum * sizeof(*p));
	unsigned int i;

	for (i = 0; i < e->eh->phnum; i++) {
		if (p[i].type == PT_LOAD && (p[i].flags & 3) == 3)
			die("%s: segment %u is writable and executable",
			    e->path, i);
	}
	for (i = 1; i < e->eh->shnum; i++) {
		const struct shdr *s = &e->sh[i];
		const char *name = elf_section_name(e, s);

		/* what the script does not name: set_*, altinstr, ... */
		if (!(s->flags & SHF_ALLOC) || name[0] == '.')
			continue;
		if (s->addr < lo || s->addr + s->size > hi)
			die("%s: %s is not in read-only data", e->path, name);
	}
}

/* Linked at 0, so no address looks like the kernel's: any site is wrong. */
static void
check_none(const struct elf *e)
{
	struct shdr *s;
	struct rela *r;
	unsigned int i;
	size_t k;

	for (i = 1; i < e->eh->shnum; i++) {
		s = &e->sh[i];
		if (s->type != SHT_RELA || s->info >= e->eh->shnum ||
		    !(e->sh[s->info].flags & SHF_ALLOC))
			continue;
		r = elf_at(e, s->offset, s->size);
		for (k = 0; k < s->size / sizeof(*r); k++) {
			if (r[k].type == R_64 || r[k].type == R_32 ||
			    r[k].type == R_32S)
				die("%s: absolute address at %#llx", e->path,
				    (unsigned long long)r[k].offset);
		}
	}
}

int
main(int argc, char **argv)
{
	struct table t = { 0 };
	struct elf e;
	struct shdr *s;
	uint64_t base, end;
	uint8_t *buf;
	size_t n;
	int bad;

	tool_name = "relocs";
	if (argc != 3)
		die("usage: relocs --table|--check|--none ELF");
	elf_open(&e, argv[2]);
	scan(&e, &t);
	if (!strcmp(argv[1], "--none")) {
		check_none(&e);
		free(t.site);
		elf_close(&e);
		return 0;
	}
	base = elf_symbol(&e, "_text");
	end = elf_symbol(&e, "__relocs_start");
	if (t.n && (t.site[0] < base || t.site[t.n - 1] >= end))
		die("%s: relocation at %#llx, outside _text .. .relocs",
		    e.path, (unsigned long long)
		    (t.site[0] < base ? t.site[0] : t.site[t.n - 1]));
	buf = malloc(t.n * 2 + (end - base) / BLOCK * 2 + 2);
	if (!buf)
		die("out of memory");
	n = encode(&t, base, end, buf);
	if (!strcmp(argv[1], "--table")) {
		print_table(buf, n);
		bad = fflush(stdout) || ferror(stdout);
		free(buf);
		free(t.site);
		elf_close(&e);
		if (bad)
			die("cannot write");
		return 0;
	}
	if (strcmp(argv[1], "--check"))
		die("unknown option %s", argv[1]);
	s = elf_section(&e, ".relocs");
	if (!s || elf_symbol(&e, "__relocs_end") - s->addr != n ||
	    memcmp(elf_at(&e, s->offset, n), buf, n))
		die("%s: its .relocs is not for this link", e.path);
	check_image(&e);
	free(buf);
	free(t.site);
	elf_close(&e);
	return 0;
}
