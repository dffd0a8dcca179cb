/* SPDX-License-Identifier: MIT */
/* io_setup, io_submit, io_getevents, io_pgetevents, io_cancel, io_destroy. */
#include "gt.h"
#include <linux/aio_abi.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#ifndef SYS_io_pgetevents
#define SYS_io_pgetevents 333
#endif
#ifndef RWF_APPEND
#define RWF_APPEND 0x10
#endif
#define CMD_POLL 5
#define FLAG_IOPRIO 2
#define INPROGRESS_IS_OK(r) ((r) == -1 && errno == EINPROGRESS)

struct ring {
	unsigned int id, nr, head, tail, magic, compat, incompat, length;
	struct io_event ev[];
};

static aio_context_t ctx;
static int fd;			/* a file of 8192 bytes: its offset / 16 */
static char buf[8192] __attribute__((aligned(4096)));

static long
setup(unsigned int n, aio_context_t *c)
{
	return syscall(SYS_io_setup, n, c);
}

static long
submit(aio_context_t c, long n, struct iocb **l)
{
	return syscall(SYS_io_submit, c, n, l);
}

static long
submit1(struct iocb *cb)
{
	return submit(ctx, 1, &cb);
}

static long
get(aio_context_t c, long min, long n, struct io_event *ev,
    struct timespec *t)
{
	return syscall(SYS_io_getevents, c, min, n, ev, t);
}

static struct iocb
cb_of(int op, int f, void *b, long n, long off)
{
	return (struct iocb){ .aio_lio_opcode = op, .aio_fildes = f,
		.aio_buf = (unsigned long)b, .aio_nbytes = n,
		.aio_offset = off, .aio_data = 77 };
}

/* the next event, which must be cb's */
static void
event(const char *name, struct iocb *cb)
{
	struct io_event ev;
	long n = get(ctx, 1, 1, &ev, NULL);

	if (n != 1)
		out("%s: event %ld %s", name, n, n < 0 ? gt_errno(errno) : "");
	else if (ev.obj != (unsigned long)cb || ev.data != cb->aio_data)
		out("%s: somebody else's event", name);
	else if ((long)ev.res < 0)
		out("%s: %s, %ld", name, gt_errno(-(int)ev.res), (long)ev.res2);
	else if (cb->aio_lio_opcode == CMD_POLL)
		/* what was not asked for is told by some ways, not by others */
		out("%s: %#lx, %ld", name, (long)ev.res & ~POLLRDNORM,
		    (long)ev.res2);
	else
		out("%s: %ld, %ld", name, (long)ev.res, (long)ev.res2);
}

static void
one(const char *name, struct iocb *cb)
{
	if (submit1(cb) == 1)
		event(name, cb);
	else
		out("%s: submit: %s", name, gt_errno(errno));
}

/* submit and event of a request as it would be written */
#define ONE(name, ...) do { \
	struct iocb cb_ = cb_of(__VA_ARGS__); \
	one(name, &cb_); \
} while (0)

static void
none(const char *name)
{
	struct timespec t = { 0, 0 };
	struct io_event ev;

	val(name, get(ctx, 0, 1, &ev, &t));
}

static void
t_setup(void)
{
	aio_context_t c = 1;
	struct ring *r;

	VAL(setup(0, NULL));
	VAL(setup(1, BAD));
	VAL(setup(1, &c));
	c = 0;
	VAL(setup(0, &c));
	VAL(setup(0x7fffffff, &c));
	VAL(setup(0x1000000, &c));
	VAL(setup(1000000, &c));
	YES(c == 0);
	VAL(setup(8, &c));
	r = (struct ring *)c;
	YES(r->magic == 0xa10a10a1);
	YES(r->nr >= 8 * 2);
	YES(r->head == 0 && r->tail == 0);
	YES(r->length == sizeof(*r));
	YES(r->compat == 1 && r->incompat == 0);
	VAL(setup(8, &c));
	VAL(syscall(SYS_io_destroy, c));
	VAL(syscall(SYS_io_destroy, c));
	VAL(syscall(SYS_io_destroy, 0));
	VAL(syscall(SYS_io_destroy, -1));
	VAL(syscall(SYS_io_destroy, buf));
}

static void
t_rw(void)
{
	struct iovec v[2] = { { buf, 16 }, { buf + 100, 16 } };
	int ro, wo, p[2];

	memset(buf, 0, sizeof(buf));
	ONE("pread", IOCB_CMD_PREAD, fd, buf, 16, 160);
	YES(buf[0] == 10 && buf[15] == 10);
	ONE("pread at the end", IOCB_CMD_PREAD, fd, buf, 100, 8180);
	ONE("pread behind it", IOCB_CMD_PREAD, fd, buf, 100, 9000);
	ONE("pread nothing", IOCB_CMD_PREAD, fd, buf, 0, 0);
	ONE("pread to nowhere", IOCB_CMD_PREAD, fd, BAD, 16, 0);
	ONE("pread to the kernel", IOCB_CMD_PREAD, fd, KBAD, 16, 0);
	ONE("pread negative", IOCB_CMD_PREAD, fd, buf, 16, -1);
	ONE("pread too long", IOCB_CMD_PREAD, fd, buf, -1, 0);
	ONE("preadv", IOCB_CMD_PREADV, fd, v, 2, 320);
	YES(buf[0] == 20 && buf[100] == 21);
	ONE("preadv of none", IOCB_CMD_PREADV, fd, v, 0, 0);
	ONE("preadv of too many", IOCB_CMD_PREADV, fd, v, 1025, 0);
	ONE("preadv from nowhere", IOCB_CMD_PREADV, fd, BAD, 1, 0);
	memset(buf, 99, 32);
	ONE("pwrite", IOCB_CMD_PWRITE, fd, buf, 16, 1600);
	ONE("pwritev", IOCB_CMD_PWRITEV, fd, v, 2, 1616);
	ONE("pwrite from nowhere", IOCB_CMD_PWRITE, fd, BAD, 16, 0);
	VAL(pread(fd, buf, 64, 1592));
	YES(buf[7] == 99 && buf[8] == 99 && buf[24] == 99 && buf[40] == 21);
	VAL(lseek(fd, 0, SEEK_CUR));
	/* wrong requests */
	ONE("closed file", IOCB_CMD_PREAD, 999, buf, 16, 0);
	ONE("no such command", 100, fd, buf, 16, 0);
	ONE("command 4", 4, fd, buf, 16, 0);
	ONE("NOOP", IOCB_CMD_NOOP, fd, buf, 16, 0);
	ro = open("aio.f", O_RDONLY);
	wo = open("aio.f", O_WRONLY);
	ONE("write read-only", IOCB_CMD_PWRITE, ro, buf, 16, 0);
	ONE("read write-only", IOCB_CMD_PREAD, wo, buf, 16, 0);
	ONE("read a directory", IOCB_CMD_PREAD, open(".", O_RDONLY), buf, 1, 0);
	ONE("O_PATH", IOCB_CMD_PREAD, open("aio.f", O_PATH), buf, 1, 0);
	/* a pipe: no position */
	NEED(pipe2(p, O_NONBLOCK));
	ONE("empty pipe", IOCB_CMD_PREAD, p[0], buf, 16, 0);
	ONE("write to a pipe", IOCB_CMD_PWRITE, p[1], "hello", 5, 100);
	ONE("read a pipe", IOCB_CMD_PREAD, p[0], buf, 16, 0);
	none("nothing left");
}

static void
t_flags(void)
{
	struct iocb cb = cb_of(IOCB_CMD_PWRITE, fd, "end", 3, 0);
	struct stat st;
	uint64_t n = 0;
	int e = eventfd(0, EFD_NONBLOCK);

	cb.aio_rw_flags = RWF_APPEND;
	one("append", &cb);
	fstat(fd, &st);
	val("size", st.st_size);
	cb.aio_rw_flags = 1 << 30;
	one("unknown flag", &cb);
	cb.aio_rw_flags = 0;
	cb.aio_reserved2 = 1;
	one("reserved", &cb);
	cb.aio_reserved2 = 0;
	cb.aio_flags = IOCB_FLAG_RESFD;
	cb.aio_resfd = e;
	one("with eventfd", &cb);
	one("and again", &cb);
	VAL(read(e, &n, 8));
	val("counted", n);
	cb.aio_resfd = fd;
	one("no eventfd", &cb);
	cb.aio_resfd = 999;
	one("closed eventfd", &cb);
	none("nothing left");
	close(e);
}

static void
t_fsync(void)
{
	struct iocb cb = cb_of(IOCB_CMD_FSYNC, fd, NULL, 0, 0);
	int p[2];

	one("fsync", &cb);
	cb.aio_lio_opcode = IOCB_CMD_FDSYNC;
	one("fdsync", &cb);
	cb.aio_nbytes = 1;
	one("fsync with a length", &cb);
	NEED(pipe(p));
	cb = cb_of(IOCB_CMD_FSYNC, p[0], NULL, 0, 0);
	one("fsync of a pipe", &cb);
}

static void
t_submit(void)
{
	struct iocb a = cb_of(IOCB_CMD_PREAD, fd, buf, 16, 0);
	struct iocb b = cb_of(IOCB_CMD_PREAD, fd, buf, 32, 0);
	struct iocb bad = cb_of(IOCB_CMD_PREAD, 999, buf, 32, 0);
	struct iocb *l[4] = { &a, &b, &bad, &a };
	struct timespec zero = { 0, 0 };
	struct io_event ev[8];
	struct ring *r = (struct ring *)ctx;
	unsigned int head;
	long n, i;

	VAL(submit(ctx, -1, l));
	VAL(submit(ctx, 0, l));
	VAL(submit(ctx, 0, BAD));
	VAL(submit(ctx, 1, BAD));
	VAL(submit(0, 1, l));
	VAL(submit(ctx + 8, 1, l));
	VAL(submit(ctx, 1, (struct iocb *[]){ BAD }));
	VAL(submit(ctx, 4, l));		/* up to the bad one */
	VAL(submit(ctx, 2, l + 2));
	YES(r->tail - r->head == 2 || r->head > r->tail);
	VAL(get(ctx, 3, 2, ev, NULL));
	VAL(get(ctx, -1, 2, ev, NULL));
	VAL(get(ctx, 1, -1, ev, NULL));
	VAL(get(ctx, 0, 0, ev, NULL));
	VAL(get(0, 0, 0, ev, NULL));
	VAL(get(ctx, 1, 1, BAD, NULL));
	VAL(get(ctx, 1, 8, ev, BAD));
	VAL(get(ctx, 3, 8, ev, &zero));
	YES(ev[0].res == 16 && ev[1].res == 32);
	VAL(get(ctx, 1, 8, ev, &zero));
	VAL(get(ctx, 0, 8, ev, NULL));
	zero.tv_nsec = 2000000;
	VAL(get(ctx, 1, 8, ev, &zero));
	zero.tv_nsec = 0;
	/* by hand, as libaio does */
	NEED(submit(ctx, 2, l));
	head = r->head;
	YES(r->ev[head % r->nr].res == 16);
	r->head = (head + 1) % r->nr;
	VAL(get(ctx, 1, 8, ev, &zero));
	YES(ev[0].res == 32);
	/* until the ring is full; and around its end */
	l[1] = &a;
	for (n = 0; n < 1000 && submit(ctx, 1, l) == 1; n++)
		;
	yes("full", n >= 16 && n <= (long)r->nr && errno == EAGAIN);
	for (i = 0; i < n; i += get(ctx, 1, 8, ev, &zero))
		;
	none("all fetched");
	for (i = 0; i < 500; i++)
		if (submit(ctx, 1, l) != 1 ||
		    get(ctx, 1, 8, ev, &zero) != 1 || ev[0].res != 16)
			break;
	val("around", i);
	/* a head that lies */
	r->head = 0xfffffff0;
	n = get(ctx, 0, 8, ev, &zero);
	yes("lying head", n >= 0 || errno == EFAULT);
	for (i = 0; i < 200 && get(ctx, 0, 8, ev, &zero) > 0; i++)
		;
	none("over");
}

static void
t_poll(void)
{
	struct iocb cb, cb2;
	struct io_event ev[2];
	struct timespec zero = { 0, 0 };
	int p[2], e = eventfd(0, EFD_NONBLOCK), ready = eventfd(0, 0);
	uint64_t one64 = 1, n;

	NEED(pipe(p));
	cb = cb_of(CMD_POLL, p[1], (void *)POLLOUT, 0, 0);
	one("pipe to write", &cb);
	cb = cb_of(CMD_POLL, fd, (void *)POLLIN, 0, 0);
	one("file to read", &cb);
	cb = cb_of(CMD_POLL, fd, (void *)POLLPRI, 0, 0);
	one("file, priority", &cb);
	cb = cb_of(CMD_POLL, p[0], (void *)0x10000, 0, 0);
	one("too many bits", &cb);
	cb = cb_of(CMD_POLL, p[0], (void *)POLLIN, 1, 0);
	one("with a length", &cb);
	cb = cb_of(CMD_POLL, p[0], (void *)POLLIN, 0, 0);
	cb.aio_flags = IOCB_FLAG_RESFD;
	cb.aio_resfd = ready;
	VAL(submit1(&cb));
	none("not ready");
	VAL(write(p[1], "x", 1));
	event("now", &cb);
	VAL(read(ready, &n, 8));
	none("once only");
	VAL(read(p[0], buf, 1));
	/* another waits, one is cancelled */
	cb = cb_of(CMD_POLL, p[0], (void *)POLLIN, 0, 0);
	cb2 = cb_of(CMD_POLL, e, (void *)POLLIN, 0, 0);
	VAL(submit1(&cb));
	VAL(submit1(&cb2));
	VAL(syscall(SYS_io_cancel, ctx, BAD, ev));
	VAL(syscall(SYS_io_cancel, 0, &cb, ev));
	cb.aio_key = 5;
	VAL(syscall(SYS_io_cancel, ctx, &cb, ev));
	cb.aio_key = 0;
	YES(INPROGRESS_IS_OK(syscall(SYS_io_cancel, ctx, &cb, ev)));
	event("cancelled", &cb);
	VAL(syscall(SYS_io_cancel, ctx, &cb, ev));
	VAL(write(e, &one64, 8));
	event("the other", &cb2);
	VAL(syscall(SYS_io_cancel, ctx, &cb2, ev));
	/* the last writer goes: hang-up without being asked for */
	VAL(submit1(&cb));
	close(p[1]);
	event("hang-up", &cb);
	/* closing the descriptor does not end it */
	NEED(pipe(p));
	cb = cb_of(CMD_POLL, p[0], (void *)POLLIN, 0, 0);
	VAL(submit1(&cb));
	close(p[0]);
	VAL(write(p[1], "x", 1));
	event("closed", &cb);
	val("left", get(ctx, 0, 2, ev, &zero));
	close(p[1]);
	close(e);
	close(ready);
}

static void
handler(int sig)
{
	(void)sig;
}

static void
t_signals(void)
{
	struct { const void *mask; size_t size; } s = { NULL, 8 };
	struct timespec zero = { 0, 0 };
	uint64_t set = 1ul << (SIGALRM - 1), no = 0;
	struct itimerval it = { { 0, 20000 }, { 0, 20000 } }, off = { 0 };
	struct io_event ev;
	struct sigaction sa = { .sa_handler = handler };

	sigaction(SIGALRM, &sa, NULL);
	VAL(syscall(SYS_io_pgetevents, ctx, 0, 1, &ev, &zero, NULL));
	VAL(syscall(SYS_io_pgetevents, ctx, 0, 1, &ev, &zero, BAD));
	VAL(syscall(SYS_io_pgetevents, ctx, 0, 1, &ev, &zero, &s));
	s.mask = &set;
	s.size = 4;
	VAL(syscall(SYS_io_pgetevents, ctx, 0, 1, &ev, &zero, &s));
	s.size = 8;
	s.mask = BAD;
	VAL(syscall(SYS_io_pgetevents, ctx, 0, 1, &ev, &zero, &s));
	VAL(syscall(SYS_io_pgetevents, 0, 0, 1, &ev, &zero, NULL));
	setitimer(ITIMER_REAL, &it, NULL);
	VAL(get(ctx, 1, 1, &ev, NULL));
	setitimer(ITIMER_REAL, &off, NULL);
	/* blocked, and let in by the call */
	sigprocmask(SIG_BLOCK, (sigset_t *)&set, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	s.mask = &no;
	VAL(syscall(SYS_io_pgetevents, ctx, 1, 1, &ev, NULL, &s));
	setitimer(ITIMER_REAL, &off, NULL);
	sigprocmask(SIG_UNBLOCK, (sigset_t *)&set, NULL);
}

static void
in_fork(void)
{
	struct io_event ev;
	struct timespec zero = { 0, 0 };

	VAL(get(ctx, 0, 1, &ev, &zero));
	VAL(syscall(SYS_io_destroy, ctx));
}

static void
t_end(void)
{
	aio_context_t c = 0;
	struct iocb cb, *l = &cb;
	struct io_event ev;
	int p[2];
	struct ring *r;

	in_child("not inherited", in_fork);
	/* ends with a request in flight */
	NEED(pipe(p));
	cb = cb_of(CMD_POLL, p[0], (void *)POLLIN, 0, 0);
	NEED(setup(4, &c));
	VAL(submit(c, 1, &l));
	VAL(syscall(SYS_io_destroy, c));
	VAL(submit(c, 1, &l));
	/* the ring was unmapped */
	VAL(get(c, 0, 1, &ev, NULL));
	c = 0;
	NEED(setup(4, &c));
	r = (struct ring *)c;
	VAL(submit(c, 1, &l));
	r->id += 1000;
	VAL(get(c, 0, 1, &ev, &(struct timespec){ 0, 0 }));
	r->id -= 1000;
	VAL(get(c, 0, 1, &ev, &(struct timespec){ 0, 0 }));
	VAL(munmap(r, 4096));
	VAL(get(c, 0, 1, &ev, &(struct timespec){ 0, 0 }));
	/* and this one ends with us */
}

static void
many(void)
{
	aio_context_t c;
	long n;

	for (n = 0; n < 100000; n++) {
		c = 0;
		if (setup(2000, &c))
			break;
	}
	yes("a limit", n > 4 && n < 1000 && errno == EAGAIN);
}

static void *
waiter(void *arg)
{
	struct io_event ev;

	*(long *)arg = get(ctx, 1, 1, &ev, NULL);
	return NULL;
}

static void
t_threads(void)
{
	struct iocb cb = cb_of(IOCB_CMD_PREAD, fd, buf, 16, 0);
	pthread_t t;
	long n;

	need("thread", pthread_create(&t, NULL, waiter, &n) ? -1 : 0);
	usleep(10000);
	VAL(submit1(&cb));
	pthread_join(t, NULL);
	val("in a thread", n);
}

/* a request is completed once, whoever comes first */
static int stop;

static void *
toggler(void *arg)
{
	int *p = arg;
	char c;

	while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST))
		if (write(p[1], "x", 1) != 1 || read(p[0], &c, 1) != 1)
			break;
	return NULL;
}

static void
t_race(void)
{
	struct io_event ev;
	pthread_t t;
	int p[2], events = 0, i;

	NEED(pipe(p));
	need("thread", pthread_create(&t, NULL, toggler, p) ? -1 : 0);
	for (i = 0; i < 1000; i++) {
		struct iocb cb = cb_of(CMD_POLL, p[0], (void *)POLLIN, 0, 0);

		if (submit1(&cb) != 1)
			break;
		if (i & 1)
			syscall(SYS_io_cancel, ctx, &cb, &ev);
		events += get(ctx, 1, 1, &ev, NULL) == 1 &&
			ev.obj == (unsigned long)&cb;
	}
	__atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
	pthread_join(t, NULL);
	val("events", events);
	none("no more");
	close(p[0]);
	close(p[1]);
}

/* it polls signals of its own and ends: their queue goes away */
static struct iocb sig_cb;

static int
poller(void *arg)
{
	(void)arg;
	return submit1(&sig_cb) == 1 ? 0 : 1;
}

static void
t_sighand(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	uint64_t set = 1ul << (SIGUSR1 - 1);
	int st, f = (int)NEED(syscall(SYS_signalfd4, -1, &set, 8, 0));
	pid_t p;

	sig_cb = cb_of(CMD_POLL, f, (void *)POLLIN, 0, 0);
	p = clone(poller, stack + sizeof(stack), CLONE_VM | CLONE_FILES |
		  SIGCHLD, NULL);
	NEED(p);
	waitpid(p, &st, 0);
	out("poller: %s", gt_status(st));
	event("its signals are gone", &sig_cb);
	close(f);
}

int
main(void)
{
	fd = (int)NEED(open("aio.f", O_RDWR | O_CREAT | O_TRUNC, 0600));
	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (char)(i / 16);
	NEED(write(fd, buf, sizeof(buf)));
	lseek(fd, 0, SEEK_SET);
	t_setup();
	NEED(setup(8, &ctx));
	t_rw();
	t_flags();
	t_fsync();
	t_submit();
	t_poll();
	t_signals();
	t_threads();
	t_race();
	t_sighand();
	t_end();
	VAL(syscall(SYS_io_destroy, ctx));
	in_child("many", many);
	in_child("many again", many);
	return 0;
}
