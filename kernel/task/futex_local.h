/* SPDX-License-Identifier: MIT */
/* What futex.c, futex_pi.c and futex_waitv.c share: keys and buckets. */
#ifndef TASK_FUTEX_LOCAL_H
#define TASK_FUTEX_LOCAL_H

#include <abi/errno.h>
#include <core/spinlock.h>
#include <lib/hash.h>
#include <lib/list.h>
#include <mm/uaccess.h>
#include <task/futex.h>
#include <task/task.h>

#define FUTEX_HASH_BITS	8

struct futex_key {
	u64 obj;			/* struct mm * or struct aspace * */
	u64 off;			/* address, or offset in the file */
};

struct futex_bucket {
	struct spinlock lock;
	struct list_head list;		/* .next NULL: never used */
};

struct pi_waiter;

struct futex_waiter {
	struct list_head link;		/* bucket's lock */
	struct thread *thread;
	struct futex_key key;		/* bucket's lock */
	struct futex_bucket *bucket;	/* its own lock; NULL: woken */
	u32 bitset;
	struct pi_waiter *pi;		/* I: FUTEX_WAIT_REQUEUE_PI, or NULL */
};

extern struct futex_bucket futex_buckets[1 << FUTEX_HASH_BITS];

int futex_key_shared(vaddr_t uaddr, struct futex_key *k);

static __always_inline bool
key_equal(const struct futex_key *a, const struct futex_key *b)
{
	return a->off == b->off && a->obj == b->obj;
}

static __always_inline struct futex_bucket *
key_bucket(const struct futex_key *k)
{
	return &futex_buckets[hash_64(k->obj ^ k->off << 14 ^ k->off >> 2,
				      FUTEX_HASH_BITS)];
}

static __always_inline int
futex_key(vaddr_t uaddr, u32 flags, struct futex_key *k)
{
	if (uaddr & 3)
		return -EINVAL;
	if (!access_ok(uaddr, sizeof(u32)))
		return -EFAULT;
	k->obj = (u64)current->mm;
	k->off = uaddr;
	return flags & FUTEX_PRIVATE_FLAG ? 0 : futex_key_shared(uaddr, k);
}

static __always_inline void
bucket_ready(struct futex_bucket *b)
{
	if (unlikely(!b->list.next))
		list_init(&b->list);
}

static inline void
bucket_lock(struct futex_bucket *b)
{
	spin_lock(&b->lock);
	bucket_ready(b);
}

static inline int
read_word_nofault(u32 *v, vaddr_t uaddr)
{
	int err;

	pagefault_disable();
	err = get_user(*v, (u32 __user *)uaddr);
	pagefault_enable();
	return err;
}

/* the owner leaves; false: somebody woke it before */
bool futex_waiter_leave(struct futex_waiter *w);

#endif
