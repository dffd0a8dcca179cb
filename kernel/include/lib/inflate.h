/* SPDX-License-Identifier: MIT */
/*
 * Streaming decoder for DEFLATE (RFC 1951) and gzip (RFC 1952). Input comes
 * from a callback in pieces of any size, output leaves by a callback in runs
 * of at most 64 KiB and a bit. Safe on hostile input: every code, length and distance
 * is checked; memory is the struct inflate of the caller and nothing else.
 */
#ifndef LIB_INFLATE_H
#define LIB_INFLATE_H

#include "lib/types.h"

#define INFLATE_WINDOW	32768
#define INFLATE_SLACK	512	/* behind the window, for the last match */
/* Root tables, and room for every second table a complete code can need: one
 * per root slot that at least two of 286 (30) symbols share. */
#define INFLATE_LEN_BITS 11
#define INFLATE_DIST_BITS 9
#define INFLATE_LEN_SIZE (2048 + 143 * 16)
#define INFLATE_DIST_SIZE (512 + 15 * 64)

struct inflate {
	/* in: next piece to *buf, its length, 0 at the end, or -Exxx */
	ssize_t (*in)(void *ctx, const u8 **buf);
	/* out: n bytes; 0 or -Exxx to stop */
	int (*out)(void *ctx, const u8 *buf, size_t n);
	void *ctx;

	/* private */
	const u8 *piece, *next, *end;	/* current piece; next..end is left */
	u64 hold;			/* bit buffer, low bits first */
	unsigned nbits;
	int error;
	u32 pos;			/* write position in win */
	u32 flushed;			/* win[flushed..pos) is not out yet */
	u32 crc, isize;			/* of the gzip member */
	u8 lens[320];
	u32 len_tab[INFLATE_LEN_SIZE];
	u32 dist_tab[INFLATE_DIST_SIZE];
	u8 win[2 * INFLATE_WINDOW + INFLATE_SLACK];
};

/* Sets in, out and ctx; everything else is started afresh. */
void inflate_init(struct inflate *s, ssize_t (*in)(void *, const u8 **),
		  int (*out)(void *, const u8 *, size_t), void *ctx);

/* One raw deflate stream. 0; -EINVAL for a malformed or cut stream; or what
 * a callback returned. Afterwards s->next..end is the unused input,
 * unless the stream ended within the first bytes of a piece: then up to seven
 * bytes of the piece before stay in hold. */
int __must_check inflate_raw(struct inflate *s);

/* One gzip member with its header, crc and size checked. May be called
 * again for the next member. -ENODATA when the input is empty. */
int __must_check inflate_gzip_member(struct inflate *s);

/* All members until the input ends; zero bytes between are skipped. */
int __must_check inflate_gzip(struct inflate *s);

/*
 * One gzip member in memory: buf[len] through out(ctx); *used is set to the
 * bytes the member occupied. s is scratch space (about 88 KiB).
 */
int __must_check inflate_gzip_buf(struct inflate *s, const u8 *buf,
				  size_t len, size_t *used,
				  int (*out)(void *, const u8 *, size_t),
				  void *ctx);

#endif
