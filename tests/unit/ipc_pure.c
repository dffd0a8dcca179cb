/* SPDX-License-Identifier: MIT */
/*
 * The pure parts of ipc/: which message a receiver gets, and lists of
 * operations on semaphores, which must happen wholly or not at all.
 */
#include <lib/string.h>
#include <ipc/msg.h>
#include <ipc/sem.h>
#include "check.h"

void test_msg_pick(void);
void test_msg_random(void);
void test_sem_try(void);
void test_sem_random(void);

#define SEMS 4
#define OPS 6
#define MSGS 12

/* ---- messages ---- */

static struct ipc_msg msgs[MSGS];
static struct list_head queue;

static void
fill(const s64 *types, int n)
{
	list_init(&queue);
	for (int i = 0; i < n; i++) {
		msgs[i].type = types[i];
		list_add_tail(&msgs[i].link, &queue);
	}
}

/* the index of what msgrcv(type, flags) gets, or -1 */
static int
pick(s64 type, int flags)
{
	struct msg_want w = msg_want_of(type, flags);
	struct ipc_msg *m = msg_pick(&queue, &w);

	return m ? (int)(m - msgs) : -1;
}

void
test_msg_pick(void)
{
	static const s64 t[] = { 5, 3, S64_MAX, 3, 1, 1 };

	fill(t, 0);
	CHECK(pick(0, 0) == -1);
	CHECK(pick(-S64_MAX - 1, 0) == -1);
	CHECK(pick(0, MSG_COPY) == -1);
	fill(t, 6);
	CHECK(pick(0, 0) == 0);
	CHECK(pick(3, 0) == 1);
	CHECK(pick(1, 0) == 4);
	CHECK(pick(4, 0) == -1);
	CHECK(pick(5, MSG_EXCEPT) == 1);
	CHECK(pick(4, MSG_EXCEPT) == 0);
	CHECK(pick(-1, 0) == 4);
	CHECK(pick(-4, 0) == 4);
	CHECK(pick(-S64_MAX, 0) == 4);
	CHECK(pick(-S64_MAX - 1, 0) == 4);
	CHECK(pick(0, MSG_COPY) == 0);
	CHECK(pick(2, MSG_COPY) == 2);
	CHECK(pick(5, MSG_COPY) == 5);
	CHECK(pick(6, MSG_COPY) == -1);
	CHECK(pick(-1, MSG_COPY) == -1);
	fill(t, 2);
	CHECK(pick(-4, 0) == 1);
	CHECK(pick(-2, 0) == -1);
}

/* said in another way: whoever suits best, by (type or 0, age) */
static int
expected(const s64 *t, int n, s64 type, int flags)
{
	int best = -1;

	for (int i = 0; i < n; i++) {
		bool good = !type || (type > 0 && flags & MSG_EXCEPT ?
				      t[i] != type : type > 0 ? t[i] == type :
				      t[i] <= -type);

		if (good && (best < 0 || (type < 0 && t[i] < t[best])))
			best = i;
	}
	return best;
}

void
test_msg_random(void)
{
	s64 t[MSGS];

	for (int round = 0; round < 3000; round++) {
		int n = (int)unit_below(MSGS + 1);
		int flags = unit_below(3) ? 0 : MSG_EXCEPT;
		s64 type = (s64)unit_below(9) - 4;

		for (int i = 0; i < n; i++)
			t[i] = 1 + (s64)unit_below(5);
		fill(t, n);
		CHECK(pick(type, flags) == expected(t, n, type, flags));
	}
}

/* ---- semaphores ---- */

static u64 set_room[(sizeof(struct sem_set) + SEMS * sizeof(struct sem)) / 8 + 1];
static u64 undo_room[(sizeof(struct sem_undo) + SEMS * sizeof(s16)) / 8 + 1];
static struct sem_set *const set = (struct sem_set *)set_room;
static struct sem_undo *const undo = (struct sem_undo *)undo_room;

static void
set_up(u16 a, u16 b)
{
	memset(set_room, 0, sizeof(set_room));
	memset(undo_room, 0, sizeof(undo_room));
	set->n = SEMS;
	set->sem[0].val = a;
	set->sem[1].val = b;
}

static int
try_it(const struct abi_sembuf *ops, u32 n, struct sem_waiter *w)
{
	*w = (struct sem_waiter){ .ops = ops, .n = n, .undo = undo, .pid = 7 };
	return sem_try(set, w);
}

void
test_sem_try(void)
{
	struct sem_waiter w;
	const struct abi_sembuf two[] = { { 0, -2, SEM_UNDO }, { 1, 3, 0 } };
	const struct abi_sembuf blocked[] = { { 0, 5, SEM_UNDO },
		{ 0, -4, SEM_UNDO }, { 1, -2, 0 } };
	const struct abi_sembuf nowait[] = { { 0, 1, 0 }, { 1, 0, IPC_NOWAIT } };
	const struct abi_sembuf twice[] = { { 0, 0, 0 }, { 0, 1, 0 },
		{ 0, -1, 0 }, { 0, 0, 0 } };
	const struct abi_sembuf big[] = { { 1, 1, 0 }, { 0, 32767, 0 } };
	const struct abi_sembuf undone[] = { { 0, -32767, SEM_UNDO } };
	const struct abi_sembuf one[] = { { 1, -3, 0 } };

	set_up(2, 0);
	CHECK(try_it(two, 2, &w) == 0);
	CHECK(set->sem[0].val == 0 && set->sem[1].val == 3);
	CHECK(undo->adj[0] == 2 && undo->adj[1] == 0);
	CHECK(set->sem[0].pid == 7 && set->sem[1].pid == 7 && !set->sem[2].pid);
	/* what had been done is taken back, adjustments too */
	set_up(1, 1);
	CHECK(try_it(blocked, 3, &w) == 1 && w.blocking == &blocked[2]);
	CHECK(set->sem[0].val == 1 && set->sem[1].val == 1);
	CHECK(undo->adj[0] == 0 && !set->sem[0].pid);
	CHECK(try_it(nowait, 2, &w) == -EAGAIN && set->sem[0].val == 1);
	set_up(0, 0);
	CHECK(try_it(twice, 4, &w) == 0 && set->sem[0].val == 0);
	set_up(1, 1);
	CHECK(try_it(big, 2, &w) == -ERANGE);
	CHECK(set->sem[0].val == 1 && set->sem[1].val == 1);
	/* as much as -32768 can be adjusted, not more than 32767 */
	set_up(32767, 0);
	undo->adj[0] = 1;
	CHECK(try_it(undone, 1, &w) == -ERANGE && set->sem[0].val == 32767);
	undo->adj[0] = 0;
	CHECK(try_it(undone, 1, &w) == 0 && undo->adj[0] == 32767);
	/* a single operation is known to be blocked without a try */
	set_up(0, 2);
	CHECK(try_it(one, 1, &w) == 1 && sem_still_blocked(set, &w));
	set->sem[1].val = 3;
	CHECK(!sem_still_blocked(set, &w));
	CHECK(try_it(twice, 4, &w) == 0);
}

/* value by value, with the end known only at the end */
static int
model(int *val, int *adj, const struct abi_sembuf *ops, u32 n)
{
	int v[SEMS], a[SEMS];

	memcpy(v, val, sizeof(v));
	memcpy(a, adj, sizeof(a));
	for (u32 i = 0; i < n; i++) {
		int k = ops[i].sem_num, o = ops[i].sem_op;

		if (o ? v[k] + o < 0 : v[k] != 0)
			return ops[i].sem_flg & IPC_NOWAIT ? -EAGAIN : 1;
		v[k] += o;
		if (v[k] > 32767)
			return -ERANGE;
		if (ops[i].sem_flg & SEM_UNDO)
			a[k] -= o;
		if (a[k] < -32768 || a[k] > 32767)
			return -ERANGE;
	}
	memcpy(val, v, sizeof(v));
	memcpy(adj, a, sizeof(a));
	return 0;
}

void
test_sem_random(void)
{
	static const s16 steps[] = { -2, -1, 0, 1, 2, 3, 20000, -20000 };
	int val[SEMS] = { 0 }, adj[SEMS] = { 0 };
	struct abi_sembuf ops[OPS];
	struct sem_waiter w;

	set_up(0, 0);
	for (int round = 0; round < 20000; round++) {
		u32 n = 1 + (u32)unit_below(OPS);
		bool same = true;

		for (u32 i = 0; i < n; i++)
			ops[i] = (struct abi_sembuf){
				.sem_num = (u16)unit_below(SEMS),
				.sem_op = steps[unit_below(ARRAY_SIZE(steps))],
				.sem_flg = (unit_below(2) ? SEM_UNDO : 0) |
					(unit_below(2) ? IPC_NOWAIT : 0) };
		if (!CHECK(try_it(ops, n, &w) == model(val, adj, ops, n)))
			return;
		for (u32 i = 0; i < SEMS; i++)
			same &= set->sem[i].val == val[i] &&
				undo->adj[i] == adj[i];
		if (!CHECK(same))
			return;
	}
}
