/* SPDX-License-Identifier: MIT */
/*
 * Run queues against a model: fair order (least vruntime first, equals in
 * order of arrival, over the 64-bit wrap), removal from anywhere, RT lists,
 * weights. Needs kernel/sched/runqueue.c and kernel/lib/rbtree.c.
 */
#include <lib/string.h>
#include <sched/rq.h>
#include "check.h"

#define N 64

void test_sched_fair_order(void);
void test_sched_rt_order(void);
void test_sched_weights(void);
void test_sched_movable(void);

static struct rq rq;
static struct thread th[N];
static u64 arrived[N];
static bool queued[N];
static u64 seed = 88172645463325252UL;

static u64
rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void
reset(void)
{
	memset(&rq, 0, sizeof(rq));
	memset(th, 0, sizeof(th));
	memset(queued, 0, sizeof(queued));
	for (int i = 0; i < N; i++) {
		memset(th[i].affinity, 0xff, sizeof(th[i].affinity));
		sched_set_weight(&th[i]);
	}
}

static int
model_first(void)
{
	int best = -1;

	for (int i = 0; i < N; i++) {
		s64 d;

		if (!queued[i])
			continue;
		if (best < 0) {
			best = i;
			continue;
		}
		d = (s64)(th[i].se.vruntime - th[best].se.vruntime);
		if (d < 0 || (d == 0 && arrived[i] < arrived[best]))
			best = i;
	}
	return best;
}

void
test_sched_fair_order(void)
{
	u64 base = ~0UL - 500, now = 0;

	reset();
	for (int step = 0; step < 20000; step++) {
		int i = rnd() % N, want;

		if (!queued[i] && rnd() % 3) {
			th[i].se.vruntime = base + rnd() % 50 + step / 10;
			arrived[i] = now++;
			queued[i] = true;
			rq_enqueue(&rq, &th[i]);
		} else if (queued[i] && rnd() % 2) {
			queued[i] = false;
			rq_dequeue(&rq, &th[i]);
		} else {
			want = model_first();
			if (want < 0) {
				CHECK(!rq.first);
				continue;
			}
			CHECK(rq.first == &th[want].se);
			CHECK(fair_take_first(&rq) == &th[want].se);
			queued[want] = false;
		}
	}
}

void
test_sched_rt_order(void)
{
	reset();
	for (int i = 0; i < N; i++) {
		th[i].policy = SCHED_FIFO;
		th[i].rt_prio = 1 + i * 98 / (N - 1);
		sched_set_weight(&th[i]);
		rt_enqueue(&rq, &th[i], true);
	}
	CHECK(rq.nr_rt == N);
	for (int i = N - 1; i >= 0; i--) {
		CHECK(rt_highest(&rq) == &th[i]);
		CHECK(rt_queued(&rq, th[i].rt_prio));
		rt_dequeue(&rq, &th[i]);
		CHECK(i && th[i - 1].rt_prio == th[i].rt_prio ?
		      rt_queued(&rq, th[i].rt_prio) :
		      !rt_queued(&rq, th[i].rt_prio));
	}
	CHECK(!rt_highest(&rq) && rq.nr_rt == 0);

	/* one priority: tail is behind, head is before */
	for (int i = 0; i < 3; i++)
		th[i].se.prio = 7;
	rt_enqueue(&rq, &th[0], true);
	rt_enqueue(&rq, &th[1], true);
	rt_enqueue(&rq, &th[2], false);
	CHECK(rt_highest(&rq) == &th[2]);
	rt_dequeue(&rq, &th[2]);
	CHECK(rt_highest(&rq) == &th[0]);
}

void
test_sched_weights(void)
{
	u64 last = 0;

	reset();
	for (int nice = -20; nice <= 19; nice++) {
		struct thread *t = &th[nice + 20];
		u64 v;

		t->nice = nice;
		sched_set_weight(t);
		CHECK(t->se.class == SC_FAIR);
		v = fair_scale(&t->se, 1000000000UL);
		CHECK(v > last);		/* nicer: virtual time faster */
		if (nice == 0)
			CHECK(v == 1000000000UL);
		last = v;
	}
	th[0].policy = SCHED_IDLE;
	sched_set_weight(&th[0]);
	CHECK(fair_scale(&th[0].se, 1000000000UL) > last);
}

void
test_sched_movable(void)
{
	reset();
	for (int i = 0; i < 5; i++) {
		th[i].se.vruntime = i;
		memset(th[i].affinity, 0, sizeof(th[i].affinity));
		th[i].affinity[0] = 1;		/* CPU 0 only */
		rq_enqueue(&rq, &th[i]);
	}
	CHECK(!rq_find_movable(&rq, 1));
	th[2].affinity[0] = 3;
	CHECK(rq_find_movable(&rq, 1) == &th[2]);
	th[2].state = TS_INTERRUPTIBLE;		/* on its way to sleep */
	CHECK(!rq_find_movable(&rq, 1));
	th[0].affinity[0] = 2;			/* the first, outside the tree */
	CHECK(rq_find_movable(&rq, 1) == &th[0]);
}
