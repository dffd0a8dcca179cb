/* SPDX-License-Identifier: MIT */
/*
 * ELF64 reading for the build tools. Own definitions: the build machine need
 * not have <elf.h>. Host byte order must be little endian, as x86's is.
 * Every accessor checks bounds and ends the program with a message.
 */
#ifndef TOOLS_ELF_H
#define TOOLS_ELF_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHT_PROGBITS	1
#define SHT_SYMTAB	2
#define SHT_RELA	4
#define SHT_NOBITS	8
#define SHF_WRITE	1
#define SHF_ALLOC	2
#define PT_LOAD		1
#define SHN_UNDEF	0
#define SHN_ABS		0xfff1

struct ehdr {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct phdr {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

struct shdr {
	uint32_t name, type;
	uint64_t flags, addr, offset, size;
	uint32_t link, info;
	uint64_t addralign, entsize;
};

struct sym {
	uint32_t name;
	uint8_t info, other;
	uint16_t shndx;
	uint64_t value, size;
};

struct rela {
	uint64_t offset;
	uint32_t type, sym;
	int64_t addend;
};

struct elf {
	const char *path;
	uint8_t *data;
	size_t size;
	struct ehdr *eh;
	struct shdr *sh;
};

static const char *tool_name = "tool";

static inline void __attribute__((format(printf, 1, 2), noreturn))
die(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", tool_name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static inline void *
elf_at(const struct elf *e, uint64_t off, uint64_t len)
{
	if (off > e->size || len > e->size - off)
		die("%s: damaged ELF file", e->path);
	return e->data + off;
}

static inline void
elf_open(struct elf *e, const char *path)
{
	FILE *f = fopen(path, "rb");
	long n;

	if (!f || fseek(f, 0, SEEK_END) || (n = ftell(f)) < 0 ||
	    fseek(f, 0, SEEK_SET))
		die("%s: cannot read", path);
	e->path = path;
	e->size = n;
	e->data = malloc(n + 1);
	if (!e->data || fread(e->data, 1, n, f) != (size_t)n)
		die("%s: cannot read", path);
	fclose(f);
	e->eh = elf_at(e, 0, sizeof(*e->eh));
	if (memcmp(e->eh->ident, "\177ELF\2\1", 6) || e->eh->machine != 62 ||
	    e->eh->shentsize != sizeof(struct shdr))
		die("%s: not an ELF file for x86-64", path);
	e->sh = elf_at(e, e->eh->shoff,
		       (uint64_t)e->eh->shnum * sizeof(struct shdr));
	if (e->eh->shstrndx >= e->eh->shnum)
		die("%s: damaged ELF file", path);
}

static inline void
elf_close(struct elf *e)
{
	free(e->data);
	e->data = NULL;
}

static inline const char *
elf_section_name(const struct elf *e, const struct shdr *s)
{
	const struct shdr *str = &e->sh[e->eh->shstrndx];

	if (s->name >= str->size)
		die("%s: damaged ELF file", e->path);
	return elf_at(e, str->offset + s->name, 1);
}

static inline struct shdr *
elf_section(const struct elf *e, const char *name)
{
	unsigned int i;

	for (i = 1; i < e->eh->shnum; i++) {
		if (!strcmp(elf_section_name(e, &e->sh[i]), name))
			return &e->sh[i];
	}
	return NULL;
}

/* Value of a symbol; ends the program when it is not there. */
static inline uint64_t
elf_symbol(const struct elf *e, const char *name)
{
	struct shdr *st = elf_section(e, ".symtab"), *str;
	struct sym *s;
	uint64_t n, i;

	if (!st || st->link >= e->eh->shnum)
		die("%s: no symbol table", e->path);
	str = &e->sh[st->link];
	n = st->size / sizeof(*s);
	s = elf_at(e, st->offset, st->size);
	for (i = 0; i < n; i++) {
		if (s[i].shndx != SHN_UNDEF && s[i].name < str->size &&
		    !strcmp(elf_at(e, str->offset + s[i].name, 1), name))
			return s[i].value;
	}
	die("%s: no symbol %s", e->path, name);
}

/*
 * elf_flatten - bytes of all allocated sections from the lowest address on.
 * *mem_size gets the length with .bss; returns a calloc()ed buffer of
 * *file_size bytes.
 */
static inline uint8_t *
elf_flatten(const struct elf *e, size_t *file_size, size_t *mem_size)
{
	uint64_t lo = UINT64_MAX, hi = 0, mem = 0;
	uint8_t *out;
	unsigned int i;
	struct shdr *s;

	for (i = 1; i < e->eh->shnum; i++) {
		s = &e->sh[i];
		if (!(s->flags & SHF_ALLOC) || !s->size)
			continue;
		if (s->addr < lo)
			lo = s->addr;
		if (s->addr + s->size > mem)
			mem = s->addr + s->size;
		if (s->type != SHT_NOBITS && s->addr + s->size > hi)
			hi = s->addr + s->size;
	}
	if (hi <= lo || mem - lo > 1 << 30)
		die("%s: nothing to load", e->path);
	out = calloc(1, hi - lo);
	if (!out)
		die("out of memory");
	for (i = 1; i < e->eh->shnum; i++) {
		s = &e->sh[i];
		if (!(s->flags & SHF_ALLOC) || s->type == SHT_NOBITS)
			continue;
		if (s->size)
			memcpy(out + (s->addr - lo),
			       elf_at(e, s->offset, s->size), s->size);
	}
	*file_size = hi - lo;
	*mem_size = mem - lo;
	return out;
}

#endif
