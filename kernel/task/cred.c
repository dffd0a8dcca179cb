/* SPDX-License-Identifier: MIT */
/*
 * Credentials, credentials(7) and capabilities(7).
 *
 * A struct cred never changes once a task points at it, so readers need no
 * lock. A change copies it (cred_prepare), edits the copy and publishes it
 * (cred_commit). Other tasks that look at t->cred do so under RCU.
 *
 * Per-user counts (processes, queued signals, locked memory) hang off the
 * real uid: a small hash of struct user_count.
 */
#include <lib/sort.h>
#include <lib/string.h>
#include <abi/errno.h>
#include <abi/limits.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <task/local.h>
#include <task/task.h>
#include <task/user_ns.h>

#define USER_BUCKETS	64

static struct group_info no_groups = { .count = REFCOUNT_INIT(2) };
static struct user_count root_user = { .count = REFCOUNT_INIT(2) };

struct cred init_cred = {
	.count = REFCOUNT_INIT(2),
	.cap_permitted = CAP_FULL_SET,
	.cap_effective = CAP_FULL_SET,
	.cap_bset = CAP_FULL_SET,
	.groups = &no_groups,
	.user = &root_user,
	.user_ns = &init_user_ns,
};

static struct user_count *user_hash[USER_BUCKETS];
static struct spinlock user_lock = SPINLOCK_INIT(RANK_DEVICE);

void
cred_init(void)
{
	user_hash[0] = &root_user;
}

struct user_count *
user_get(uid_t uid)
{
	struct user_count *u, *fresh = NULL;
	unsigned long f;

	for (;;) {
		f = spin_lock_irqsave(&user_lock);
		for (u = user_hash[uid % USER_BUCKETS]; u; u = u->next)
			if (u->uid == uid)
				break;
		if (u) {
			refcount_get(&u->count);
		} else if (fresh) {
			fresh->next = user_hash[uid % USER_BUCKETS];
			user_hash[uid % USER_BUCKETS] = fresh;
			u = fresh;
			fresh = NULL;
		}
		spin_unlock_irqrestore(&user_lock, f);
		if (u)
			break;
		fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
		if (!fresh)
			return NULL;
		refcount_set(&fresh->count, 1);
		fresh->uid = uid;
	}
	kfree(fresh);
	return u;
}

void
user_put(struct user_count *u)
{
	struct user_count **pp;
	s32 n = atomic_read(&u->count.n);
	unsigned long f;

	/* not the last: no lock */
	while (n > 1 && n < REFCOUNT_SATURATED - 1)
		if (atomic_try_cmpxchg(&u->count.n, &n, n - 1))
			return;
	f = spin_lock_irqsave(&user_lock);
	if (refcount_put(&u->count)) {
		for (pp = &user_hash[u->uid % USER_BUCKETS]; *pp != u;)
			pp = &(*pp)->next;
		*pp = u->next;
	} else {
		u = NULL;
	}
	spin_unlock_irqrestore(&user_lock, f);
	kfree(u);
}

const struct cred *
cred_get(const struct cred *c)
{
	refcount_get(&((struct cred *)c)->count);
	return c;
}

static void
cred_free_rcu(struct rcu_head *h)
{
	struct cred *c = container_of(h, struct cred, rcu);

	if (refcount_put(&c->groups->count))
		kvfree(c->groups);
	user_put(c->user);
	user_ns_put(c->user_ns);
	kfree(c);
}

void
cred_put(const struct cred *cc)
{
	struct cred *c = (struct cred *)cc;

	if (refcount_put(&c->count))
		call_rcu(&c->rcu, cred_free_rcu);
}

const struct cred *
task_cred_get(struct task *t)
{
	const struct cred *c;

	rcu_read_lock();
	do
		c = rcu_dereference(t->cred);
	while (!refcount_get_live(&((struct cred *)c)->count));
	rcu_read_unlock();
	return c;
}

const struct cred *
(current_cred)(void)
{
	return current->cred;
}

struct user_ns *
(current_user_ns)(void)
{
	return current->cred->user_ns;
}

struct cred *
cred_prepare(void)
{
	struct cred *c = kmemdup(current->cred, sizeof(*c), GFP_KERNEL);

	if (!c)
		return NULL;
	refcount_set(&c->count, 1);
	refcount_get(&c->groups->count);
	refcount_get(&c->user->count);
	user_ns_get(c->user_ns);
	return c;
}

void
cred_abort(struct cred *c)
{
	cred_put(c);
}

/* Does b have more than a? One who makes a user namespace gains nothing. */
static bool
caps_grew(const struct cred *a, const struct cred *b)
{
	if (likely(a->user_ns == b->user_ns))
		return b->cap_permitted & ~a->cap_permitted;
	for (const struct user_ns *i = b->user_ns; i->parent; i = i->parent)
		if (i->parent == a->user_ns && i->owner == a->euid)
			return false;
	return true;
}

/* A process whose identity grew is no longer its peers' to inspect. */
static bool
cred_changed_identity(const struct cred *a, const struct cred *b)
{
	return a->euid != b->euid || a->egid != b->egid ||
		a->fsuid != b->fsuid || a->fsgid != b->fsgid ||
		caps_grew(a, b);
}

int suid_dumpable;

void
cred_commit(struct cred *new)
{
	const struct cred *old = current->cred;

	if (cred_changed_identity(old, new)) {
		if (current->mm) {
			__atomic_and_fetch(&current->mm->flags,
				~(3UL << MMF_DUMPABLE), __ATOMIC_RELAXED);
			__atomic_or_fetch(&current->mm->flags,
				(u64)suid_dumpable << MMF_DUMPABLE,
				__ATOMIC_RELAXED);
		}
		current->pdeath_signal = 0;
	}
	if (new->uid != new->user->uid) {
		/* keep the old one when memory is short: only counts differ */
		struct user_count *u = user_get(new->uid);

		if (u) {
			user_put(new->user);
			new->user = u;
		}
	}
	if (new->user != old->user) {
		if (new->uid && (u64)atomic_read(&new->user->processes) >=
		    rlimit_cur(RLIMIT_NPROC))
			current->flags |= TASK_NPROC_EXCEEDED;
		else
			current->flags &= ~TASK_NPROC_EXCEEDED;
		atomic_inc(&new->user->processes);
		atomic_dec(&old->user->processes);
	}
	rcu_assign_pointer(current->cred, new);
	cred_put(old);
}

bool
capable(int cap)
{
	const struct cred *c = current->cred;

	return c->user_ns == &init_user_ns && cred_capable(c, cap);
}

static bool
groups_have(const struct group_info *g, gid_t gid)
{
	u32 lo = 0, hi = g->n;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (g->gid[mid] == gid)
			return true;
		if (g->gid[mid] < gid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool
cred_in_group(const struct cred *c, gid_t gid)
{
	return c->fsgid == gid || groups_have(c->groups, gid);
}

bool
cred_in_egroup(const struct cred *c, gid_t gid)
{
	return c->egid == gid || groups_have(c->groups, gid);
}

int
groups_out(gid_t __user *list, const struct group_info *g)
{
	const struct user_ns *ns = current_user_ns();

	if (likely(ns == &init_user_ns))
		return copyout(list, g->gid, g->n * sizeof(gid_t));
	for (u32 i = 0; i < g->n; i++)
		if (put_user(from_kgid_munged(ns, g->gid[i]), list + i))
			return -EFAULT;
	return 0;
}

static int
gid_cmp(const void *a, const void *b)
{
	gid_t x = *(const gid_t *)a, y = *(const gid_t *)b;

	return x < y ? -1 : x > y;
}

int
cred_set_groups(struct cred *c, u32 n, const gid_t *gids)
{
	struct group_info *g;

	if (n > NGROUPS_MAX)
		return -EINVAL;
	g = kvmalloc(sizeof(*g) + n * sizeof(gid_t), GFP_KERNEL);
	if (!g)
		return -ENOMEM;
	refcount_set(&g->count, 1);
	g->n = n;
	memcpy(g->gid, gids, n * sizeof(gid_t));
	sort(g->gid, n, sizeof(gid_t), gid_cmp);
	if (refcount_put(&c->groups->count))
		kvfree(c->groups);
	c->groups = g;
	return 0;
}

uid_t
cred_root_uid(const struct cred *c)
{
	return make_kuid(c->user_ns, 0);
}

gid_t
cred_root_gid(const struct cred *c)
{
	return make_kgid(c->user_ns, 0);
}

/* capabilities(7), "Effect of user ID changes on capabilities" */
void
cred_fixup_setuid(struct cred *new, const struct cred *old)
{
	uid_t root = cred_root_uid(new);
	bool had_root, has_root;

	if (new->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	had_root = old->uid == root || old->euid == root ||
		old->suid == root;
	has_root = new->uid == root || new->euid == root ||
		new->suid == root;
	if (had_root && !has_root) {
		if (!(new->securebits & SECBIT_KEEP_CAPS)) {
			new->cap_permitted = 0;
			new->cap_effective = 0;
		}
		new->cap_ambient = 0;
	}
	if (old->euid == root && new->euid != root)
		new->cap_effective = 0;
	if (old->euid != root && new->euid == root)
		new->cap_effective = new->cap_permitted;
}

#define FS_CAPS (BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | \
	BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) | BIT(CAP_FSETID) | \
	BIT(CAP_LINUX_IMMUTABLE) | BIT(CAP_MKNOD) | BIT(32))

void
cred_fixup_setfsuid(struct cred *new, const struct cred *old)
{
	uid_t root = cred_root_uid(new);

	if (new->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (old->fsuid == root && new->fsuid != root)
		new->cap_effective &= ~FS_CAPS;
	if (old->fsuid != root && new->fsuid == root)
		new->cap_effective |= new->cap_permitted & FS_CAPS;
}
