/* SPDX-License-Identifier: MIT */
/*
 * Maps of user or group ids between a user namespace and what is outside of
 * it, user_namespaces(7): ranges, disjoint on both sides. Pure, no allocation.
 */
#ifndef LIB_IDMAP_H
#define LIB_IDMAP_H

#include "lib/types.h"

#define IDMAP_MAX	340		/* ranges */
#define IDMAP_NONE	((u32)-1)	/* the id that none is */

struct id_range { u32 first, lower, count; };	/* inside, outside, how many */

struct id_map {
	u32 n;
	const struct id_range *down;	/* by first */
	const struct id_range *up;	/* by lower */
};

/*
 * idmap_parse - lines "inside outside count" of decimal numbers. text is
 * changed. 0 with *n ranges, in the order given; -EINVAL: no number where one
 * is due, an empty range or one past the last id, overlaps, too many, none.
 */
int idmap_parse(char *text, struct id_range *r, u32 *n) __must_check;
/* sort r by first, or by lower: what down and up of a map need */
void idmap_sort_down(struct id_range *r, u32 n);
void idmap_sort_up(struct id_range *r, u32 n);
/* from inside to outside, and back; IDMAP_NONE: not mapped */
u32 idmap_down(const struct id_map *m, u32 id);
u32 idmap_up(const struct id_map *m, u32 id);
/* the same for count ids from first on, all of which one range must have */
u32 idmap_down_range(const struct id_map *m, u32 first, u32 count);

#endif
