// SPDX-License-Identifier: MIT
/*
 * Ids, keys and rights of System V objects, sysvipc(7).
 *
 * An id is seq * IPC_MNI + index. Indices go round before one is used again,
 * and each round raises seq, so a program with an old id gets EINVAL
 * rather than a stranger's object.
 *
 * Locking: tables and key chains are read under RCU, which here means without
 * sleeping; objects are freed after a grace period, so one that was found can
 * be locked, and "deleted" then says whether it is still there. Tables double
 * when they are full; the old one is freed after a grace period, too.
 *
 * Limits: IPC_MNI objects of a kind in a namespace.
 */
#include <lib/hash.h>
#include <lib/string.h>
#include <sched/sched.h>
#include <task/user_ns.h>
#include "local.h"

void
ipc_ids_init(struct ipc_ids *ids)
{
	mutex_init(&ids->mutex, RANK_OBJECT);
	spin_init(&ids->lock, RANK_OBJQUEUE);
	ids->max_idx = -1;
	ids->last_idx = -1;
}

void
ipc_ids_destroy(struct ipc_ids *ids)
{
	kfree(ids->table);
}

void
ipc_perm_init(struct ipc_perm *p, s32 key, int flags)
{
	const struct cred *c = current_cred();

	spin_init(&p->lock, RANK_OBJQUEUE);
	refcount_set(&p->count, 1);
	p->key = key;
	p->mode = flags & 0777;
	p->uid = p->cuid = c->euid;
	p->gid = p->cgid = c->egid;
	INIT_HLIST_NODE(&p->key_link);
}

static struct hlist_head *
key_chain(struct ipc_ids *ids, s32 key)
{
	return &ids->keys[hash_32((u32)key, IPC_KEY_BITS)];
}

/* room for one more index; m held, so nobody else grows the table */
static int
grow(struct ipc_ids *ids, u32 need)
{
	struct ipc_table *old = ids->table, *t;
	u32 n = old ? old->n : 0;

	if (need < n)
		return 0;
	n = max(n * 2, 64U);
	t = kzalloc(sizeof(*t) + n * sizeof(t->slot[0]), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	t->n = n;
	spin_lock(&ids->lock);
	if (old)
		memcpy(t->slot, old->slot, old->n * sizeof(t->slot[0]));
	rcu_assign_pointer(ids->table, t);
	spin_unlock(&ids->lock);
	if (old)
		kfree_rcu(old, &old->rcu);
	return 0;
}

/* first free index of [from, to), or -1 */
static int
free_index(const struct ipc_ids *ids, int from, int to)
{
	const struct ipc_table *t = ids->table;

	for (int i = from; i < to; i++)
		if (!t || (u32)i >= t->n || !t->slot[i])
			return i;
	return -1;
}

int
ipc_add(struct ipc_ids *ids, struct ipc_perm *p, int limit)
{
	int end, idx, err;

	limit = min(limit, IPC_MNI);
	if ((int)ids->in_use >= limit)
		return -ENOSPC;
	end = min(max((int)(ids->in_use * 3 / 2), IPC_MIN_CYCLE), IPC_MNI);
	idx = free_index(ids, ids->last_idx + 1, end);
	if (idx < 0)
		idx = free_index(ids, 0, end);
	if (idx < 0)
		return -ENOSPC;
	err = grow(ids, idx);
	if (err)
		return err;
	spin_lock(&p->lock);
	spin_lock_nested(&ids->lock);	/* inside of an object's */
	if (idx <= ids->last_idx && ++ids->seq > IPC_SEQ_MAX - 1)
		ids->seq = 0;
	ids->last_idx = idx;
	p->seq = ids->seq;
	p->id = p->seq * IPC_MNI + idx;
	ids->in_use++;
	ids->max_idx = max(ids->max_idx, idx);
	rcu_assign_pointer(ids->table->slot[idx], p);
	if (p->key != IPC_PRIVATE)
		hlist_add_head_rcu(&p->key_link, key_chain(ids, p->key));
	spin_unlock(&ids->lock);
	return p->id;
}

static void
unhash_locked(struct ipc_perm *p)
{
	if (p->key != IPC_PRIVATE)
		hlist_del_init_rcu(&p->key_link);
	p->key = IPC_PRIVATE;
}

void
ipc_forget_key(struct ipc_ids *ids, struct ipc_perm *p)
{
	spin_lock_nested(&ids->lock);
	unhash_locked(p);
	spin_unlock(&ids->lock);
}

void
ipc_remove(struct ipc_ids *ids, struct ipc_perm *p)
{
	int idx = p->id % IPC_MNI;

	spin_lock_nested(&ids->lock);
	ids->table->slot[idx] = NULL;
	unhash_locked(p);
	ids->in_use--;
	while (ids->max_idx >= 0 && !ids->table->slot[ids->max_idx])
		ids->max_idx--;
	spin_unlock(&ids->lock);
	p->deleted = true;
}

struct ipc_perm *
ipc_lock_index(struct ipc_ids *ids, int idx)
{
	struct ipc_table *t;
	struct ipc_perm *p = NULL;

	rcu_read_lock();
	t = rcu_dereference(ids->table);
	if (idx >= 0 && t && (u32)idx < t->n)
		p = rcu_dereference(t->slot[idx]);
	if (p) {
		spin_lock(&p->lock);
		if (p->deleted) {
			spin_unlock(&p->lock);
			p = NULL;
		}
	}
	rcu_read_unlock();
	return p;
}

int
ipc_lock(struct ipc_ids *ids, int id, struct ipc_perm **out)
{
	struct ipc_perm *p;

	if (id < 0)
		return -EINVAL;
	p = ipc_lock_index(ids, id % IPC_MNI);
	if (!p)
		return -EINVAL;
	if (p->id != id) {
		spin_unlock(&p->lock);
		return -EINVAL;	/* an old id; EIDRM is for who slept */
	}
	*out = p;
	return 0;
}

struct ipc_perm *
ipc_find_key(struct ipc_ids *ids, s32 key)
{
	struct ipc_perm *p;

	spin_lock(&ids->lock);
	hlist_for_each_entry(p, key_chain(ids, key), key_link)
		if (p->key == key)
			break;
	spin_unlock(&ids->lock);
	/* no sleep since: p may be dead by now, but not freed */
	if (!p)
		return NULL;
	spin_lock(&p->lock);
	if (!p->deleted && p->key == key)
		return p;
	spin_unlock(&p->lock);
	return NULL;
}

static void
free_perm(struct rcu_head *h)
{
	kvfree(container_of(h, struct ipc_perm, rcu));
}

void
ipc_free_rcu(struct ipc_perm *p)
{
	call_rcu(&p->rcu, free_perm);
}

int
ipc_access(const struct ipc_perm *p, int want)
{
	const struct cred *c = current_cred();
	mode_t have = p->mode;

	want = (want >> 6 | want >> 3 | want) & 7;
	if (c->euid == p->cuid || c->euid == p->uid)
		have >>= 6;
	else if (cred_in_egroup(c, p->cgid) || cred_in_egroup(c, p->gid))
		have >>= 3;
	if (!(want & ~have & 7) ||
	    ns_capable(current_ipc_ns()->common.owner, CAP_IPC_OWNER))
		return 0;
	return -EACCES;
}

int
ipc_owner(const struct ipc_perm *p)
{
	uid_t u = current_cred()->euid;

	return u == p->cuid || u == p->uid ||
		ns_capable(current_ipc_ns()->common.owner, CAP_SYS_ADMIN) ?
		0 : -EPERM;
}

int
ipc_get_check(const struct ipc_perm *p, int flags)
{
	if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
		return -EEXIST;
	return ipc_access(p, flags);
}

void
ipc_perm_stat(const struct ipc_perm *p, struct abi_ipc_perm *out)
{
	const struct user_ns *ns = current_user_ns();

	*out = (struct abi_ipc_perm){
		.key = p->key, .mode = p->mode, .seq = p->seq,
		.uid = from_kuid_munged(ns, p->uid),
		.gid = from_kgid_munged(ns, p->gid),
		.cuid = from_kuid_munged(ns, p->cuid),
		.cgid = from_kgid_munged(ns, p->cgid),
	};
}

int
ipc_perm_set(struct ipc_perm *p, const struct abi_ipc_perm *in)
{
	uid_t uid = make_kuid(current_user_ns(), in->uid);
	gid_t gid = make_kgid(current_user_ns(), in->gid);

	if (uid == INVALID_ID || gid == INVALID_ID)
		return -EINVAL;
	p->uid = uid;
	p->gid = gid;
	p->mode = (p->mode & ~0777U) | (in->mode & 0777);
	return 0;
}

int
ipc_sleep(struct spinlock *l, struct ipc_waiter *w, nsec_t deadline)
{
	bool late = false;
	int err = 0;

	for (;;) {
		if (w->status != IPC_WAITING)
			break;
		if (signal_pending_current())
			err = -EINTR;
		else if (late)
			err = -ETIMEDOUT;
		if (err) {
			list_del_init(&w->link);
			break;
		}
		set_state(TS_INTERRUPTIBLE);
		spin_unlock(l);
		if (deadline == NSEC_MAX)
			schedule();
		else
			late = schedule_until(deadline);
		spin_lock(l);
	}
	return err;
}
