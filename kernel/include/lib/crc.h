/* SPDX-License-Identifier: MIT */
/*
 * Cyclic redundancy checks, reflected forms. Start with crc = 0 and feed the
 * result back for more data (crc32, as zlib); the _raw forms do no
 * inversion, as ext4 and others want.
 */
#ifndef LIB_CRC_H
#define LIB_CRC_H

#include "lib/types.h"

u32 crc32(u32 crc, const void *p, size_t n);		/* 0xedb88320 */
u32 crc32_raw(u32 crc, const void *p, size_t n);
u32 crc32c(u32 crc, const void *p, size_t n);		/* 0x82f63b78 */
u32 crc32c_raw(u32 crc, const void *p, size_t n);
u16 crc16(u16 crc, const void *p, size_t n);		/* 0xa001, raw */

#endif
