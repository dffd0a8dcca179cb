/* SPDX-License-Identifier: MIT */
/*
 * Kernel symbols: address to name for backtraces and /proc/kallsyms. The
 * table is made at link time (core/ksyms_table.h).
 */
#include <boot/sections.h>
#include <core/ksyms.h>
#include <core/ksyms_table.h>
#include <lib/printf.h>

static const struct ksyms_table *
table(void)
{
	return &__ksyms_end[0] > &__ksyms_start[0] ?
		(const struct ksyms_table *)__ksyms_start : NULL;
}

static const char *
name_of(const struct ksyms_table *t, u32 i)
{
	return (const char *)t + t->names + t->entry[i].name;
}

const char *
ksym_lookup(unsigned long addr, unsigned long *offset)
{
	const struct ksyms_table *t = table();
	u32 lo = 0, hi;
	u64 off = addr - (unsigned long)_text;

	if (!t || !t->count || addr < (unsigned long)_text || off >> 32 ||
	    off < t->entry[0].offset || addr >= (unsigned long)_end)
		return NULL;
	hi = t->count;
	while (hi - lo > 1) {
		u32 mid = lo + (hi - lo) / 2;

		if (t->entry[mid].offset <= off)
			lo = mid;
		else
			hi = mid;
	}
	*offset = off - t->entry[lo].offset;
	return name_of(t, lo);
}

/* %pS */
static int
print_symbol(char *buf, size_t size, unsigned long addr)
{
	unsigned long off;
	const char *name = ksym_lookup(addr, &off);

	return name ? scnprintf(buf, size, "%s+0x%lx", name, off) :
		scnprintf(buf, size, "0x%016lx", addr);
}

void
ksyms_init(void)
{
	printf_symbol_hook = print_symbol;
}

bool
ksym_iter(unsigned int i, unsigned long *addr, const char **name)
{
	const struct ksyms_table *t = table();

	if (!t || i >= t->count)
		return false;
	*addr = (unsigned long)_text + t->entry[i].offset;
	*name = name_of(t, i);
	return true;
}
