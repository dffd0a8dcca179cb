/* SPDX-License-Identifier: MIT */
/* 128 MiB of emulated frames with the real mm/ on them: see mm_world.c. */
#ifndef MM_WORLD_H
#define MM_WORLD_H

#include <mm/internal.h>
#include "check.h"

void world_make(void);
/* page_alloc() fails from now on / works again */
void world_starve(bool yes);
/* caches drained: page_nr_free() can be compared */
void world_settle(void);

extern struct mm *world_current;	/* current_mm() */
/* called for each TLB flush of m: [start, end) must be forgotten */
extern void (*world_on_flush)(struct mm_arch *m, vaddr_t start, vaddr_t end);

#endif
