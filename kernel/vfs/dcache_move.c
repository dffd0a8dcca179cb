/* SPDX-License-Identifier: MIT */
/*
 * Renaming in the dentry cache. Every move happens under rename_lock and
 * raises rename_seq, by which readers that follow parent pointers or meet the
 * end of a hash chain know that they may have been led astray. Both dentries'
 * own counts are odd meanwhile.
 *
 * Names are copied (short) or shared by count (long): the replaced dentry
 * keeps its name for those who have it open.
 */
#include <vfs/vfs.h>
#include "dcache.h"

static struct spinlock rename_lock = SPINLOCK_INIT(RANK_DCACHE);
struct seqcount rename_seq;

static void
copy_name(struct dentry *to, struct dentry *from)
{
	dname_put(to);
	if (from->name_external) {
		struct ext_name *e = container_of(from->name.name,
						  struct ext_name, s[0]);

		atomic_inc(&e->count);
		to->name.name = from->name.name;
	} else {
		memcpy(to->iname, from->iname, DNAME_INLINE_LEN);
		to->name.name = to->iname;
	}
	to->name_external = from->name_external;
	to->name.len = from->name.len;
	to->name.hash = from->name.hash;
}

static void
swap_names(struct dentry *a, struct dentry *b)
{
	const char *an = a->name.name, *bn = b->name.name;
	char t[DNAME_INLINE_LEN] __aligned(8);

	memcpy(t, a->iname, DNAME_INLINE_LEN);
	memcpy(a->iname, b->iname, DNAME_INLINE_LEN);
	memcpy(b->iname, t, DNAME_INLINE_LEN);
	a->name.name = b->name_external ? bn : a->iname;
	b->name.name = a->name_external ? an : b->iname;
	swap(a->name_external, b->name_external);
	swap(a->name.len, b->name.len);
	swap(a->name.hash, b->name.hash);
}

/* parents (ancestor first, else by address), then a and b */
static void
lock_for_move(struct dentry *a, struct dentry *b)
{
	struct dentry *p = a->parent, *q = b->parent;

	if (p != q) {
		if (d_is_ancestor(q, p) || (!d_is_ancestor(p, q) && q < p))
			swap(p, q);
		spin_lock_nested(&p->lock);
		/* q may be a or b, which is locked only once */
		if (q != a && q != b)
			spin_lock_nested(&q->lock);
	} else {
		spin_lock_nested(&p->lock);
	}
	if (b < a)
		swap(a, b);
	spin_lock_nested(&a->lock);
	spin_lock_nested(&b->lock);
}

static void
unlock_for_move(struct dentry *a, struct dentry *b, struct dentry *p,
		struct dentry *q)
{
	spin_unlock(&a->lock);
	spin_unlock(&b->lock);
	if (p != q && q != a && q != b)
		spin_unlock(&q->lock);
	if (p != a && p != b)
		spin_unlock(&p->lock);
}

static void
reparent(struct dentry *d, struct dentry *to)
{
	list_del_rcu(&d->child);
	d->parent = to;
	d_link_child(to, d);
}

/* nd is the name od gets; afterwards nd is no longer found */
void
d_move(struct dentry *od, struct dentry *nd)
{
	struct dentry *op = od->parent, *np = nd->parent;

	spin_lock(&rename_lock);
	seq_write_begin(&rename_seq);
	lock_for_move(od, nd);
	seq_write_begin(&od->seq);
	seq_write_begin(&nd->seq);
	d_unhash_locked(od);
	d_unhash_locked(nd);
	copy_name(od, nd);
	if (op != np) {
		atomic_inc(&np->count);
		reparent(od, np);
	}
	d_hash_locked(od);
	seq_write_end(&nd->seq);
	seq_write_end(&od->seq);
	unlock_for_move(od, nd, op, np);
	seq_write_end(&rename_seq);
	spin_unlock(&rename_lock);
	if (op != np)
		dentry_put(op);
}

void
d_exchange(struct dentry *a, struct dentry *b)
{
	struct dentry *p = a->parent, *q = b->parent;

	spin_lock(&rename_lock);
	seq_write_begin(&rename_seq);
	lock_for_move(a, b);
	seq_write_begin(&a->seq);
	seq_write_begin(&b->seq);
	d_unhash_locked(a);
	d_unhash_locked(b);
	swap_names(a, b);
	if (p != q) {		/* the references on p and q change owner */
		reparent(a, q);
		reparent(b, p);
	}
	d_hash_locked(a);
	d_hash_locked(b);
	seq_write_end(&b->seq);
	seq_write_end(&a->seq);
	unlock_for_move(a, b, p, q);
	seq_write_end(&rename_seq);
	spin_unlock(&rename_lock);
}
