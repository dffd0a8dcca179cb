/* SPDX-License-Identifier: MIT */
/*
 * User namespaces: making and entering them, their maps and who may write
 * those. See the header for how ids are kept.
 *
 * The lower side of a map's ranges is kept as global ids: it is translated
 * through the parent's map when it is written, so a lookup is one search,
 * however deep the namespace.
 *
 * Locks: map_mutex for writing maps and setgroups. A map is written once and
 * read without a lock; its count is published last.
 *
 * Limits: IDMAP_MAX ranges a map, USER_NS_LEVELS levels.
 */
#include <abi/errno.h>
#include <abi/limits.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <sched/mutex.h>
#include <task/task.h>
#include <task/user_ns.h>

static const struct ns_ops user_ns_ops;
static struct mutex map_mutex = MUTEX_INIT(map_mutex, RANK_OBJECT);

static const struct id_range all_ids = { 0, 0, U32_MAX };
#define ALL_IDS	{ 1, &all_ids, &all_ids }

struct user_ns init_user_ns = {
	.ns = { REFCOUNT_INIT(1), NS_INUM_INIT_USER, &user_ns_ops },
	.map = { ALL_IDS, ALL_IDS, ALL_IDS },
	.parent_could_setfcap = true,
};

u32
user_ns_down(const struct user_ns *ns, enum id_kind k, u32 id)
{
	struct id_map m = { smp_load_acquire(&ns->map[k].n),
		ns->map[k].down, ns->map[k].up };

	return idmap_down(&m, id);
}

u32
user_ns_up(const struct user_ns *ns, enum id_kind k, u32 id)
{
	struct id_map m = { smp_load_acquire(&ns->map[k].n),
		ns->map[k].down, ns->map[k].up };

	return idmap_up(&m, id);
}

bool
user_ns_within(const struct user_ns *ns, const struct user_ns *of)
{
	while (ns->level > of->level)
		ns = ns->parent;
	return ns == of;
}

bool
cred_ns_capable(const struct cred *c, const struct user_ns *ns, int cap)
{
	for (;; ns = ns->parent) {
		if (ns == c->user_ns)
			return cred_capable(c, cap);
		if (ns->level <= c->user_ns->level)
			return false;
		/* who made a namespace has all in it */
		if (ns->parent == c->user_ns && ns->owner == c->euid)
			return true;
	}
}

bool
ns_capable(const struct user_ns *ns, int cap)
{
	return cred_ns_capable(current_cred(), ns, cap);
}

struct user_ns *
task_user_ns(struct task *t)
{
	const struct cred *c = task_cred_get(t);
	struct user_ns *ns = c->user_ns;

	ns_get(&ns->ns);
	cred_put(c);
	return ns;
}

/* -- making and entering ------------------------------------------------- */

void
cred_enter_user_ns(struct cred *c, struct user_ns *ns)
{
	c->securebits = 0;
	c->cap_inheritable = 0;
	c->cap_permitted = CAP_FULL_SET;
	c->cap_effective = CAP_FULL_SET;
	c->cap_ambient = 0;
	c->cap_bset = CAP_FULL_SET;
	user_ns_get(ns);
	user_ns_put(c->user_ns);
	c->user_ns = ns;
}

int
user_ns_create(struct cred *c)
{
	struct user_ns *parent = c->user_ns, *ns;
	int err;

	if (parent->level >= USER_NS_LEVELS)
		return -ENOSPC;
	ns = kzalloc(sizeof(*ns), GFP_KERNEL);
	if (!ns)
		return -ENOMEM;
	ns_common_init(&ns->ns, &user_ns_ops, parent);
	err = ns_charge(&ns->ns, c->euid);
	/* its owner must be somebody in the parent */
	if (!err && (!kuid_mapped(parent, c->euid) ||
		     !kgid_mapped(parent, c->egid)))
		err = -EPERM;
	if (err) {
		ns_put(&ns->ns);
		return err;
	}
	ns->parent = parent;
	ns->level = parent->level + 1;
	ns->owner = c->euid;
	ns->group = c->egid;
	ns->parent_could_setfcap = cred_capable(c, CAP_SETFCAP);
	ns->setgroups_denied = READ_ONCE(parent->setgroups_denied);
	for (int k = 0; k < NS_KINDS; k++)
		ns->max[k] = INT_MAX;
	cred_enter_user_ns(c, ns);
	user_ns_put(ns);		/* c has it */
	return 0;
}

void
mm_user_ns_get(struct user_ns *ns)
{
	user_ns_get(ns);
}

void
mm_user_ns_put(struct user_ns *ns)
{
	user_ns_put(ns);
}

const struct user_ns *
task_mm_user_ns(const struct mm *m)
{
	return m->user_ns ? m->user_ns : &init_user_ns;
}

/* -- maps ---------------------------------------------------------------- */

bool
user_ns_range(struct user_ns *ns, enum id_kind k, u32 i,
	      const struct cred *opener, struct id_range *out)
{
	struct user_ns *lower = opener->user_ns;

	if (i >= smp_load_acquire(&ns->map[k].n))
		return false;
	*out = ns->map[k].down[i];
	if (lower == ns && lower->parent)
		lower = lower->parent;
	if (lower != &init_user_ns)
		out->lower = user_ns_up(lower, k, out->lower);
	return true;
}

/* capability by which a map may hold any of the parent's ids; -1: none */
static int
map_cap(enum id_kind k)
{
	return k == ID_UID ? CAP_SETUID : k == ID_GID ? CAP_SETGID : -1;
}

/* files owned by the parent's root give away capabilities: CAP_SETFCAP */
static bool
root_map_ok(struct user_ns *ns, const struct id_range *r, u32 n,
	    const struct cred *opener)
{
	u32 i = 0;

	while (i < n && r[i].lower)
		i++;
	if (i == n)
		return true;
	return opener->user_ns == ns ? ns->parent_could_setfcap :
		cred_ns_capable(opener, ns->parent, CAP_SETFCAP);
}

/* may opener, and current, map these? user_namespaces(7), "Defining ..." */
static bool
map_permitted(struct user_ns *ns, enum id_kind k, const struct id_range *r,
	      u32 n, const struct cred *opener)
{
	int cap = map_cap(k);

	if (k == ID_UID && !root_map_ok(ns, r, n, opener))
		return false;
	/* the maker may map himself */
	if (n == 1 && r->count == 1 && ns->owner == opener->euid) {
		if (k == ID_UID &&
		    make_kuid(ns->parent, r->lower) == opener->euid)
			return true;
		if (k == ID_GID && ns->setgroups_denied &&
		    make_kgid(ns->parent, r->lower) == opener->egid)
			return true;
	}
	return cap < 0 || (ns_capable(ns->parent, cap) &&
			   cred_ns_capable(opener, ns->parent, cap));
}

/* lower sides become global ids; false: not all are the parent's */
static bool
map_globalise(struct user_ns *ns, enum id_kind k, struct id_range *r, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		r[i].lower = idmap_down_range(&ns->parent->map[k], r[i].lower,
					      r[i].count);
		if (r[i].lower == IDMAP_NONE)
			return false;
	}
	return true;
}

/* r has room for two copies of IDMAP_MAX ranges; map_mutex held */
static int
map_install(struct user_ns *ns, enum id_kind k, struct id_range *r, u32 n)
{
	struct id_range *both = kmalloc(2 * n * sizeof(*r), GFP_KERNEL);

	if (!both)
		return -ENOMEM;
	memcpy(both, r, n * sizeof(*r));
	memcpy(both + n, r, n * sizeof(*r));
	idmap_sort_down(both, n);
	idmap_sort_up(both + n, n);
	ns->map[k].down = both;
	ns->map[k].up = both + n;
	smp_store_release(&ns->map[k].n, n);
	return 0;
}

int
user_ns_set_map(struct user_ns *ns, enum id_kind k, char *text,
		const struct cred *opener)
{
	struct id_range *r;
	int err;
	u32 n;

	if (!ns->parent || (opener->user_ns != ns &&
			    opener->user_ns != ns->parent))
		return -EPERM;
	r = kmalloc(IDMAP_MAX * sizeof(*r), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	mutex_lock(&map_mutex);
	err = -EPERM;
	if (ns->map[k].n || (map_cap(k) >= 0 &&
			     !cred_ns_capable(opener, ns, CAP_SYS_ADMIN)))
		goto out;
	err = idmap_parse(text, r, &n);
	if (err)
		goto out;
	err = -EPERM;
	if (map_permitted(ns, k, r, n, opener) && map_globalise(ns, k, r, n))
		err = map_install(ns, k, r, n);
out:
	mutex_unlock(&map_mutex);
	kfree(r);
	return err;
}

int
user_ns_deny_setgroups(struct user_ns *ns)
{
	int err = 0;

	mutex_lock(&map_mutex);
	if (ns->map[ID_GID].n)
		err = -EPERM;
	else
		WRITE_ONCE(ns->setgroups_denied, true);
	mutex_unlock(&map_mutex);
	return err;
}

/* until gids are mapped nobody can tell whom dropping a group would favour */
bool
user_ns_may_setgroups(const struct user_ns *ns)
{
	return smp_load_acquire(&ns->map[ID_GID].n) &&
		!READ_ONCE(ns->setgroups_denied);
}

/* -- the door ------------------------------------------------------------ */

static void
user_ns_free(struct ns_common *n)
{
	struct user_ns *ns = ns_to_user(n);

	for (int k = 0; k < ID_KINDS; k++)
		kfree(ns->map[k].down);
	kfree(ns);
}

/* setns(2): into an ancestor never, as nobody has capabilities there */
static int
user_ns_install(struct nsset *s, struct ns_common *n)
{
	struct user_ns *ns = ns_to_user(n);

	if (ns == current_cred()->user_ns || !s->alone)
		return -EINVAL;
	if (!ns_capable(ns, CAP_SYS_ADMIN))
		return -EPERM;
	cred_enter_user_ns(s->cred, ns);
	return 0;
}

static struct ns_common *
user_ns_of_task(struct task *t)
{
	return &task_user_ns(t)->ns;
}

/* the parent, if current's is that or above it */
static int
user_ns_parent(struct ns_common *n, struct ns_common **out)
{
	struct user_ns *ns = ns_to_user(n)->parent;

	if (!ns || !user_ns_within(ns, current_cred()->user_ns))
		return -EPERM;
	ns_get(&ns->ns);
	*out = &ns->ns;
	return 0;
}

static const struct ns_ops user_ns_ops = {
	.name = "user",
	.kind = NS_USER,
	.flag = CLONE_NEWUSER,
	.free = user_ns_free,
	.install = user_ns_install,
	.of_task = user_ns_of_task,
	.parent = user_ns_parent,
};

SET_ADD(ns_ops, user_ns_ops);
