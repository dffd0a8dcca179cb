/* SPDX-License-Identifier: MIT */
/* Little-endian fields of a byte blob at any alignment. */
#ifndef BOOT_BLOB_H
#define BOOT_BLOB_H

#include <lib/types.h>

#define GET_OP(n) \
static inline u##n \
get##n(const u8 *p, size_t off) \
{ \
	u##n v; \
	__builtin_memcpy(&v, p + off, sizeof(v)); \
	return v; \
}
GET_OP(16)
GET_OP(32)
GET_OP(64)
#undef GET_OP

#endif
