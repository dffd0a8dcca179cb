/* SPDX-License-Identifier: MIT */
/*
 * The random number generator: ChaCha20 with fast key erasure.
 *
 * A 256-bit pool key is SHA-256 over all that was mixed in: RDSEED/RDRAND at
 * boot, the loader's seed, the clock, and interrupt times, which each CPU
 * gathers in a few words of its own and folds in once in a while. Each CPU has
 * a key derived from the pool; a request makes one ChaCha20 block, whose
 * first half becomes the next key before the rest is given out, so what was
 * given out cannot be computed back. A CPU takes a new key when the pool's
 * generation has changed.
 *
 * Locking: pool_lock (rank log level: any context) for the pool; per-CPU state
 * with interrupts off.
 */
#include <arch/cpu.h>
#include <arch/percpu.h>
#include <core/random.h>
#include <core/spinlock.h>
#include <core/time.h>
#include <lib/chacha20.h>
#include <lib/hash.h>
#include <lib/printf.h>
#include <lib/sha256.h>
#include <lib/string.h>

#define ENTROPY_MAX	256
#define IRQ_SAMPLES	64	/* interrupts between two foldings */

struct cpu_rng {
	u8 key[CHACHA20_KEY];
	u64 generation;		/* of the pool this key came from */
	u64 batch[4];		/* ready 64-bit numbers */
	u32 left;
	u64 jitter[4];
	u32 nr_jitter;
};

static DEFINE_PERCPU(struct cpu_rng, rng);
static struct spinlock pool_lock = SPINLOCK_INIT(RANK_LOG);
static u8 pool[SHA256_SIZE];
static u64 pool_generation = 1;
static u32 entropy_bits;

/* pool = SHA256(pool || data) */
void
random_mix(const void *data, size_t len, u32 bits)
{
	struct sha256 h;
	unsigned long f = spin_lock_irqsave(&pool_lock);

	sha256_init(&h);
	sha256_update(&h, pool, sizeof(pool));
	sha256_update(&h, data, len);
	sha256_final(&h, pool);
	entropy_bits = min(entropy_bits + bits, (u32)ENTROPY_MAX);
	pool_generation++;
	spin_unlock_irqrestore(&pool_lock, f);
}

static bool
hw_random(u64 *out)
{
	u8 ok;

	for (int i = 0; i < 10; i++) {
		if (cpu_has(CPU_RDSEED)) {
			__asm__ volatile("rdseed %0; setc %1"
					 : "=r"(*out), "=qm"(ok) : : "cc");
			if (ok)
				return true;
		}
		if (cpu_has(CPU_RDRAND)) {
			__asm__ volatile("rdrand %0; setc %1"
					 : "=r"(*out), "=qm"(ok) : : "cc");
			if (ok)
				return true;
		}
	}
	return false;
}

void
random_init(const void *seed, size_t len)
{
	u64 words[8], n = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		if (hw_random(&words[i]))
			n++;
		else
			words[i] = rdtsc();
	random_mix(words, sizeof(words), n * 32);
	if (len)
		random_mix(seed, len, min_t(size_t, len * 8, ENTROPY_MAX));
}

/* Take the pool's present generation as this CPU's key. Irqs off. */
static void
rekey(struct cpu_rng *r)
{
	struct { u64 tsc; u32 cpu; u8 old[CHACHA20_KEY]; } mix = {
		.tsc = rdtsc(), .cpu = cpu_id() };
	struct sha256 h;
	u8 digest[SHA256_SIZE];

	memcpy(mix.old, r->key, sizeof(mix.old));
	spin_lock(&pool_lock);
	sha256_init(&h);
	sha256_update(&h, pool, sizeof(pool));
	sha256_update(&h, &mix, sizeof(mix));
	r->generation = pool_generation;
	spin_unlock(&pool_lock);
	sha256_final(&h, digest);
	memcpy(r->key, digest, sizeof(r->key));
	r->left = 0;
	memset(digest, 0, sizeof(digest));
}

/* One block: a new key and 32 bytes to give out. Irqs off. */
static void
next_block(struct cpu_rng *r, u8 *out)
{
	static const u8 nonce[12];
	u8 block[CHACHA20_BLOCK];
	struct chacha20 c;

	if (unlikely(r->generation != READ_ONCE(pool_generation)))
		rekey(r);
	chacha20_init(&c, r->key, 0, nonce);
	chacha20_block(&c, block);
	memcpy(r->key, block, sizeof(r->key));
	memcpy(out, block + sizeof(r->key), 32);
	memset(block, 0, sizeof(block));
	memset(&c, 0, sizeof(c));
}

void
random_bytes(void *buf, size_t len)
{
	u8 tmp[32], *p = buf;

	while (len) {
		size_t n = min(len, sizeof(tmp));
		unsigned long f = irq_save();

		next_block(this_cpu_ptr(rng), tmp);
		irq_restore(f);
		memcpy(p, tmp, n);
		p += n;
		len -= n;
	}
	memset(tmp, 0, sizeof(tmp));
	barrier();
}

u64
random_u64(void)
{
	unsigned long f = irq_save();
	struct cpu_rng *r = this_cpu_ptr(rng);
	u64 v;

	if (!r->left || r->generation != READ_ONCE(pool_generation)) {
		next_block(r, (u8 *)r->batch);
		r->left = ARRAY_SIZE(r->batch);
	}
	v = r->batch[--r->left];
	r->batch[r->left] = 0;
	irq_restore(f);
	return v;
}

/* %p: the same pointer prints the same, and tells nothing of its value. */
u64
printf_hash_ptr(const void *p)
{
	static struct siphash_key key;

	if (unlikely(!key.k[0])) {
		key.k[1] = random_u64();
		key.k[0] = random_u64() | 1;
	}
	return siphash13_u64((u64)p, &key) & 0xffffffff;
}

u32
random_below(u32 bound)
{
	/* multiply-shift; the bias is below 2^-32 */
	return (u64)((random_u64() >> 32) * (u64)bound) >> 32;
}

void
random_mix_irq(u64 jitter)
{
	struct cpu_rng *r = this_cpu_ptr(rng);
	u32 i = r->nr_jitter++;

	r->jitter[i & 3] = (r->jitter[i & 3] << 7 | r->jitter[i & 3] >> 57) ^
		jitter;
	if (unlikely(r->nr_jitter == IRQ_SAMPLES)) {
		r->nr_jitter = 0;
		/* one bit for every other interrupt, while it still matters */
		if (entropy_bits < ENTROPY_MAX || !(jitter & 0xff))
			random_mix(r->jitter, sizeof(r->jitter),
				   IRQ_SAMPLES / 2);
	}
}

bool
random_ready(void)
{
	return READ_ONCE(entropy_bits) >= 128;
}

u32
random_entropy_avail(void)
{
	return READ_ONCE(entropy_bits);
}
