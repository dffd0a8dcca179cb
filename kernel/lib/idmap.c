/* SPDX-License-Identifier: MIT */
/*
 * Maps of ids: parsing what is written to /proc/PID/uid_map and looking ids
 * up, by binary search in the ranges sorted by either side.
 */
#include <abi/errno.h>
#include <lib/ctype.h>
#include <lib/idmap.h>
#include <lib/kstrto.h>
#include <lib/sort.h>
#include <lib/string.h>

static int
cmp_first(const void *a, const void *b)
{
	const struct id_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static int
cmp_lower(const void *a, const void *b)
{
	const struct id_range *x = a, *y = b;

	return x->lower < y->lower ? -1 : x->lower > y->lower;
}

void
idmap_sort_down(struct id_range *r, u32 n)
{
	sort(r, n, sizeof(*r), cmp_first);
}

void
idmap_sort_up(struct id_range *r, u32 n)
{
	sort(r, n, sizeof(*r), cmp_lower);
}

/* a number at *p, which moves on; what follows must be a blank or the end */
static bool
number(const char **p, u32 *out)
{
	const char *s = *p, *end;
	u64 v;

	while (isspace(*s))
		s++;
	if (!isdigit(*s))
		return false;
	v = kstrtoul_prefix(s, &end, 10);
	if ((*end && !isspace(*end)) || v > U32_MAX)
		return false;
	*out = v;
	*p = end;
	return true;
}

static bool
parse_line(const char *s, struct id_range *r)
{
	if (!number(&s, &r->first) || !number(&s, &r->lower) ||
	    !number(&s, &r->count))
		return false;
	while (isspace(*s))
		s++;
	/* the last id is none, so a range ends before it */
	return !*s && r->count && r->first + r->count > r->first &&
		r->lower + r->count > r->lower;
}

static bool
overlap(u32 a, u32 b, u32 na, u32 nb)
{
	return a <= b + (nb - 1) && b <= a + (na - 1);
}

int
idmap_parse(char *text, struct id_range *r, u32 *n)
{
	char *line;
	u32 k = 0;

	while ((line = strsep(&text, "\n"))) {
		if (!*line && !text && k)
			break;		/* after the last newline */
		if (k == IDMAP_MAX || !parse_line(line, &r[k]))
			return -EINVAL;
		for (u32 i = 0; i < k; i++)
			if (overlap(r[i].first, r[k].first, r[i].count,
				    r[k].count) ||
			    overlap(r[i].lower, r[k].lower, r[i].count,
				    r[k].count))
				return -EINVAL;
		k++;
	}
	*n = k;
	return k ? 0 : -EINVAL;
}

u32
idmap_down_range(const struct id_map *m, u32 first, u32 count)
{
	u32 lo = 0, hi = m->n;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;
		const struct id_range *r = &m->down[mid];

		if (first < r->first)
			hi = mid;
		else if (first - r->first >= r->count)
			lo = mid + 1;
		else
			return r->count - (first - r->first) >= count ?
				r->lower + (first - r->first) : IDMAP_NONE;
	}
	return IDMAP_NONE;
}

u32
idmap_down(const struct id_map *m, u32 id)
{
	return idmap_down_range(m, id, 1);
}

u32
idmap_up(const struct id_map *m, u32 id)
{
	u32 lo = 0, hi = m->n;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;
		const struct id_range *r = &m->up[mid];

		if (id < r->lower)
			hi = mid;
		else if (id - r->lower >= r->count)
			lo = mid + 1;
		else
			return r->first + (id - r->lower);
	}
	return IDMAP_NONE;
}
