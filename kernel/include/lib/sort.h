/* SPDX-License-Identifier: MIT */
/* Heapsort: in place, O(n log n) always, not stable. */
#ifndef LIB_SORT_H
#define LIB_SORT_H

#include "lib/types.h"

void sort(void *base, size_t n, size_t size,
	  int (*cmp)(const void *a, const void *b));
/* element equal to key in a sorted array, or NULL */
void *bsearch(const void *key, const void *base, size_t n, size_t size,
	      int (*cmp)(const void *key, const void *elem));

#endif
