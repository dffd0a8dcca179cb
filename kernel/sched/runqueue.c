/* SPDX-License-Identifier: MIT */
/*
 * Run queues: order only, no policy and no locking (the caller holds
 * rq->lock).
 *
 * Fair threads are ordered by vruntime, their CPU time scaled by 1024/weight;
 * equal ones in the order of arrival. The least is rq->first, all others are
 * in rq->tree; rq.h has the short paths that do without the tree.
 *
 * Real-time threads wait in one list a priority, rt[1..99], with a bit map of
 * the lists that are not empty; a list head is initialised when its bit goes
 * on, so that a queue needs no set-up.
 *
 * Weights are 1024 * 1.25^-nice: one step of nice is about 10 % of CPU time
 * between two threads (sched(7), "The nice value").
 */
#include <lib/string.h>

#include "rq.h"

#define MOVABLE_SCAN_MAX 16	/* threads looked at for one to move */

static const u32 nice_weight[40] = {
	88818, 71054, 56843, 45475, 36380, 29104, 23283, 18626, 14901, 11921,
	9537, 7629, 6104, 4883, 3906, 3125, 2500, 2000, 1600, 1280,
	1024, 819, 655, 524, 419, 336, 268, 215, 172, 137,
	110, 88, 70, 56, 45, 36, 29, 23, 18, 15,
};
#define IDLE_POLICY_WEIGHT 3

/* sched_set_weight - class and weights from policy, nice and what is lent. */
void
sched_set_weight(struct thread *t)
{
	u32 w = nice_weight[t->nice + 20];
	u8 prio = t->policy == SCHED_FIFO || t->policy == SCHED_RR ?
		t->rt_prio : 0;

	if (t->policy == SCHED_IDLE)
		w = IDLE_POLICY_WEIGHT;
	if (t->boost_fair)
		w = max(w, nice_weight[40 - t->boost_fair]);
	t->se.weight = w;
	t->se.inv_weight = 0x100000000UL / w;
	t->se.prio = max(prio, t->boost_rt);
	t->se.class = t->se.prio ? SC_RT : SC_FAIR;
}

static void
tree_insert(struct rq *rq, struct sched_entity *se)
{
	struct rb_node **link = &rq->tree.root.node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		struct sched_entity *o;

		parent = *link;
		o = rb_entry(parent, struct sched_entity, node);
		if (vruntime_before(se->vruntime, o->vruntime)) {
			link = &parent->left;
		} else {
			link = &parent->right;
			leftmost = false;
		}
	}
	rb_link_node(&se->node, parent, link);
	rb_insert_color_cached(&se->node, &rq->tree, leftmost);
}

/* fair_tree_add - queue se when rq->first is taken. */
void
fair_tree_add(struct rq *rq, struct sched_entity *se)
{
	struct sched_entity *first = rq->first;
	struct rb_node *parent;

	if (!vruntime_before(se->vruntime, first->vruntime)) {
		tree_insert(rq, se);
		return;
	}
	/* the old first came before all its equals: it goes leftmost */
	rq->first = se;
	parent = rq->tree.leftmost;
	rb_link_node(&first->node, parent,
		     parent ? &parent->left : &rq->tree.root.node);
	rb_insert_color_cached(&first->node, &rq->tree, true);
}

void
rt_enqueue(struct rq *rq, struct thread *t, bool tail)
{
	unsigned int p = t->se.prio;

	if (!(rq->rt_map[p / 64] & BIT(p % 64))) {
		rq->rt_map[p / 64] |= BIT(p % 64);
		list_init(&rq->rt[p]);
	}
	if (tail)
		list_add_tail(&t->se.rt_link, &rq->rt[p]);
	else
		list_add(&t->se.rt_link, &rq->rt[p]);
	rq->nr_rt++;
}

void
rt_dequeue(struct rq *rq, struct thread *t)
{
	unsigned int p = t->se.prio;

	list_del(&t->se.rt_link);
	if (list_empty(&rq->rt[p]))
		rq->rt_map[p / 64] &= ~BIT(p % 64);
	rq->nr_rt--;
}

struct thread *
rt_highest(const struct rq *rq)
{
	unsigned int p;

	if (rq->rt_map[1])
		p = 64 + __fls(rq->rt_map[1]);
	else if (rq->rt_map[0])
		p = __fls(rq->rt_map[0]);
	else
		return NULL;
	return list_first_entry(&rq->rt[p], struct thread, se.rt_link);
}

/*
 * A queued thread whose state is not TS_RUNNING was switched out by
 * cond_resched() on its way to sleep: it stays until it has its state back.
 */
static bool
movable(const struct thread *t, unsigned int cpu)
{
	return cpu_allowed(t, cpu) && READ_ONCE(t->state) == TS_RUNNING;
}

struct thread *
rq_find_movable(struct rq *rq, unsigned int cpu)
{
	struct thread *t = rt_highest(rq);
	unsigned int n = 0;
	struct rb_node *node;

	if (t && movable(t, cpu))
		return t;
	for (node = rb_last(&rq->tree.root); node && n < MOVABLE_SCAN_MAX;
	     node = rb_prev(node), n++) {
		t = se_thread(rb_entry(node, struct sched_entity, node));
		if (movable(t, cpu))
			return t;
	}
	if (rq->first && movable(se_thread(rq->first), cpu))
		return se_thread(rq->first);
	return NULL;
}
