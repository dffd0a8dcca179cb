/* SPDX-License-Identifier: MIT */
/*
 * CSPRNG: ChaCha20 per CPU, keyed from a pool that mixes RDSEED/RDRAND, boot
 * seed, interrupt and timer jitter. Good from the first call on CPUs with
 * RDRAND; random_ready() otherwise tells when enough has been mixed.
 */
#ifndef CORE_RANDOM_H
#define CORE_RANDOM_H

#include <lib/types.h>

void random_init(const void *seed, size_t len);
void random_bytes(void *buf, size_t len);	/* any context */
u64 random_u64(void);
u32 random_below(u32 bound);
void random_mix(const void *data, size_t len, u32 entropy_bits);
void random_mix_irq(u64 jitter);		/* I; a few instructions */
bool random_ready(void);
u32 random_entropy_avail(void);			/* bits, at most 256 */

#endif
