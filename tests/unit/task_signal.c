/* SPDX-License-Identifier: MIT */
/*
 * Process numbers against a model, and signal queues: what is kept, in which
 * order it comes out, what stopping, continuing and ignoring do to it.
 */
#include <abi/errno.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <sched/rcu.h>
#include <task/local.h>
#include <task/pid_ns.h>
#include <task/signal.h>
#include <task/user_ns.h>
#include "check.h"

void test_pid_model(void);
void test_pid_outlives(void);
void test_pid_levels(void);
void test_signal_order(void);
void test_signal_standard_once(void);
void test_signal_limit(void);
void test_signal_stop_cont(void);
void test_signal_ignored(void);
void test_signal_fatal(void);
void test_signal_model(void);

struct spinlock tasklist_lock = SPINLOCK_INIT(RANK_TASKLIST);
static struct task me;

void
thread_kick(struct thread *t)
{
}

void
itimer_real_rearm(struct signal_struct *s)
{
}

static struct pid *
new_pid(struct pid_ns *ns)
{
	struct pid *p = NULL;

	return pid_alloc(ns, NULL, 0, &p) ? NULL : p;
}

static void
make_task(void)
{
	unit_quiet(true);
	rcu_set_free(kfree);
	signal_init();
	cred_init();
	me.thread = *current_thread;
	me.cred = &init_cred;
	me.sighand = sighand_create();
	me.signal = signal_struct_create(NULL);
	me.group_leader = &me;
	me.signal->leader = &me;
	INIT_LIST_HEAD(&me.pending.queue);
	list_add_tail(&me.thread_link, &me.signal->threads);
	refcount_set(&me.count, 1);
	for (u32 i = 0; i < RLIM_NLIMITS; i++)
		me.signal->rlim[i] = (struct rlimit){ ~0UL, ~0UL };
	me.pid = me.tgid = new_pid(&init_pid_ns);
	this_cpu(cur_thread) = &me.thread;
	/* pages of the table are kept: have them now */
	unit_quiet(false);
}

#define N 700

void
test_pid_model(void)
{
	static struct pid *p[N];
	u32 held = 0;

	make_task();
	unit_may_leak();		/* the table */
	if (unit_injecting()) {
		for (u32 i = 0; i < 5; i++)
			pid_put(new_pid(&init_pid_ns));
		return;
	}
	pid_max = 600;
	for (u32 round = 0; round < 20000; round++) {
		u32 i = unit_below(N);

		if (p[i]) {
			pid_t nr = p[i]->nr;

			CHECK(pid_find_get(nr) == p[i]);
			pid_put(p[i]);
			pid_put(p[i]);
			p[i] = NULL;
			held--;
			CHECK(!pid_find_get(nr));
			rcu_barrier();
			continue;
		}
		p[i] = new_pid(&init_pid_ns);
		if (!p[i]) {
			/* after the first round the low ones are not reused */
			CHECK(held >= 600 - 300 - 1);
			continue;
		}
		held++;
		CHECK(p[i]->nr > 0 && p[i]->nr < 600);
		for (u32 k = 0; k < N; k++)
			CHECK(k == i || !p[k] || p[k]->nr != p[i]->nr);
	}
	CHECK(!pid_find_get(0) && !pid_find_get(-1) &&
	      !pid_find_get(INT_MAX) && !pid_find_get(INT_MIN));
	for (u32 i = 0; i < N; i++)
		pid_put(p[i]);
	rcu_barrier();
}

void
test_pid_outlives(void)
{
	static struct task t;
	struct pid *p;
	pid_t nr;

	make_task();
	p = new_pid(&init_pid_ns);
	REQUIRE(p);
	nr = p->nr;
	refcount_set(&t.count, 1);
	pid_attach(&t, PIDTYPE_PID, p);
	CHECK(task_find(nr) == &t && refcount_read(&t.count) == 2);
	CHECK(!task_find_leader(nr));
	refcount_set(&t.count, 1);
	pid_detach(&t, PIDTYPE_PID);
	/* the number is free, the struct is its holder's */
	CHECK(!task_find(nr));
	CHECK(!pid_find_get(nr));
	CHECK(pid_nr(p) == nr);
	pid_put(p);
}

/* two levels: numbers on both, and which of them is seen from where */
void
test_pid_levels(void)
{
	static struct pid_ns in;
	const pid_t both[] = { 7, 400 }, again[] = { 8, 400 };
	struct pid *p, *q;

	make_task();
	unit_may_leak();		/* the tables */
	in = (struct pid_ns){ .parent = &init_pid_ns, .level = 1 };
	ns_common_init(&in.ns, init_pid_ns.ns.ops, &init_user_ns);
	waitq_init(&in.emptied);
	pid_max = 600;
	p = new_pid(&in);
	if (!p)
		return;
	CHECK(p->level == 1 && p->own == 1 && pid_nr_ns(p, &in) == 1);
	CHECK(pid_nr(p) > 0 && pid_nr_ns(p, &init_pid_ns) == pid_nr(p));
	CHECK(pid_nr_ns(me.pid, &in) == 0 && pid_nr_ns(NULL, &in) == 0);
	CHECK(pid_vnr(p) == pid_nr(p));
	CHECK(pid_find_get_ns(1, &in) == p);
	pid_put(p);
	/* as one who is inside sees them */
	swap(me.pid, p);
	CHECK(pid_vnr(me.pid) == 1 && pid_vnr(p) == 0);
	CHECK(pid_find_get(1) == me.pid);
	pid_put(me.pid);
	swap(me.pid, p);

	CHECK(pid_alloc(&in, both, 2, &q) == -EINVAL);	/* no init yet */
	in.reaper = &me;
	init_pid_ns.reaper = &me;
	if (!pid_alloc(&in, both, 2, &q)) {
		CHECK(q->own == 7 && q->nr == 400);
		CHECK(pid_alloc(&in, again, 2, &q) == -EEXIST);
		CHECK(!pid_find_get_ns(8, &in));
		q = pid_find_get_ns(7, &in);
		pid_put(q);
		pid_put(q);
	}
	CHECK(pid_alloc(&in, both, 3, &q) == -EINVAL);
	pid_ns_close(&in);
	CHECK(!new_pid(&in));
	CHECK(in.nr_pids == 1);
	pid_put(p);
	CHECK(in.nr_pids == 0);
	rcu_barrier();
	in.reaper = init_pid_ns.reaper = NULL;
	for (u32 i = 0; i < PID_PER_PAGE; i++)
		kfree(in.pages[i]);
}

static int
send(int sig, int value)
{
	struct abi_siginfo si = { .si_signo = sig, .si_code = SI_QUEUE };

	si.rt.value.sival_int = value;
	return signal_send_group(&me, sig, &si);
}

static void
catch_all(void)
{
	for (u32 i = 0; i < NSIG; i++)
		me.sighand->action[i].handler = 0x1000;
}

void
test_signal_order(void)
{
	struct abi_siginfo si;

	make_task();
	catch_all();
	if (unit_injecting()) {
		/* without memory a real-time signal is refused, not lost */
		int r = send(SIGRTMIN, 1);

		ALWAYS(r == 0 || r == -EAGAIN);
		ALWAYS(!signal_dequeue(~0UL, &si) == (r != 0));
		signal_flush_all(&me);
		return;
	}
	/* low numbers first, of one number in order of sending */
	CHECK(send(SIGRTMIN + 2, 1) == 0 && send(SIGRTMIN, 2) == 0 &&
	      send(SIGRTMIN + 2, 3) == 0 && send(SIGUSR1, 4) == 0 &&
	      send(SIGSEGV, 5) == 0);
	CHECK(signal_pending(&me));
	CHECK(signal_dequeue(~0UL, &si) == SIGSEGV);	/* faults first */
	CHECK(signal_dequeue(~0UL, &si) == SIGUSR1);
	CHECK(signal_dequeue(~0UL, &si) == SIGRTMIN &&
	      si.rt.value.sival_int == 2);
	CHECK(signal_dequeue(sigmask(SIGRTMIN + 1), &si) == 0);
	CHECK(signal_dequeue(~0UL, &si) == SIGRTMIN + 2 &&
	      si.rt.value.sival_int == 1);
	CHECK(signal_pending(&me));
	CHECK(signal_dequeue(~0UL, &si) == SIGRTMIN + 2 &&
	      si.rt.value.sival_int == 3);
	CHECK(signal_dequeue(~0UL, &si) == 0 && !signal_pending(&me));
	/* the thread's own come before the process's */
	CHECK(send(SIGRTMIN, 1) == 0);
	CHECK(signal_send_thread(&me, SIGRTMIN + 5, SEND_SIG_PRIV) == 0);
	CHECK(signal_dequeue(~0UL, &si) == SIGRTMIN + 5 &&
	      si.si_code == SI_KERNEL);
	CHECK(signal_dequeue(~0UL, &si) == SIGRTMIN);
}

void
test_signal_standard_once(void)
{
	struct abi_siginfo si;

	make_task();
	catch_all();
	for (int i = 0; i < 5; i++)
		CHECK(send(SIGUSR1, i) == 0);
	ALWAYS(signal_dequeue(~0UL, &si) == SIGUSR1);
	CHECK(si.rt.value.sival_int == 0);
	ALWAYS(signal_dequeue(~0UL, &si) == 0);
	/* blocked: pending, but not a reason to wake */
	signal_set_blocked(sigmask(SIGUSR2));
	CHECK(send(SIGUSR2, 1) == 0 && !signal_pending(&me));
	signal_set_blocked(0);
	ALWAYS(signal_pending(&me));
	ALWAYS(signal_dequeue(~0UL, &si) == SIGUSR2);
	/* these two cannot be blocked */
	signal_set_blocked(~0UL);
	CHECK(me.blocked == ~(sigmask(SIGKILL) | sigmask(SIGSTOP)));
	signal_set_blocked(0);
}

void
test_signal_limit(void)
{
	struct abi_siginfo si;
	u32 n = 0;

	make_task();
	catch_all();
	if (unit_injecting())
		return;
	me.signal->rlim[RLIMIT_SIGPENDING].cur = 10;
	for (u32 i = 0; i < 30; i++)
		n += send(SIGRTMIN, i) == 0;
	CHECK(n == 10 && send(SIGRTMIN, 1) == -EAGAIN);
	/* kill(2) is told nothing and the bit is set, without its entry */
	CHECK(signal_send_group(&me, SIGRTMIN + 1, SEND_SIG_USER) == 0);
	CHECK(signal_send_group(&me, SIGTERM, SEND_SIG_USER) == 0);
	for (n = 0; signal_dequeue(sigmask(SIGRTMIN), &si); n++)
		CHECK(si.rt.value.sival_int == (int)n);
	CHECK(n == 10);
	CHECK(signal_dequeue(~0UL, &si) == SIGTERM);
	CHECK(signal_dequeue(~0UL, &si) == SIGRTMIN + 1 &&
	      si.si_code == SI_USER);
	CHECK(signal_dequeue(~0UL, &si) == 0);
	CHECK(atomic_read(&init_cred.user->sigpending) == 0);
}

void
test_signal_stop_cont(void)
{
	struct abi_siginfo si;

	make_task();
	catch_all();
	CHECK(send(SIGTSTP, 1) == 0 && send(SIGTTIN, 1) == 0);
	CHECK(send(SIGCONT, 1) == 0);
	ALWAYS(signal_dequeue(~0UL, &si) == SIGCONT);
	ALWAYS(signal_dequeue(~0UL, &si) == 0);
	CHECK(send(SIGCONT, 1) == 0 && send(SIGTSTP, 1) == 0);
	ALWAYS(signal_dequeue(~0UL, &si) == SIGTSTP);
	ALWAYS(signal_dequeue(~0UL, &si) == 0);
}

void
test_signal_ignored(void)
{
	struct abi_siginfo si;

	make_task();
	me.sighand->action[SIGUSR1 - 1].handler = SIG_IGN;
	CHECK(send(SIGUSR1, 1) == 0 && send(SIGCHLD, 1) == 0 &&
	      send(SIGWINCH, 1) == 0 && send(SIGURG, 1) == 0);
	CHECK(signal_dequeue(~0UL, &si) == 0);
	/* while it is blocked an ignored one waits: sigtimedwait(2) */
	signal_set_blocked(sigmask(SIGUSR1));
	CHECK(send(SIGUSR1, 1) == 0);
	ALWAYS(signal_dequeue(~0UL, &si) == SIGUSR1);
	signal_set_blocked(0);
	/* init is not killed by what it has no handler for */
	me.signal->flags |= SIGNAL_UNKILLABLE;
	CHECK(send(SIGTERM, 1) == 0);
	CHECK(signal_send_group(&me, SIGKILL, SEND_SIG_USER) == 0);
	CHECK(signal_dequeue(~0UL, &si) == 0);
	CHECK(!(me.signal->flags & SIGNAL_GROUP_EXIT));
}

void
test_signal_fatal(void)
{
	make_task();
	CHECK(send(SIGTERM, 1) == 0);
	ALWAYS(me.signal->flags & SIGNAL_GROUP_EXIT);
	ALWAYS(me.signal->group_exit_code == SIGTERM);
	ALWAYS(fatal_signal_pending(&me));
	/* nothing is queued for who ends */
	CHECK(send(SIGUSR1, 1) == 0);
	CHECK(!(me.signal->shared.set & sigmask(SIGUSR1)));
	signal_flush_all(&me);
}

/* any sending and taking: counts by number must agree, limits hold */
void
test_signal_model(void)
{
	static u32 count[NSIG + 1];

	make_task();
	catch_all();
	if (unit_injecting())
		return;
	for (u32 round = 0; round < 30000; round++) {
		int sig = 1 + unit_below(NSIG), got;
		struct abi_siginfo si;
		u64 mask;

		if (sig == SIGKILL || sig == SIGSTOP || sig == SIGALRM ||
		    sig == SIGCONT || (sig >= SIGTSTP && sig <= SIGTTOU))
			continue;
		if (unit_below(2)) {
			CHECK(send(sig, round) == 0);
			if (sig >= SIGRTMIN || !count[sig])
				count[sig]++;
			continue;
		}
		mask = unit_random() | unit_random();
		got = signal_dequeue(mask, &si);
		if (!got) {
			for (int i = 1; i <= NSIG; i++)
				CHECK(!count[i] || !(mask & sigmask(i)));
			continue;
		}
		CHECK(si.si_signo == got && mask & sigmask(got));
		CHECK(count[got]);
		count[got]--;
		for (int i = SIGRTMIN; i < got; i++)
			CHECK(!count[i] || !(mask & sigmask(i)));
		CHECK(signal_pending(&me) == !!me.signal->shared.set);
	}
	signal_flush_all(&me);
	CHECK(atomic_read(&init_cred.user->sigpending) == 0);
}
