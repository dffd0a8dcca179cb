/* SPDX-License-Identifier: MIT */
/*
 * Byte ring over a caller's buffer, size a power of two. One producer and
 * one consumer need no lock; more need the caller's.
 */
#ifndef LIB_RING_H
#define LIB_RING_H

#include "lib/string.h"
#include "lib/types.h"

struct ring {
	u8 *buf;
	u32 size;
	u32 head;	/* bytes ever put */
	u32 tail;	/* bytes ever taken */
};

static inline void
ring_init(struct ring *r, void *buf, u32 size)
{
	r->buf = buf;
	r->size = size;
	r->head = 0;
	r->tail = 0;
}

static inline u32
ring_used(const struct ring *r)
{
	return __atomic_load_n(&r->head, __ATOMIC_ACQUIRE) -
	       __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE);
}

static inline u32
ring_room(const struct ring *r)
{
	return r->size - ring_used(r);
}

static inline void
ring_clear(struct ring *r)
{
	__atomic_store_n(&r->tail, r->head, __ATOMIC_RELEASE);
}

static inline bool
ring_putc(struct ring *r, u8 c)
{
	if (!ring_room(r))
		return false;
	r->buf[r->head & (r->size - 1)] = c;
	__atomic_store_n(&r->head, r->head + 1, __ATOMIC_RELEASE);
	return true;
}

/* the next byte or -1 */
static inline int
ring_getc(struct ring *r)
{
	int c;

	if (!ring_used(r))
		return -1;
	c = r->buf[r->tail & (r->size - 1)];
	__atomic_store_n(&r->tail, r->tail + 1, __ATOMIC_RELEASE);
	return c;
}

/* as much of n bytes as fits; returns the number taken over */
static inline u32
ring_put(struct ring *r, const void *p, u32 n)
{
	u32 room = ring_room(r), off = r->head & (r->size - 1), first;

	if (n > room)
		n = room;
	first = min(n, r->size - off);
	memcpy(r->buf + off, p, first);
	memcpy(r->buf, (const u8 *)p + first, n - first);
	__atomic_store_n(&r->head, r->head + n, __ATOMIC_RELEASE);
	return n;
}

/* longest run that can be read in place, from the tail */
static inline u32
ring_peek(const struct ring *r, const u8 **p)
{
	u32 off = r->tail & (r->size - 1);

	*p = r->buf + off;
	return min(ring_used(r), r->size - off);
}

static inline void
ring_skip(struct ring *r, u32 n)
{
	__atomic_store_n(&r->tail, r->tail + n, __ATOMIC_RELEASE);
}

static inline u32
ring_get(struct ring *r, void *p, u32 n)
{
	u32 used = ring_used(r), off = r->tail & (r->size - 1), first;

	if (n > used)
		n = used;
	first = min(n, r->size - off);
	memcpy(p, r->buf + off, first);
	memcpy((u8 *)p + first, r->buf, n - first);
	ring_skip(r, n);
	return n;
}

#endif
