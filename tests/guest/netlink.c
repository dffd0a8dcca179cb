/* SPDX-License-Identifier: MIT */
/* netlink(7): ports, groups, options, messages between programs, requests to
 * the kernel, device events. */
#include "gt.h"
#include <poll.h>
#include <sys/socket.h>

struct nl_addr { unsigned short family, pad; unsigned pid, groups; };
struct nl_hdr { unsigned len; unsigned short type, flags; unsigned seq, pid; };
#define AF_NL 16
#define SOL_NL 270
enum { ROUTE = 0, USER = 2, UEVENT = 15 };
enum { ADD = 1, DROP = 2, PKTINFO = 3, NO_ENOBUFS = 5, LIST = 9, CAP_ACK = 10,
	EXT_ACK = 11, STRICT = 12 };

static int
nl(int proto)
{
	return (int)need("socket", socket(AF_NL, SOCK_RAW, proto));
}

static int
nl_bind(int fd, unsigned pid, unsigned groups)
{
	struct nl_addr a = { AF_NL, 0, pid, groups };

	return bind(fd, (struct sockaddr *)&a, sizeof(a));
}

static void
name_of(const char *what, int fd)
{
	struct nl_addr a = { 0, 0, 0, 0 };
	socklen_t n = sizeof(a);

	if (getsockname(fd, (struct sockaddr *)&a, &n) < 0) {
		val(what, -1);
		return;
	}
	out("%s: len %u family %u pid %s groups %#x", what, n, a.family,
	    a.pid == 0 ? "0" : a.pid == (unsigned)getpid() ? "own" :
	    (int)a.pid < 0 ? "negative" : "other", a.groups);
}

static void
sockets(void)
{
	int fd, fd2;

	VAL(socket(AF_NL, SOCK_STREAM, ROUTE));
	VAL(socket(AF_NL, SOCK_SEQPACKET, ROUTE));
	VAL(socket(AF_NL, SOCK_RAW, 40));
	VAL(socket(AF_NL, SOCK_RAW, -1));
	VAL(socket(AF_NL, SOCK_RAW, 31));
	OKAY(close(socket(AF_NL, SOCK_DGRAM, ROUTE)));
	fd = nl(ROUTE);
	fd2 = nl(ROUTE);
	name_of("unbound", fd);
	VAL(bind(fd, (struct sockaddr *)&(struct nl_addr){ AF_NL, 0, 0, 0 },
		 8));
	VAL(bind(fd, (struct sockaddr *)&(struct nl_addr){ 1, 0, 0, 0 }, 12));
	VAL(nl_bind(fd, 0, 0));
	name_of("bound", fd);
	VAL(nl_bind(fd, 0, 5));
	name_of("groups", fd);
	VAL(nl_bind(fd, 77777, 0));
	VAL(nl_bind(fd2, getpid(), 0));
	VAL(nl_bind(fd2, 0, 0));
	name_of("second", fd2);
	VAL(listen(fd, 1));
	VAL(accept(fd, NULL, NULL));
	VAL(shutdown(fd, SHUT_RDWR));
	close(fd);
	close(fd2);
}

static void
options(void)
{
	static const int opts[] = { PKTINFO, 4, NO_ENOBUFS, CAP_ACK, EXT_ACK,
		STRICT, 13, 99 };
	int fd = nl(ROUTE), v, one = 1;
	socklen_t n;

	for (unsigned i = 0; i < NELEM(opts); i++) {
		out("option %d", opts[i]);
		VAL(setsockopt(fd, SOL_NL, opts[i], &one, 4));
		n = 4;
		v = -5;
		VAL(getsockopt(fd, SOL_NL, opts[i], &v, &n));
		out("value %d len %u", v, n);
	}
	n = 2;
	VAL(getsockopt(fd, SOL_NL, PKTINFO, &v, &n));
	for (int g = -1; g < 80; g += 9)
		out("join %d: %s", g, setsockopt(fd, SOL_NL, ADD, &g, 4) ?
		    gt_errno(errno) : "ok");
	unsigned groups[4] = { 0 };
	n = 16;
	VAL(getsockopt(fd, SOL_NL, LIST, groups, &n));
	out("list len %u: %x %x", n, groups[0], groups[1]);
	n = 4;
	groups[0] = 0;
	VAL(getsockopt(fd, SOL_NL, LIST, groups, &n));
	out("list len %u: %x", n, groups[0]);
	v = 8;
	VAL(setsockopt(fd, SOL_NL, DROP, &v, 4));
	name_of("after", fd);
	VAL(setsockopt(fd, 77, 1, &v, 4));
	close(fd);
}

static void
show_msg(const char *what, int fd, int flags)
{
	char b[256], c[128];
	struct nl_addr from = { 9, 9, 9, 9 };
	struct iovec v = { b, sizeof(b) };
	struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = c,
		.msg_controllen = sizeof(c) };
	ssize_t n = recvmsg(fd, &m, flags | MSG_DONTWAIT);

	if (n < 0) {
		val(what, -1);
		return;
	}
	out("%s: %zd bytes, first %d, from %s groups %#x, flags %#x", what, n,
	    n ? b[0] : -1, from.pid == 0 ? "kernel" : "a port", from.groups,
	    m.msg_flags);
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		if (h->cmsg_level == SOL_NL)
			out("  pktinfo group %u", *(unsigned *)CMSG_DATA(h));
		else
			out("  credentials: %s",
			    *(int *)CMSG_DATA(h) == getpid() ? "own" :
			    *(int *)CMSG_DATA(h) == 0 ? "kernel" : "other");
	}
}

static long
send_nl(int fd, unsigned pid, unsigned groups, const void *b, size_t n)
{
	struct nl_addr a = { AF_NL, 0, pid, groups };

	return sendto(fd, b, n, MSG_DONTWAIT, (struct sockaddr *)&a, sizeof(a));
}

static void
between(void)
{
	int a = nl(USER), b = nl(USER), c = nl(USER), one = 1;
	struct nl_addr to = { AF_NL, 0, 4242, 0 };
	struct pollfd p = { b, POLLIN | POLLOUT, 0 };

	VAL(nl_bind(a, 4141, 0));
	VAL(nl_bind(b, 4242, 0));
	VAL(nl_bind(c, 4343, 3));
	VAL(send_nl(a, 4242, 0, "\x05two", 5));
	VAL(poll(&p, 1, 0));
	out("revents %#x", p.revents);
	show_msg("peek", b, MSG_PEEK);
	show_msg("one", b, 0);
	show_msg("none", b, 0);
	VAL(send_nl(a, 4444, 0, "x", 1));
	VAL(send_nl(a, 0, 0, "x", 1));
	VAL(send_nl(a, 0, 2, "\x07grp", 5));
	setsockopt(c, SOL_NL, PKTINFO, &one, 4);
	setsockopt(c, SOL_SOCKET, SO_PASSCRED, &one, 4);
	show_msg("group", c, 0);
	VAL(send_nl(a, 0, 8, "y", 1));
	show_msg("other group", c, 0);
	VAL(send_nl(a, 4242, 1, "z", 1));
	show_msg("group of both", c, 0);
	show_msg("port of both", b, 0);
	VAL(connect(a, (struct sockaddr *)&to, sizeof(to)));
	VAL(send(a, "\x01", 1, 0));
	show_msg("connected", b, 0);
	VAL(send_nl(a, 4242, 0, "", 0));
	show_msg("empty", b, 0);
	VAL(sendto(a, "x", 1, 0, (struct sockaddr *)&to, 4));
	to.family = 1;
	VAL(sendto(a, "x", 1, 0, (struct sockaddr *)&to, 12));
	/* b is connected elsewhere: takes no one else's */
	to.family = AF_NL;
	to.pid = 4343;
	VAL(connect(b, (struct sockaddr *)&to, sizeof(to)));
	VAL(send_nl(a, 4242, 0, "x", 1));
	close(a);
	close(b);
	close(c);
}

static void
overrun(void)
{
	static char big[2000];
	int a = nl(USER), b = nl(USER), small = 1, n = 0;
	long r;

	nl_bind(a, 5151, 0);
	nl_bind(b, 5252, 1);
	setsockopt(b, SOL_SOCKET, SO_RCVBUF, &small, 4);
	for (int i = 0; i < 50; i++)
		if (send_nl(a, 0, 1, big, sizeof(big)) < 0)
			n++;
	YES(n == 0);
	show_msg("lost", b, 0);
	r = 0;
	while (recv(b, big, sizeof(big), MSG_DONTWAIT) > 0)
		r++;
	YES(r > 0 && r < 50);
	VAL(send_nl(a, 0, 1, big, 10));
	show_msg("again", b, 0);
	/* to a port: the sender waits instead */
	for (n = 0; n < 50; n++)
		if (send_nl(a, 5252, 0, big, sizeof(big)) < 0)
			break;
	out("full: %s", n == 50 ? "never" : gt_errno(errno));
	close(a);
	close(b);
}

/* sends a request and tells the header and error of the answers */
static void
ask(const char *what, int fd, unsigned type, unsigned flags, size_t body)
{
	char b[4096] = { 0 };
	struct nl_hdr *h = (struct nl_hdr *)b;
	ssize_t n;

	h->len = 16 + body;
	h->type = type;
	h->flags = flags;
	h->seq = 99;
	if (send_nl(fd, 0, 0, b, h->len) < 0) {
		val(what, -1);
		return;
	}
	while ((n = recv(fd, b, sizeof(b), MSG_DONTWAIT)) > 0)
		if (h->type == 2)
			out("%s: error %s len %u flags %#x seq %u", what,
			    *(int *)(b + 16) ? gt_errno(-*(int *)(b + 16)) : "0",
			    h->len, h->flags, h->seq);
		else if (h->type == 3)
			out("%s: done, len %u flags %#x", what, h->len,
			    h->flags);
		else if (n < 0)
			val(what, n);
	out("%s: end", what);
}

static void
requests(void)
{
	int fd = nl(ROUTE), one = 1;

	ask("no request", fd, 18, 0, 16);
	ask("no request, ack", fd, 18, 4, 16);
	ask("control", fd, 1, 1 | 4, 0);
	ask("too high", fd, 200, 1, 16);
	ask("too high, ack", fd, 200, 1 | 4, 16);
	ask("short", fd, 18, 1, 0);
	ask("short, ack", fd, 18, 1 | 4, 0);
	ask("link without a name", fd, 18, 1, 16);
	setsockopt(fd, SOL_NL, CAP_ACK, &one, 4);
	ask("capped", fd, 18, 1, 16);
	VAL(send_nl(fd, 0, 0, "abc", 3));
	show_msg("junk", fd, 0);
	close(fd);
}

static void
user_part(void)
{
	int fd = nl(ROUTE), u, g = 1;

	VAL(setsockopt(fd, SOL_NL, ADD, &g, 4));
	ask("new link", fd, 16, 1, 16);
	VAL(send_nl(fd, 4242, 0, "x", 1));
	VAL(send_nl(fd, 0, 2, "x", 1));
	close(fd);
	u = nl(USER);
	VAL(nl_bind(u, 0, 1));
	VAL(setsockopt(u, SOL_NL, ADD, &g, 4));
	VAL(nl_bind(u, 0, 0));
	VAL(send_nl(u, 4242, 0, "x", 1));
	close(u);
}

/* Where devices' files cannot be written, or events do not come (another
 * network namespace), what is known is told. */
static void
events(void)
{
	int fd = nl(UEVENT), w;
	char b[2048], *p;
	struct pollfd q = { fd, POLLIN, 0 };
	ssize_t n = -1;

	VAL(nl_bind(fd, 0, 1));
	w = open("/sys/class/mem/null/uevent", O_WRONLY);
	if (w >= 0 && write(w, "change", 6) == 6 && poll(&q, 1, 1000) == 1)
		n = recv(fd, b, sizeof(b) - 1, MSG_DONTWAIT);
	if (n < 0) {
		strcpy(b, "change@/devices/virtual/mem/null");
		out("%s", b);
		out("ACTION=change\nDEVPATH=/devices/virtual/mem/null\n"
		    "SUBSYSTEM=mem\nMAJOR=1\nMINOR=3\nDEVNAME=null");
	} else {
		b[n] = 0;
		for (p = b; p < b + n; p += strlen(p) + 1)
			if (strncmp(p, "SEQNUM=", 7) &&
			    strncmp(p, "SYNTH_UUID=", 11) &&
			    strncmp(p, "DEVMODE=", 8))
				out("%s", p);
	}
	close(w);
	close(fd);
}

int
main(void)
{
	sockets();
	options();
	between();
	overrun();
	requests();
	as_user("user", user_part);
	events();
	return 0;
}
