/* SPDX-License-Identifier: MIT */
/* rt_sigaction, masks, delivery, queueing, siginfo of sent signals. */
#include "gt.h"

static volatile int count[65], order[512], norder;
static siginfo_t last;

static void
h(int s, siginfo_t *i, void *u)
{
	(void)u;
	count[s]++;
	if (norder < 512)
		order[norder++] = s;
	if (i && s != SIGCHLD)
		last = *i;
}

static void
reset(void)
{
	memset((void *)count, 0, sizeof(count));
	norder = 0;
}

static void
show_info(const char *n)
{
	out("%s: signo %s code %d errno %d pid mine %d uid %d value %d", n,
	    gt_sig(last.si_signo), last.si_code, last.si_errno,
	    last.si_pid == getpid(), last.si_uid, last.si_value.sival_int);
}

static void
t_install(void)
{
	struct gt_ksa a = { h, SA_SIGINFO | GT_RESTORER, gt_restore, ~0ull };

	for (int s = -1; s <= 66; s++) {
		int r = (int)syscall(SYS_rt_sigaction, s, &a, 0, 8);

		if (r)
			out("install %d: %s", s, gt_errno(errno));
	}
	syscall(SYS_rt_sigaction, SIGUSR1, 0, &a, 8);
	out("mask kept: %#llx", (unsigned long long)a.mask);
	val("query KILL", syscall(SYS_rt_sigaction, SIGKILL, 0, &a, 8));
	a.handler = GT_DFL;
	val("KILL to default", syscall(SYS_rt_sigaction, SIGKILL, &a, 0, 8));
	val("size 4", syscall(SYS_rt_sigaction, SIGUSR1, &a, 0, 4));
	val("size 16", syscall(SYS_rt_sigaction, SIGUSR1, &a, 0, 16));
	val("bad new", syscall(SYS_rt_sigaction, SIGUSR1, BAD, 0, 8));
	val("bad old", syscall(SYS_rt_sigaction, SIGUSR1, 0, BAD, 8));
	val("bad old with new", syscall(SYS_rt_sigaction, SIGUSR1, &a, BAD,
					8));
	struct gt_ksa q;

	syscall(SYS_rt_sigaction, SIGUSR1, 0, &q, 8);
	out("new was set all the same: %d", q.handler == GT_DFL);
	/* unknown flags are kept or cleared */
	a.handler = h;
	a.flags = 0xffffffff & ~0x800ul;
	syscall(SYS_rt_sigaction, SIGUSR1, &a, 0, 8);
	syscall(SYS_rt_sigaction, SIGUSR1, 0, &q, 8);
	out("flags that stay: %#lx", q.flags);
	for (int s = 1; s <= 64; s++)
		on_signal(s, h, SA_SIGINFO, 0);
}

static void
t_all(void)
{
	reset();
	for (int s = 1; s <= 64; s++) {
		if (s == SIGKILL || s == SIGSTOP)
			continue;
		kill(getpid(), s);
		if (count[s] != 1)
			out("signal %d: handled %d times", s, count[s]);
	}
	out("handled: %d", norder);
}

static void
t_mask(void)
{
	uint64_t m = ~0ull;

	val("how 7", syscall(SYS_rt_sigprocmask, 7, &m, 0, 8));
	val("how 7 without set", syscall(SYS_rt_sigprocmask, 7, 0, &m, 8));
	val("size 4", syscall(SYS_rt_sigprocmask, 0, &m, 0, 4));
	val("bad set", syscall(SYS_rt_sigprocmask, 0, BAD, 0, 8));
	val("bad old", syscall(SYS_rt_sigprocmask, 0, 0, BAD, 8));
	sigmask(SIG_SETMASK, ~0ull);
	out("all blocked: %#llx", (unsigned long long)sigmask_get());
	sigmask(SIG_UNBLOCK, 0xff);
	out("some unblocked: %#llx", (unsigned long long)sigmask_get());
	sigmask(SIG_SETMASK, 0);
	sigmask(SIG_BLOCK, 0x1200);
	out("two blocked: %#llx", (unsigned long long)sigmask_get());
	sigmask(SIG_SETMASK, 0);
}

static void
t_order(void)
{
	const int in[] = { 50, SIGTERM, SIGHUP, 40, 64, SIGUSR1, 34, SIGINT,
			   40, SIGTERM };
	char b[256] = "";
	uint64_t block = ~0ull;

	/* every handler runs with all blocked, so the order is seen */
	for (int s = 1; s <= 64; s++)
		on_signal(s, h, SA_SIGINFO, ~0ull);
	reset();
	sigmask(SIG_SETMASK, block);
	for (unsigned i = 0; i < NELEM(in); i++)
		kill(getpid(), in[i]);
	out("pending: %#llx", (unsigned long long)sigs_pending());
	sigmask(SIG_SETMASK, 0);
	for (int i = 0; i < norder; i++)
		snprintf(b + strlen(b), sizeof(b) - strlen(b), " %s",
			 gt_sig(order[i]));
	out("delivered:%s", b);
	out("pending after: %#llx", (unsigned long long)sigs_pending());
}

static int vals[600], nvals;
static void
hv(int s, siginfo_t *i, void *u)
{
	(void)u, (void)s;
	if (nvals < 600)
		vals[nvals++] = i->si_value.sival_int;
	last = *i;
}

static int
queue(pid_t p, int sig, int code, int value)
{
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	si.si_signo = sig;
	si.si_code = code;
	si.si_pid = getpid();
	si.si_uid = getuid();
	si.si_value.sival_int = value;
	return (int)syscall(SYS_rt_sigqueueinfo, p, sig, &si);
}

/* the count is per user: of one that nobody else is */
static void
t_queue_limit(void)
{
	int r = 0, i;
	struct rlimit rl, old;

	NEED(syscall(SYS_setresuid, 54321, 54321, 54321));
	getrlimit(RLIMIT_SIGPENDING, &old);
	rl = old;
	rl.rlim_cur = 10;
	setrlimit(RLIMIT_SIGPENDING, &rl);
	nvals = 0;
	for (i = 0; i < 20 && (r = queue(getpid(), 46, SI_QUEUE, i)) == 0; i++)
		;
	out("limit 10: at %d %s", i, r ? gt_errno(errno) : "none");
	val("kill still works at the limit", kill(getpid(), 46));
	val("standard by sigqueue at the limit", queue(getpid(), SIGUSR2,
						       SI_QUEUE, 1));
	sigmask(SIG_UNBLOCK, GT_BIT(46));
	setrlimit(RLIMIT_SIGPENDING, &old);
}

static void
t_queue(void)
{
	int ok = 1, i;

	on_signal(45, hv, SA_SIGINFO, 0);
	on_signal(46, hv, SA_SIGINFO, 0);
	on_signal(SIGUSR2, hv, SA_SIGINFO, 0);
	sigmask(SIG_BLOCK, GT_BIT(45) | GT_BIT(46) | GT_BIT(SIGUSR2));
	for (i = 0; i < 500; i++)
		if (queue(getpid(), 45, SI_QUEUE, i) < 0)
			out("queue: %s", gt_errno(errno));
	sigmask(SIG_UNBLOCK, GT_BIT(45));
	for (i = 0; i < nvals; i++)
		ok &= vals[i] == i;
	out("500 queued: %d came, in order %d", nvals, ok);
	show_info("queued");
	nvals = 0;
	for (i = 0; i < 5; i++)
		queue(getpid(), SIGUSR2, SI_QUEUE, 100 + i);
	sigmask(SIG_UNBLOCK, GT_BIT(SIGUSR2));
	out("standard signal queued 5: %d came, value %d", nvals, vals[0]);
	in_child("limits", t_queue_limit);
	nvals = 0;
	val("si_code 0 to self", queue(getpid(), 45, SI_USER, 1));
	val("si_code TKILL to self", queue(getpid(), 45, SI_TKILL, 1));
	val("si_code 0 to another", queue(getppid(), 0, SI_USER, 1));
	val("si_code TKILL to another", queue(getppid(), 0, SI_TKILL, 1));
	val("si_code QUEUE to another", queue(getppid(), 0, SI_QUEUE, 1));
	val("bad signal", queue(getpid(), 65, SI_QUEUE, 1));
	val("no process", queue(99999, 0, SI_QUEUE, 1));
	val("bad info", syscall(SYS_rt_sigqueueinfo, getpid(), 10, BAD));
	sigmask(SIG_SETMASK, 0);
}

static void
t_info(void)
{
	pid_t me = getpid(), c;

	for (int s = 1; s <= 64; s++)
		on_signal(s, h, SA_SIGINFO, 0);
	memset(&last, 0, sizeof(last));
	kill(me, SIGUSR1);
	show_info("kill");
	syscall(SYS_tkill, me, SIGUSR1);
	show_info("tkill");
	syscall(SYS_tgkill, me, me, SIGUSR1);
	show_info("tgkill");
	alarm(1);
	while (last.si_signo != SIGALRM)
		msleep(10);
	out("alarm: code %d pid %d", last.si_code, last.si_pid);
	c = fork();
	if (c == 0) {
		NEED(syscall(SYS_setresuid, 65534, 65534, 0));
		NEED(syscall(SYS_setresuid, 65534, 0, -1));
		kill(me, SIGUSR2);
		_exit(0);
	}
	while (last.si_signo != SIGUSR2)
		msleep(1);
	out("from child: code %d pid right %d uid %d", last.si_code,
	    last.si_pid == c, last.si_uid);
	waitpid(c, NULL, 0);
	int p[2];

	NEED(pipe(p));
	close(p[0]);
	VAL(write(p[1], "x", 1));
	out("pipe: %s code %d", gt_sig(last.si_signo), last.si_code);
}

static int depth, maxdepth;
static void
hnest(int s, siginfo_t *i, void *u)
{
	(void)i, (void)u;
	depth++;
	if (depth > maxdepth)
		maxdepth = depth;
	if (depth < 5)
		kill(getpid(), s);
	depth--;
}
static void
hmask(int s, siginfo_t *i, void *u)
{
	(void)i, (void)u;
	out("in handler of %s mask %#llx", gt_sig(s),
	    (unsigned long long)sigmask_get());
}
static void
hset(int s, siginfo_t *i, void *u)
{
	(void)i, (void)u, (void)s;
	sigmask(SIG_SETMASK, GT_BIT(SIGINT) | GT_BIT(60));
}

static void
t_flags(void)
{
	struct gt_ksa a;

	maxdepth = 0;
	on_signal(SIGUSR1, hnest, SA_NODEFER, 0);
	kill(getpid(), SIGUSR1);
	out("NODEFER nesting: %d", maxdepth);
	maxdepth = 0;
	on_signal(SIGUSR1, hnest, 0, 0);
	depth = 4;
	kill(getpid(), SIGUSR1);
	depth = 0;
	on_signal(SIGUSR1, hmask, 0, GT_BIT(SIGTERM) | GT_BIT(SIGKILL));
	kill(getpid(), SIGUSR1);
	on_signal(SIGUSR1, hmask, SA_NODEFER, GT_BIT(SIGTERM));
	kill(getpid(), SIGUSR1);
	out("mask after: %#llx", (unsigned long long)sigmask_get());
	on_signal(SIGUSR1, hset, 0, 0);
	kill(getpid(), SIGUSR1);
	out("mask set in handler is undone: %#llx",
	    (unsigned long long)sigmask_get());
	on_signal(SIGUSR1, hmask, SA_RESETHAND, 0);
	kill(getpid(), SIGUSR1);
	syscall(SYS_rt_sigaction, SIGUSR1, 0, &a, 8);
	out("RESETHAND: default %d flags %#lx", a.handler == GT_DFL,
	    a.flags & ~GT_RESTORER);
	/* ignoring drops what is pending */
	on_signal(SIGUSR2, h, 0, 0);
	on_signal(41, h, 0, 0);
	sigmask(SIG_BLOCK, GT_BIT(SIGUSR2) | GT_BIT(41));
	kill(getpid(), SIGUSR2);
	queue(getpid(), 41, SI_QUEUE, 1);
	on_signal(SIGUSR2, GT_IGN, 0, 0);
	on_signal(41, GT_IGN, 0, 0);
	out("pending after ignore: %#llx",
	    (unsigned long long)sigs_pending());
	kill(getpid(), SIGUSR2);
	out("ignored and blocked, sent: %#llx",
	    (unsigned long long)sigs_pending());
	on_signal(SIGCHLD, GT_DFL, 0, 0);
	sigmask(SIG_BLOCK, GT_BIT(SIGCHLD));
	kill(getpid(), SIGCHLD);
	out("default-ignored and blocked: %#llx",
	    (unsigned long long)sigs_pending());
	on_signal(SIGCHLD, GT_DFL, 0, 0);
	out("default set again: %#llx", (unsigned long long)sigs_pending());
	sigmask(SIG_SETMASK, 0);
}

static void die_default(void) { pause(); }

static void
t_default(void)
{
	char dead[256] = "", stop[128] = "", none[128] = "";

	(void)die_default;
	for (int s = 1; s <= 64; s++) {
		pid_t c = fork();
		int st, n = 0;
		char *d;

		if (c == 0) {
			setpgid(0, 0);
			for (int i = 1; i <= 64; i++)
				on_signal(i, GT_DFL, 0, 0);
			kill(getpid(), s);
			_exit(200);
		}
		waitpid(c, &st, WUNTRACED);
		if (WIFSTOPPED(st)) {
			d = stop, n = sizeof(stop);
			kill(c, SIGKILL);
			waitpid(c, NULL, 0);
		} else if (WIFSIGNALED(st) && WTERMSIG(st) == s) {
			d = dead, n = sizeof(dead);
		} else {
			d = none, n = sizeof(none);
		}
		snprintf(d + strlen(d), n - strlen(d), " %d", s);
	}
	out("kills:%s", dead);
	out("stops:%s", stop);
	out("neither:%s", none);
}

int
main(void)
{
	t_install();
	t_all();
	t_mask();
	t_order();
	t_queue();
	t_info();
	t_flags();
	t_default();
	return 0;
}
