/* SPDX-License-Identifier: MIT */
/*
 * How many namespaces of each kind a user has: /proc/sys/user. A user's are
 * counted in the user namespace that owns them, and for that one's maker in
 * the parent, and so on up, so that nesting does not multiply what one has.
 *
 * An entry (namespace, user) exists as long as one of its counts is not 0;
 * what is counted keeps the namespace.
 *
 * Locks: ucount_lock (rank device, irqs off: RCU callbacks put namespaces).
 */
#include <abi/errno.h>
#include <lib/hash.h>
#include <mm/slab.h>
#include <task/task.h>
#include <task/user_ns.h>

#define BUCKET_BITS	5

struct ucount {
	struct ucount *next;
	const struct user_ns *ns;
	uid_t uid;
	u32 n[NS_KINDS];
	u32 total;
};

static struct ucount *buckets[1 << BUCKET_BITS];
static struct spinlock ucount_lock = SPINLOCK_INIT(RANK_DEVICE);

static struct ucount **
find(const struct user_ns *ns, uid_t uid)
{
	struct ucount **p = &buckets[hash_64(((u64)ns >> 4) ^ uid,
					     BUCKET_BITS)];

	while (*p && ((*p)->ns != ns || (*p)->uid != uid))
		p = &(*p)->next;
	return p;
}

static int
charge_one(const struct user_ns *ns, uid_t uid, enum ns_kind kind)
{
	struct ucount *fresh = kzalloc(sizeof(*fresh), GFP_KERNEL), **p;
	int max = READ_ONCE(ns->max[kind]), err = 0;
	unsigned long f;

	if (!fresh)
		return -ENOMEM;
	f = spin_lock_irqsave(&ucount_lock);
	p = find(ns, uid);
	if (max <= 0 || (*p && (*p)->n[kind] >= (u32)max)) {
		err = -ENOSPC;
	} else {
		if (!*p) {
			fresh->ns = ns;
			fresh->uid = uid;
			*p = fresh;
			fresh = NULL;
		}
		(*p)->n[kind]++;
		(*p)->total++;
	}
	spin_unlock_irqrestore(&ucount_lock, f);
	kfree(fresh);
	return err;
}

static void
uncharge_one(const struct user_ns *ns, uid_t uid, enum ns_kind kind)
{
	unsigned long f = spin_lock_irqsave(&ucount_lock);
	struct ucount **p = find(ns, uid), *u = *p;

	u->n[kind]--;
	if (--u->total)
		u = NULL;
	else
		*p = u->next;
	spin_unlock_irqrestore(&ucount_lock, f);
	kfree(u);
}

int
ucount_charge(struct user_ns *ns, uid_t uid, enum ns_kind kind)
{
	struct user_ns *i, *undo;
	uid_t who = uid;
	int err;

	for (i = ns; i; who = i->owner, i = i->parent) {
		err = charge_one(i, who, kind);
		if (err)
			goto undo;
	}
	return 0;
undo:
	for (undo = ns, who = uid; undo != i;
	     who = undo->owner, undo = undo->parent)
		uncharge_one(undo, who, kind);
	return err;
}

void
ucount_uncharge(struct user_ns *ns, uid_t uid, enum ns_kind kind)
{
	for (; ns; uid = ns->owner, ns = ns->parent)
		uncharge_one(ns, uid, kind);
}
