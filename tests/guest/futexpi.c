/* SPDX-License-Identifier: MIT */
/* PI futexes, requeue to them, robust ones, futex_waitv(2). */
#include "gt.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#define LOCK_PI 6
#define UNLOCK_PI 7
#define TRYLOCK_PI 8
#define WAIT_REQUEUE_PI 11
#define CMP_REQUEUE_PI 12
#define LOCK_PI2 13
#define PRIV 128
#define REAL 256
#define WAITERS 0x80000000u
#define DIED 0x40000000u
#define TID 0x3fffffffu

static long
futex(volatile uint32_t *w, int op, uint32_t v, void *t, volatile uint32_t *w2,
      uint32_t v3)
{
	return syscall(SYS_futex, w, op, v, t, w2, v3);
}

static uint32_t
tid(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

static char stack[6][16384];
static volatile uint32_t dead[6];

#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | \
		CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID | \
		CLONE_CHILD_SETTID | CLONE_PARENT_SETTID)

static void
start(int i, int (*fn)(void *), long arg)
{
	NEED(clone(fn, stack[i] + sizeof(stack[i]), THREAD, (void *)arg,
		   &dead[i], 0, &dead[i]));
}

static void
join(int i)
{
	while (dead[i])
		msleep(1);
}

static volatile uint32_t lock, lock2, cond;
static volatile int step;
static long res[6];
static int err[6];

/* is thread i asleep in the kernel? */
static void
until_asleep(int i)
{
	char path[64], b[256], *p;

	for (;;) {
		snprintf(path, sizeof(path), "/proc/self/task/%u/stat",
			 dead[i]);
		if (get_file(path, b, sizeof(b)) > 0 &&
		    (p = strrchr(b, ')')) && p[2] == 'S')
			return;
		msleep(1);
	}
}

static void
word(const char *name, uint32_t w, uint32_t who)
{
	out("%s: %s%s%s", name, !(w & TID) ? "nobody" :
	    (w & TID) == who ? "it" : "other", w & WAITERS ? " waiters" : "",
	    w & DIED ? " died" : "");
}

static void
t_plain(void)
{
	struct timespec ts = { 0, 1000000 }, bad = { 0, -1 };

	VAL(futex(&lock, LOCK_PI | PRIV, 0, NULL, NULL, 0));
	word("locked", lock, tid());
	VAL(futex(&lock, LOCK_PI | PRIV, 0, NULL, NULL, 0));
	VAL(futex(&lock, TRYLOCK_PI | PRIV, 0, NULL, NULL, 0));
	VAL(futex(&lock, UNLOCK_PI | PRIV, 0, NULL, NULL, 0));
	VAL(lock);
	VAL(futex(&lock, UNLOCK_PI | PRIV, 0, NULL, NULL, 0));
	VAL(futex(&lock, TRYLOCK_PI | PRIV, 0, NULL, NULL, 0));
	word("tried", lock, tid());
	VAL(futex(&lock, UNLOCK_PI, 0, NULL, NULL, 0));
	lock = DIED;
	VAL(futex(&lock, LOCK_PI2, 0, NULL, NULL, 0));
	word("died before", lock, tid());
	lock = 0;
	VAL(futex((void *)((char *)&lock + 1), LOCK_PI, 0, NULL, NULL, 0));
	VAL(futex(BAD, LOCK_PI | PRIV, 0, NULL, NULL, 0));
	VAL(futex(BAD, UNLOCK_PI | PRIV, 0, NULL, NULL, 0));
	VAL(futex(&lock, LOCK_PI | REAL, 0, NULL, NULL, 0));
	VAL(futex(&lock, LOCK_PI, 0, &bad, NULL, 0));
	/* an owner that does not exist */
	lock = 0x3ffffff0;
	VAL(futex(&lock, LOCK_PI | PRIV, 0, &ts, NULL, 0));
	VAL(futex(&lock, TRYLOCK_PI | PRIV, 0, NULL, NULL, 0));
	lock = 0;
}

static int
holder(void *arg)
{
	(void)arg;
	res[0] = futex(&lock, LOCK_PI | PRIV, 0, NULL, NULL, 0);
	step = 1;
	while (step != 2)
		msleep(1);
	res[1] = futex(&lock, UNLOCK_PI | PRIV, 0, NULL, NULL, 0);
	return 0;
}

static void
t_contended(void)
{
	struct timespec past = { 0, 1 }, soon;

	start(0, holder, 0);
	while (step != 1)
		msleep(1);
	VAL(futex(&lock, TRYLOCK_PI | PRIV, 0, NULL, NULL, 0));
	VAL(futex(&lock, UNLOCK_PI | PRIV, 0, NULL, NULL, 0));
	VAL(futex(&lock, LOCK_PI | PRIV, 0, &past, NULL, 0));
	VAL(futex(&lock, LOCK_PI2 | PRIV, 0, &past, NULL, 0));
	VAL(futex(&lock, LOCK_PI2 | PRIV | REAL, 0, &past, NULL, 0));
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 20000000;
	if (soon.tv_nsec >= 1000000000) {
		soon.tv_sec++;
		soon.tv_nsec -= 1000000000;
	}
	VAL(futex(&lock, LOCK_PI | PRIV, 0, &soon, NULL, 0));
	word("held", lock, dead[0]);
	step = 2;
	VAL(futex(&lock, LOCK_PI | PRIV, 0, NULL, NULL, 0));
	out("owner %d", (lock & TID) == tid());
	VAL(futex(&lock, UNLOCK_PI | PRIV, 0, NULL, NULL, 0));
	VAL(lock);
	join(0);
	out("%ld %ld", res[0], res[1]);
	step = 0;
	VAL(syscall(SYS_exit_group, 0));
}

/* 1: has lock2, wants lock */
static int
crosser(void *arg)
{
	(void)arg;
	futex(&lock2, LOCK_PI | PRIV, 0, NULL, NULL, 0);
	step = 1;
	res[2] = futex(&lock, LOCK_PI | PRIV, 0, NULL, NULL, 0);
	futex(&lock, UNLOCK_PI | PRIV, 0, NULL, NULL, 0);
	futex(&lock2, UNLOCK_PI | PRIV, 0, NULL, NULL, 0);
	return 0;
}

static void
t_deadlock(void)
{
	VAL(futex(&lock, LOCK_PI | PRIV, 0, NULL, NULL, 0));
	start(0, crosser, 0);
	while (step != 1)
		msleep(1);
	until_asleep(0);
	VAL(futex(&lock2, LOCK_PI | PRIV, 0, NULL, NULL, 0));
	VAL(futex(&lock, UNLOCK_PI | PRIV, 0, NULL, NULL, 0));
	join(0);
	VAL(res[2]);
	VAL(lock);
	VAL(lock2);
	syscall(SYS_exit_group, 0);
}

static volatile int order[8], norder;

static int
rt_waiter(void *arg)
{
	struct { int prio; } p = { (int)(long)arg };

	syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &p);
	futex(&lock, LOCK_PI | PRIV, 0, NULL, NULL, 0);
	order[norder++] = p.prio;
	futex(&lock, UNLOCK_PI | PRIV, 0, NULL, NULL, 0);
	return 0;
}

/* field 18 of stat: priority in effect is not told, the own one is */
static void
t_order(void)
{
	static const int prio[] = { 3, 9, 1, 5 };

	VAL(futex(&lock, LOCK_PI | PRIV, 0, NULL, NULL, 0));
	for (int i = 0; i < 4; i++) {
		start(i, rt_waiter, prio[i]);
		while (!(lock & WAITERS))
			msleep(1);
		until_asleep(i);
	}
	VAL(futex(&lock, UNLOCK_PI | PRIV, 0, NULL, NULL, 0));
	for (int i = 0; i < 4; i++)
		join(i);
	out("%d %d %d %d", order[0], order[1], order[2], order[3]);
	VAL(lock);
	syscall(SYS_exit_group, 0);
}

/*
 * Inversion, on one CPU: a low one holds the lock, a middle one spins, a high
 * one wants the lock. Without inheritance the middle one would go first.
 */
static int
low(void *arg)
{
	struct { int prio; } p = { 1 };

	(void)arg;
	syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &p);
	futex(&lock, LOCK_PI | PRIV, 0, NULL, NULL, 0);
	step = 1;
	while (step != 3)
		;
	futex(&lock, UNLOCK_PI | PRIV, 0, NULL, NULL, 0);
	return 0;
}

static int
middle(void *arg)
{
	struct { int prio; } p = { 5 };

	(void)arg;
	syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &p);
	order[norder++] = 5;
	return 0;
}

static int
high(void *arg)
{
	struct { int prio; } p = { 8 };

	(void)arg;
	syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &p);
	step = 2;
	futex(&lock, LOCK_PI | PRIV, 0, NULL, NULL, 0);
	order[norder++] = 8;
	futex(&lock, UNLOCK_PI | PRIV, 0, NULL, NULL, 0);
	return 0;
}

static void
t_inversion(void)
{
	struct { int prio; } top = { 50 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	NEED(sched_setaffinity(0, sizeof(one), &one));
	NEED(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &top));
	start(0, low, 0);
	while (step != 1)
		msleep(1);
	start(1, high, 0);
	while (step != 2)
		msleep(1);
	until_asleep(1);
	start(2, middle, 0);
	/* it runs when we sleep only if the low one is not above it */
	for (int i = 0; i < 5; i++)
		msleep(2);
	out("middle ran %d", norder);
	step = 3;
	for (int i = 0; i < 3; i++)
		join(i);
	out("%d %d", order[0], order[1]);
	syscall(SYS_exit_group, 0);
}

/* ---- owner death ---- */

struct robust_head {
	void *next;
	long off;
	void *pending;
};
struct robust_mutex {
	void *next;
	volatile uint32_t word;
};
static struct robust_mutex rm;
static struct robust_head rh;

static int
dying(void *arg)
{
	long robust = (long)arg;

	if (robust) {
		rm.next = &rh;
		rh.next = (void *)((uintptr_t)&rm | 1);
		rh.off = offsetof(struct robust_mutex, word);
		syscall(SYS_set_robust_list, &rh, sizeof(rh));
	}
	futex(&rm.word, LOCK_PI | PRIV, 0, NULL, NULL, 0);
	step = 1;
	while (step != 2)
		msleep(1);
	return 0;
}

static int
heir(void *arg)
{
	(void)arg;
	res[3] = futex(&rm.word, LOCK_PI | PRIV, 0, NULL, NULL, 0);
	err[3] = errno;
	word("heir's", rm.word, tid());
	okay("unlock", futex(&rm.word, UNLOCK_PI | PRIV, 0, NULL, NULL, 0));
	return 0;
}

static void
death(int robust)
{
	step = 0;
	rm.word = 0;
	start(0, dying, robust);
	while (step != 1)
		msleep(1);
	start(1, heir, 0);
	while (!(rm.word & WAITERS))
		msleep(1);
	until_asleep(1);
	step = 2;
	join(0);
	join(1);
	errno = err[3];
	val("heir", res[3]);
	VAL(rm.word);
}

static void
t_death(void)
{
	out("robust");
	death(1);
	out("not robust");
	death(0);
	syscall(SYS_exit_group, 0);
}

/* ---- requeue ---- */

static int
cond_waiter(void *arg)
{
	int i = (int)(long)arg;

	res[i] = futex(&cond, WAIT_REQUEUE_PI | PRIV, 0, NULL, &lock, 0);
	err[i] = errno;
	__atomic_add_fetch(&norder, 1, __ATOMIC_SEQ_CST);
	if (res[i] == 0) {
		if ((lock & TID) != tid())
			out("not the owner");
		futex(&lock, UNLOCK_PI | PRIV, 0, NULL, NULL, 0);
	}
	return 0;
}

static int
plain_waiter(void *arg)
{
	(void)arg;
	futex(&cond, 0 | PRIV, 0, NULL, NULL, 0);
	return 0;
}

static void
t_requeue(void)
{
	struct timespec past = { 0, 1 };

	VAL(futex(&cond, WAIT_REQUEUE_PI | PRIV, 1, NULL, &lock, 0));
	VAL(futex(&cond, WAIT_REQUEUE_PI | PRIV, 0, NULL, &cond, 0));
	VAL(futex(&cond, WAIT_REQUEUE_PI | PRIV, 0, &past, &lock, 0));
	VAL(futex(&cond, CMP_REQUEUE_PI | PRIV, 1, (void *)1, &lock, 1));
	VAL(futex(&cond, CMP_REQUEUE_PI | PRIV, 2, (void *)1, &lock, 0));
	VAL(futex(&cond, CMP_REQUEUE_PI | PRIV, 0, (void *)1, &lock, 0));
	VAL(futex(&cond, CMP_REQUEUE_PI | PRIV, 1, (void *)1, &cond, 0));
	VAL(futex(&cond, CMP_REQUEUE_PI | PRIV, 1, (void *)1, &lock, 0));
	for (int i = 0; i < 3; i++) {
		start(i, cond_waiter, i);
		until_asleep(i);
	}
	/* with the lock held all go over */
	VAL(futex(&lock, LOCK_PI | PRIV, 0, NULL, NULL, 0));
	VAL(futex(&cond, CMP_REQUEUE_PI | PRIV, 1, (void *)1000, &lock, 0));
	VAL(norder);
	word("lock", lock, tid());
	VAL(futex(&lock, UNLOCK_PI | PRIV, 0, NULL, NULL, 0));
	for (int i = 0; i < 3; i++)
		join(i);
	out("%ld %ld %ld", res[0], res[1], res[2]);
	VAL(lock);
	norder = 0;
	/* with the lock free the first gets it at once */
	for (int i = 0; i < 2; i++) {
		start(i, cond_waiter, i);
		until_asleep(i);
	}
	VAL(futex(&cond, CMP_REQUEUE_PI | PRIV, 1, (void *)0, &lock, 0));
	join(0);
	VAL(norder);
	VAL(futex(&cond, CMP_REQUEUE_PI | PRIV, 1, (void *)0, &lock, 0));
	join(1);
	out("%ld %ld", res[0], res[1]);
	VAL(lock & TID);
	/* a plain waiter is not for this */
	lock = 0;
	start(2, plain_waiter, 0);
	until_asleep(2);
	VAL(futex(&cond, CMP_REQUEUE_PI | PRIV, 1, (void *)1, &lock, 0));
	VAL(futex(&cond, 1 | PRIV, 1, NULL, NULL, 0));
	join(2);
	syscall(SYS_exit_group, 0);
}

/* ---- waitv ---- */

struct wv { uint64_t val, addr; uint32_t flags, pad; };

static int
waker(void *arg)
{
	(void)arg;
	until_asleep(1);
	lock2 = 1;
	futex(&lock2, 1 | PRIV, 1, NULL, NULL, 0);
	return 0;
}

static int
waiter_v(void *arg)
{
	struct wv w[2] = { { 0, (uintptr_t)&lock, 2 | PRIV, 0 },
			   { 0, (uintptr_t)&lock2, 2 | PRIV, 0 } };

	(void)arg;
	res[1] = syscall(SYS_futex_waitv, w, 2, 0, NULL, 0);
	err[1] = errno;
	return 0;
}

static void
t_waitv(void)
{
	struct wv w[130];
	struct timespec past = { 0, 1 };

	for (int i = 0; i < 130; i++)
		w[i] = (struct wv){ 0, (uintptr_t)&lock, 2 | PRIV, 0 };
	VAL(syscall(SYS_futex_waitv, w, 0, 0, NULL, 0));
	VAL(syscall(SYS_futex_waitv, w, 129, 0, NULL, 0));
	VAL(syscall(SYS_futex_waitv, NULL, 1, 0, NULL, 0));
	VAL(syscall(SYS_futex_waitv, BAD, 1, 0, NULL, 0));
	VAL(syscall(SYS_futex_waitv, w, 1, 1, NULL, 0));
	VAL(syscall(SYS_futex_waitv, w, 128, 0, &past, CLOCK_MONOTONIC));
	VAL(syscall(SYS_futex_waitv, w, 1, 0, &past, CLOCK_REALTIME));
	VAL(syscall(SYS_futex_waitv, w, 1, 0, &past, CLOCK_BOOTTIME));
	VAL(syscall(SYS_futex_waitv, w, 1, 0, BAD, CLOCK_REALTIME));
	w[3].val = 1;
	VAL(syscall(SYS_futex_waitv, w, 4, 0, NULL, 0));
	w[3].flags = PRIV;
	VAL(syscall(SYS_futex_waitv, w, 4, 0, NULL, 0));
	w[3].flags = 2 | 64;
	VAL(syscall(SYS_futex_waitv, w, 4, 0, NULL, 0));
	w[3] = (struct wv){ 0, (uintptr_t)&lock, 2, 1 };
	VAL(syscall(SYS_futex_waitv, w, 4, 0, NULL, 0));
	w[3] = (struct wv){ 0, 0x10, 2, 0 };
	VAL(syscall(SYS_futex_waitv, w, 4, 0, NULL, 0));
	start(1, waiter_v, 0);
	start(0, waker, 0);
	join(1);
	join(0);
	errno = err[1];
	val("woken", res[1]);
	syscall(SYS_exit_group, 0);
}

int
main(void)
{
	in_child("plain", t_plain);
	in_child("contended", t_contended);
	in_child("deadlock", t_deadlock);
	in_child("order", t_order);
	in_child("inversion", t_inversion);
	in_child("death", t_death);
	in_child("requeue", t_requeue);
	in_child("waitv", t_waitv);
	return 0;
}
