/* SPDX-License-Identifier: MIT */
/*
 * Propagation of mounts, mount_namespaces(7): peer groups, slaves, and where
 * a mount or umount is repeated because of them.
 *
 * Mounts of one group share events: they are a ring (vfsmount.share) with the
 * group's number in each. A mount with a master also gets what happens in its
 * master's group, and passes nothing back. So the set of mounts that an event
 * on m reaches is m's ring, the slaves of all in it, their rings, and so on:
 * gather() makes that a list, masters before their slaves.
 *
 * A mount: each mount reached, if it shows the mount point at all, gets a copy
 * of the new tree. The copy is a peer of the one that a peer got, or else a
 * slave of the one that the nearest master got; so groups of what is mounted
 * mirror the groups it is mounted on.
 *
 * An umount takes what hangs on the same mount point of every mount reached,
 * unless something else is mounted inside it that stays; what only covers its
 * root entirely is not inside but on top, and slides down.
 *
 * vfsmount.scratch links the list of the moment, .got the tree that a mount
 * gets, .to the reverse. All is done under ns_mutex.
 */
#include <lib/bitmap.h>
#include <vfs/vfs.h>
#include "internal.h"
#include "mount.h"

/* -- group numbers: the lowest free one ---------------------------------- */

#define GROUPS_MIN	512

static unsigned long *groups;		/* ns_mutex */
static size_t nr_groups;

int
mnt_group_alloc(struct vfsmount *m)
{
	size_t n = groups ? bitmap_find_next_zero(groups, nr_groups, 1) : 0;

	if (!groups || n >= nr_groups) {
		size_t more = max(nr_groups * 2, (size_t)GROUPS_MIN);
		unsigned long *g = kcalloc(BITS_TO_LONGS(more), sizeof(*g),
					   GFP_KERNEL);

		if (!g)
			return -ENOMEM;
		if (groups)
			memcpy(g, groups, nr_groups / 8);
		n = max(nr_groups, (size_t)1);
		kfree(groups);
		groups = g;
		nr_groups = more;
	}
	bitmap_set_bit(groups, n);
	m->group = n;
	return 0;
}

static void
group_free(struct vfsmount *m)
{
	bitmap_clear_bit(groups, m->group);
	m->group = 0;
}

void
mnt_groups_undo(struct vfsmount *m)
{
	for (struct vfsmount *p = m; p; p = mnt_next(p, m)) {
		if (p->scratch_flags & SCRATCH_NEW_GROUP) {
			p->scratch_flags &= ~SCRATCH_NEW_GROUP;
			mnt_change_type(p, p->master ? MS_SLAVE : MS_PRIVATE);
		}
	}
}

void
mnt_groups_keep(struct vfsmount *m)
{
	for (struct vfsmount *p = m; p; p = mnt_next(p, m)) {
		p->scratch_flags &= ~SCRATCH_NEW_GROUP;
		if (p->group)
			p->flags &= ~MNT_UNBINDABLE;
	}
}

/* a group for each that has none yet */
int
mnt_groups_invent(struct vfsmount *m, bool recurse)
{
	for (struct vfsmount *p = m; p; p = recurse ? mnt_next(p, m) : NULL) {
		int err;

		if (p->group)
			continue;
		err = mnt_group_alloc(p);
		if (err) {
			mnt_groups_undo(m);
			return err;
		}
		p->scratch_flags |= SCRATCH_NEW_GROUP;
	}
	return 0;
}

/* -- changing the type --------------------------------------------------- */

/*
 * m leaves its group. Its slaves, and m itself if it is to be a slave, go on
 * hearing the group from a peer that stays, or from the group's master.
 */
static struct vfsmount *
leave_group(struct vfsmount *m)
{
	struct vfsmount *heir = m->master, *s;

	if (list_empty(&m->share)) {
		group_free(m);
	} else {
		heir = list_next_entry(m, share);
		list_del_init(&m->share);
		m->group = 0;
	}
	while (!list_empty(&m->slaves)) {
		s = list_first_entry(&m->slaves, struct vfsmount, slave);
		list_del_init(&s->slave);
		s->master = heir;
		if (heir)
			list_add_tail(&s->slave, &heir->slaves);
	}
	return heir;
}

void
mnt_change_type(struct vfsmount *m, unsigned long ms)
{
	struct vfsmount *master = m->master;

	if (ms == MS_SHARED) {
		m->flags &= ~MNT_UNBINDABLE;	/* the group is there */
		return;
	}
	if (m->group)
		master = leave_group(m);
	list_del_init(&m->slave);
	m->master = NULL;
	if (ms == MS_SLAVE) {
		if (master)
			list_add(&m->slave, &master->slaves);
		m->master = master;
	} else if (ms == MS_UNBINDABLE) {
		m->flags |= MNT_UNBINDABLE;
	} else {
		m->flags &= ~MNT_UNBINDABLE;
	}
}

/* -- whom it concerns ---------------------------------------------------- */

static struct vfsmount *
next_peer(struct vfsmount *m)
{
	return list_next_entry(m, share);
}

/*
 * The mounts that an event on m reaches, m first. An array, as the scratch
 * links of those mounts may be in use for what is being mounted or umounted.
 */
struct reach {
	struct vfsmount **v;
	u32 nr, size;
};

static int
reach_add(struct reach *r, struct vfsmount *m)
{
	struct vfsmount **v;

	if (m->scratch_flags & SCRATCH_SEEN)
		return 0;
	if (r->nr == r->size) {
		u32 size = r->size ? r->size * 2 : 16;

		v = kcalloc(size, sizeof(*v), GFP_KERNEL);
		if (!v)
			return -ENOMEM;
		if (r->nr)
			memcpy(v, r->v, r->nr * sizeof(*v));
		kfree(r->v);
		r->v = v;
		r->size = size;
	}
	m->scratch_flags |= SCRATCH_SEEN;
	r->v[r->nr++] = m;
	return 0;
}

static int
reach_add_ring(struct reach *r, struct vfsmount *m)
{
	struct vfsmount *p = m;
	int err;

	do {
		err = reach_add(r, p);
		p = next_peer(p);
	} while (!err && p != m);
	return err;
}

static int
gather(struct vfsmount *m, struct reach *r)
{
	struct vfsmount *s;
	int err;

	*r = (struct reach){ 0 };
	err = reach_add_ring(r, m);
	for (u32 k = 0; !err && k < r->nr; k++)
		list_for_each_entry(s, &r->v[k]->slaves, slave)
			if (!err)
				err = reach_add_ring(r, s);
	for (u32 k = 0; k < r->nr; k++)
		r->v[k]->scratch_flags &= ~SCRATCH_SEEN;
	if (err)
		kfree(r->v);
	return err;
}

/* -- mounting ------------------------------------------------------------ */

/* what m, or a peer of it, got */
static struct vfsmount *
ring_copy(struct vfsmount *m)
{
	struct vfsmount *p = m;

	do {
		if (p->got)
			return p->got;
		p = next_peer(p);
	} while (p != m);
	return NULL;
}

static int
copy_onto(struct vfsmount *to, struct dentry *at, struct list_head *copies)
{
	struct vfsmount *src = ring_copy(to), *c;
	u32 cl = CL_SHARED | CL_NSFILES | CL_UNBINDABLE;
	int err;

	if (!src) {
		for (struct vfsmount *p = to->master; p && !src; p = p->master)
			src = ring_copy(p);
		cl = CL_SLAVE | (to->group ? cl : cl & ~CL_SHARED);
	}
	if (!src)
		return 0;
	err = mnt_copy_tree(src, src->root, cl, &c);
	if (err)
		return err;
	to->got = c;
	c->to = to;
	list_add_tail(&c->scratch, copies);
	return 0;
}

/*
 * propagate_mount - m is about to hang on (parent, at): copies for the others
 * are put in the list, each with .to; the caller attaches or drops them.
 */
int
propagate_mount(struct vfsmount *m, struct vfsmount *parent, struct dentry *at,
		struct list_head *copies)
{
	struct vfsmount *t;
	struct reach r;
	int err = gather(parent, &r);

	if (err)
		return err;
	parent->got = m;
	for (u32 k = 0; !err && k < r.nr; k++) {
		t = r.v[k];
		/* not what is only being made, nor what does not show it */
		if (t == parent || !t->ns || !d_is_ancestor(t->root, at))
			continue;
		err = copy_onto(t, at, copies);
	}
	for (u32 k = 0; k < r.nr; k++)
		r.v[k]->got = NULL;
	kfree(r.v);
	return err;
}

/* -- umounting ----------------------------------------------------------- */

/* the one that covers m's root, if m has no other child */
static struct vfsmount *
only_cover(struct vfsmount *m)
{
	struct vfsmount *c = mnt_child_at(m, m->root);

	if (c && m->children.next == &c->child && m->children.prev == &c->child)
		return c;
	return NULL;
}

/*
 * propagate_busy - does anybody use m (beyond refs references), or one of the
 * mounts that would go with it?
 */
bool
propagate_busy(struct vfsmount *m, s32 refs)
{
	struct vfsmount *c;
	struct reach r;
	bool busy = false;

	if (!list_empty(&m->children) || atomic_read(&m->count) > refs)
		return true;
	if (m->parent == m)
		return false;
	if (gather(m->parent, &r))
		return true;
	for (u32 k = 0; k < r.nr && !busy; k++) {
		s32 own = 1;

		c = r.v[k] == m->parent ? NULL :
			mnt_child_at(r.v[k], m->mountpoint);
		if (!c)
			continue;
		if (only_cover(c))
			own++;
		else if (!list_empty(&c->children))
			continue;	/* it will not go */
		busy = atomic_read(&c->count) > own;
	}
	kfree(r.v);
	return busy;
}

static void
add_reached(struct vfsmount *m, struct list_head *maybe)
{
	struct vfsmount *c;
	struct reach r;

	if (m->parent == m || gather(m->parent, &r))
		return;		/* no memory: fewer go, as from a busy place */
	for (u32 k = 0; k < r.nr; k++) {
		c = mnt_child_at(r.v[k], m->mountpoint);
		if (!c || c->scratch_flags & SCRATCH_GONE)
			continue;
		c->scratch_flags |= SCRATCH_GONE;
		list_add_tail(&c->scratch, maybe);
	}
	kfree(r.v);
}

/* may m go, given what else goes? */
static bool
may_go(struct vfsmount *m)
{
	struct vfsmount *c;

	if (m->flags & MNT_LOCKED && !(m->parent->scratch_flags & SCRATCH_GONE))
		return false;
	list_for_each_entry(c, &m->children, child)
		if (!(c->scratch_flags & SCRATCH_GONE) &&
		    c->mountpoint != m->root)
			return false;
	return true;
}

/* c is on top of what goes: it slides down to the first place that stays */
static void
slide(struct vfsmount *c)
{
	struct vfsmount *p = c->parent, *under;
	struct dentry *d = c->mountpoint;

	while (p->scratch_flags & SCRATCH_GONE) {
		d = p->mountpoint;
		p = p->parent;
	}
	mnt_get(p);
	dentry_get(d);
	mnt_unhang(c);
	under = mnt_child_at(p, d);	/* it goes anyway */
	if (under)
		mnt_unhang(under);
	mnt_hang(c, p, d);
	dentry_put(d);
	mnt_put(p);
}

/*
 * propagate_umount - the mounts in the list go: add what goes with them.
 * Mounts that covered one of those stay, on the place below.
 */
void
propagate_umount(struct list_head *gone)
{
	struct vfsmount *m, *n, *c;
	LIST_HEAD(maybe);
	bool again;

	list_for_each_entry(m, gone, scratch)
		m->scratch_flags |= SCRATCH_GONE;
	list_for_each_entry(m, gone, scratch)
		add_reached(m, &maybe);
	do {
		again = false;
		list_for_each_entry_safe(m, n, &maybe, scratch) {
			if (may_go(m))
				continue;
			m->scratch_flags &= ~SCRATCH_GONE;
			list_del_init(&m->scratch);
			again = true;
		}
	} while (again);
	list_for_each_entry(m, &maybe, scratch) {
		c = mnt_child_at(m, m->root);
		if (c && !(c->scratch_flags & SCRATCH_GONE))
			slide(c);
	}
	list_splice_tail_init(&maybe, gone);
	list_for_each_entry(m, gone, scratch)
		m->scratch_flags &= ~SCRATCH_GONE;
}

/* -- what mountinfo shows ------------------------------------------------ */

/*
 * The nearest group that m hears of and that has a mount below root in the
 * same namespace: proc(5), propagate_from. 0: none.
 */
int
mnt_dominating_group(struct vfsmount *m, const struct path *root)
{
	for (struct vfsmount *a = m->master; a; a = a->master) {
		struct vfsmount *p = a;

		do {
			struct path at = { p, p->root };

			if (p->ns == m->ns && path_is_below(&at, root))
				return p->group;
			p = next_peer(p);
		} while (p != a);
	}
	return 0;
}
