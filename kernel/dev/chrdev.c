/* SPDX-License-Identifier: MIT */
/*
 * Character device numbers: ranges [first, first + n) within one major, each
 * with the operations that a file gets when a node with such a number is
 * opened. Hashed by major; read under RCU, for every open of a device passes
 * here; changes under chrdev_lock. A range's operations are static data of
 * its driver, which outlives open files.
 */
#include <abi/errno.h>
#include <dev/dev.h>
#include <mm/slab.h>
#include <sched/mutex.h>
#include <sched/rcu.h>

#define CHRDEV_HASH	64

struct chrdev_range {
	struct hlist_node node;		/* R, chrdev_lock */
	dev_t first;			/* I */
	unsigned int n;			/* I */
	const char *name;		/* I */
	const struct file_ops *ops;	/* I */
	struct rcu_head rcu;
};

static struct hlist_head table[CHRDEV_HASH];
static struct mutex chrdev_lock = MUTEX_INIT(chrdev_lock, RANK_FS);

static inline struct hlist_head *
bucket(dev_t d)
{
	return &table[MAJOR(d) % CHRDEV_HASH];
}

int
chrdev_register(dev_t first, unsigned int n, const char *name,
		const struct file_ops *ops)
{
	struct chrdev_range *r, *o;

	if (!n || n - 1 > MINOR(~0U) - MINOR(first))
		return -EINVAL;
	r = kmalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	r->first = first;
	r->n = n;
	r->name = name;
	r->ops = ops;
	mutex_lock(&chrdev_lock);
	hlist_for_each_entry(o, bucket(first), node)
		if (first < o->first + o->n && o->first < first + n) {
			mutex_unlock(&chrdev_lock);
			kfree(r);
			return -EBUSY;
		}
	hlist_add_head_rcu(&r->node, bucket(first));
	mutex_unlock(&chrdev_lock);
	return 0;
}

void
chrdev_unregister(dev_t first, unsigned int n)
{
	struct chrdev_range *r;

	mutex_lock(&chrdev_lock);
	hlist_for_each_entry(r, bucket(first), node)
		if (r->first == first && r->n == n) {
			hlist_del_rcu(&r->node);
			kfree_rcu(r, &r->rcu);
			break;
		}
	mutex_unlock(&chrdev_lock);
}

const struct file_ops *
chrdev_find(dev_t d)
{
	const struct file_ops *ops = NULL;
	struct chrdev_range *r;

	rcu_read_lock();
	hlist_for_each_entry_rcu(r, bucket(d), node)
		if (d - r->first < r->n) {
			ops = r->ops;
			break;
		}
	rcu_read_unlock();
	return ops;
}

/*
 * The lowest (major, name) above the given one; names are told apart by their
 * address, as drivers register several ranges with one literal.
 */
static struct chrdev_range *
next_above(unsigned int major, const char *name)
{
	struct chrdev_range *r, *best = NULL;

	for (unsigned int b = 0; b < CHRDEV_HASH; b++)
		hlist_for_each_entry(r, &table[b], node) {
			unsigned int m = MAJOR(r->first);

			if (name && (m < major ||
				     (m == major && r->name <= name)))
				continue;
			if (!best || m < MAJOR(best->first) ||
			    (m == MAJOR(best->first) && r->name < best->name))
				best = r;
		}
	return best;
}

bool
chrdev_iter(unsigned int i, unsigned int *major, const char **name)
{
	struct chrdev_range *r;

	mutex_lock(&chrdev_lock);
	r = next_above(0, NULL);
	while (r && i--)
		r = next_above(MAJOR(r->first), r->name);
	if (r) {
		*major = MAJOR(r->first);
		*name = r->name;
	}
	mutex_unlock(&chrdev_lock);
	return r;
}

bool __weak
blkdev_iter(unsigned int i, unsigned int *major, const char **name)
{
	return false;
}
