/* SPDX-License-Identifier: MIT */
/*
 * Memory before the buddy exists: usable ranges of the boot map minus what is
 * reserved (kernel, initrd, bootinfo). Boot CPU only; gone after page_init().
 */
#ifndef MM_MEMBLOCK_H
#define MM_MEMBLOCK_H

#include <lib/types.h>

struct bootinfo;

void memblock_init(const struct bootinfo *bi);	/* honours mem= */
void memblock_reserve(paddr_t start, u64 len);
/* memblock_alloc - zeroed, below 4 GiB until paging_init() is done; panics. */
paddr_t memblock_alloc(size_t size, size_t align);
u64 memblock_end(void);		/* first byte above the last usable range */
/* iterate usable ranges, reserved not taken out; false when i is past them */
bool memblock_range(unsigned int i, paddr_t *start, paddr_t *end);

#endif
