/* SPDX-License-Identifier: MIT */
/*
 * struct bootinfo: the memory map's rules. Pure.
 *
 * map[] is kept sorted and disjoint on every insertion; maps have tens of
 * entries, so a linear pass each is cheaper than anything clever. What a
 * hostile or broken map can do is lose memory: usable is the weakest type,
 * and an array that is full only ever drops usable ranges.
 */
#include <arch/layout.h>
#include <boot/bootinfo.h>
#include <lib/string.h>

/* Which of two overlapping types holds: the higher. */
static unsigned int __init
rank(u32 type)
{
	switch (type) {
	case BOOT_MEM_USABLE:
		return 0;
	case BOOT_MEM_ACPI:
		return 1;
	case BOOT_MEM_NVS:
		return 3;
	case BOOT_MEM_UNUSABLE:
		return 4;
	default:
		return 2;
	}
}

/* Open a gap at i. */
static bool __init
insert_at(struct bootinfo *out, u32 i, paddr_t start, paddr_t end, u32 type)
{
	if (out->nr_map >= BOOT_MAP_MAX) {
		out->map_dropped++;
		return false;
	}
	memmove(&out->map[i + 1], &out->map[i],
		(out->nr_map - i) * sizeof(out->map[0]));
	out->map[i] = (struct boot_mem_range){ start, end, type };
	out->nr_map++;
	return true;
}

/*
 * [start, end) lies inside map[i], which has a lower rank: change its type
 * there. Full: the rest of map[i] changes with it.
 */
static void __init
override_part(struct bootinfo *out, u32 i, paddr_t start, paddr_t end, u32 type)
{
	struct boot_mem_range *r = &out->map[i];
	paddr_t r_start = r->start, r_end = r->end;
	u32 r_type = r->type;

	if (r_end > end && insert_at(out, i + 1, end, r_end, r_type))
		r->end = end;
	if (r_start < start && insert_at(out, i, r_start, start, r_type)) {
		r = &out->map[i + 1];
		r->start = start;
	}
	r->type = type;
}

static void __init
merge(struct bootinfo *out)
{
	u32 i, n = 0;

	for (i = 0; i < out->nr_map; i++) {
		if (n && out->map[n - 1].end == out->map[i].start &&
		    out->map[n - 1].type == out->map[i].type)
			out->map[n - 1].end = out->map[i].end;
		else
			out->map[n++] = out->map[i];
	}
	out->nr_map = n;
}

void __init
bootinfo_map_add(struct bootinfo *out, paddr_t start, u64 len, u32 type)
{
	struct boot_mem_range *r;
	paddr_t end, stop;
	u32 i = 0;

	/* 52 bits is what the architecture can ever address */
	if (!len || start >= 1UL << 52)
		return;
	if (add_overflow(start, len, &end) || end > 1UL << 52)
		end = 1UL << 52;
	if (type < BOOT_MEM_USABLE || type > BOOT_MEM_UNUSABLE)
		type = BOOT_MEM_RESERVED;

	while (start < end) {
		while (i < out->nr_map && out->map[i].end <= start)
			i++;
		r = &out->map[i];
		if (i == out->nr_map || r->start > start) {
			stop = i < out->nr_map ? min(end, r->start) : end;
			insert_at(out, i, start, stop, type);
		} else {
			stop = min(end, r->end);
			if (rank(type) > rank(r->type))
				override_part(out, i, start, stop, type);
		}
		start = stop;
	}
	merge(out);
}

void __init
bootinfo_map_finish(struct bootinfo *out)
{
	struct boot_mem_range *r;
	u32 i, n = 0;

	bootinfo_map_add(out, 0, PAGE_SIZE, BOOT_MEM_RESERVED);
	for (i = 0; i < out->nr_map; i++) {
		r = &out->map[i];
		if (r->type == BOOT_MEM_USABLE) {
			r->start = ALIGN_UP(r->start, PAGE_SIZE);
			r->end = ALIGN_DOWN(r->end, PAGE_SIZE);
			if (r->start >= r->end)
				continue;
		}
		out->map[n++] = *r;
	}
	out->nr_map = n;
}

void __init
bootinfo_map_limit(struct bootinfo *out, paddr_t limit)
{
	u32 i, n = 0;

	limit = ALIGN_DOWN(limit, PAGE_SIZE);
	for (i = 0; i < out->nr_map; i++) {
		struct boot_mem_range r = out->map[i];

		if (r.type == BOOT_MEM_USABLE) {
			if (r.start >= limit)
				continue;
			r.end = min(r.end, limit);
		}
		out->map[n++] = r;
	}
	out->nr_map = n;
}

void __init
bootinfo_set_cmdline(struct bootinfo *out, const char *s, size_t max)
{
	size_t n = strnlen(s, min_t(size_t, max, BOOT_CMDLINE_MAX - 1));

	memcpy(out->cmdline, s, n);
	out->cmdline[n] = '\0';
	/* a trailing newline is some loader's, not the user's */
	while (n && (out->cmdline[n - 1] == '\n' || out->cmdline[n - 1] == ' '))
		out->cmdline[--n] = '\0';
}
