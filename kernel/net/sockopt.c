/* SPDX-License-Identifier: MIT */
/*
 * SOL_SOCKET options, socket(7): kept in struct socket, the same for all
 * families. A family that acts on one at once gets option_set(). What no
 * family here can do (filters, busy polling, hardware time stamps) is
 * -ENOPROTOOPT.
 */
#include <abi/time.h>
#include <mm/uaccess.h>
#include <net/sock.h>
#include <task/pid.h>
#include <task/user_ns.h>
#include <task/task.h>

/* least buffers, socket(7): as if a packet of 2 KiB with its overhead */
#define MIN_RCVBUF	2304
#define MIN_SNDBUF	4608
/* biggest that can be doubled */
#define MAX_BUF		(INT_MAX / 2)

/* options that are one bit of s->flags; -1: not one */
static int
flag_of(int opt)
{
	switch (opt) {
	case SO_DEBUG: return SOCK_DEBUG;
	case SO_REUSEADDR: return SOCK_REUSEADDR;
	case SO_REUSEPORT: return SOCK_REUSEPORT;
	case SO_DONTROUTE: return SOCK_DONTROUTE;
	case SO_BROADCAST: return SOCK_BROADCAST;
	case SO_KEEPALIVE: return SOCK_KEEPALIVE;
	case SO_OOBINLINE: return SOCK_OOBINLINE;
	case SO_NO_CHECK: return SOCK_NO_CHECK;
	case SO_PASSCRED: return SOCK_PASSCRED;
	case SO_PASSSEC: return SOCK_PASSSEC;
	case SO_TIMESTAMP: return SOCK_TIMESTAMP;
	case SO_TIMESTAMPNS: return SOCK_TIMESTAMPNS;
	case SO_RXQ_OVFL: return SOCK_RXQ_OVFL;
	}
	return -1;
}

static void
flag_put(struct socket *s, int flag, bool on)
{
	if (on)
		atomic_or(&s->flags, BIT(flag));
	else
		atomic_and(&s->flags, ~BIT(flag));
}

static int
set_timeo(nsec_t *out, const struct abi_timeval __user *val, u32 len)
{
	struct abi_timeval tv;

	if (len < sizeof(tv))
		return -EINVAL;
	if (copyin(&tv, val, sizeof(tv)))
		return -EFAULT;
	if (tv.tv_usec < 0 || tv.tv_usec >= 1000000)
		return -EDOM;
	if (tv.tv_sec < 0)
		*out = 0;
	else if (!tv.tv_sec && !tv.tv_usec)
		*out = NSEC_MAX;
	else if (tv.tv_sec >= (s64)(NSEC_MAX / NSEC_PER_SEC - 1))
		*out = NSEC_MAX;
	else
		*out = tv.tv_sec * NSEC_PER_SEC + tv.tv_usec * NSEC_PER_USEC;
	return 0;
}

static int
set_linger(struct socket *s, const struct abi_linger __user *val, u32 len)
{
	struct abi_linger l;

	if (len < sizeof(l))
		return -EINVAL;
	if (copyin(&l, val, sizeof(l)))
		return -EFAULT;
	if (l.l_onoff)
		s->linger_s = l.l_linger;
	flag_put(s, SOCK_LINGER, l.l_onoff);
	return 0;
}

static u32
buf_size(int v, u32 least)
{
	return max_t(u32, (u32)clamp_t(int, v, 0, MAX_BUF) * 2, least);
}

static int
set_int(struct socket *s, int opt, int v)
{
	int flag = flag_of(opt);

	if (flag >= 0) {
		if (opt == SO_DEBUG && v && !capable(CAP_NET_ADMIN))
			return -EACCES;
		flag_put(s, flag, v);
		if (opt == SO_TIMESTAMP && v)
			flag_put(s, SOCK_TIMESTAMPNS, false);
		if (opt == SO_TIMESTAMPNS && v)
			flag_put(s, SOCK_TIMESTAMP, false);
		return 0;
	}
	switch (opt) {
	case SO_TYPE:
	case SO_PROTOCOL:
	case SO_DOMAIN:
	case SO_ERROR:
		return -ENOPROTOOPT;
	case SO_SNDBUF:
		s->sndbuf = buf_size(min_t(u32, v, sock_wmem_max), MIN_SNDBUF);
		sock_wake_writers(s);
		return 0;
	case SO_SNDBUFFORCE:
		if (!capable(CAP_NET_ADMIN))
			return -EPERM;
		s->sndbuf = buf_size(v, MIN_SNDBUF);
		sock_wake_writers(s);
		return 0;
	case SO_RCVBUF:
		s->rcvbuf = buf_size(min_t(u32, v, sock_rmem_max), MIN_RCVBUF);
		return 0;
	case SO_RCVBUFFORCE:
		if (!capable(CAP_NET_ADMIN))
			return -EPERM;
		s->rcvbuf = buf_size(v, MIN_RCVBUF);
		return 0;
	case SO_PRIORITY:
		if ((v < 0 || v > 6) && !capable(CAP_NET_RAW) &&
		    !capable(CAP_NET_ADMIN))
			return -EPERM;
		s->priority = v;
		return 0;
	case SO_MARK:
		if (!capable(CAP_NET_RAW) && !capable(CAP_NET_ADMIN))
			return -EPERM;
		s->mark = v;
		return 0;
	case SO_BSDCOMPAT:
		return 0;		/* obsolete, socket(7) */
	case SO_RCVLOWAT:
		if (v < 0)
			v = INT_MAX;
		s->rcvlowat = v ? v : 1;
		return 0;
	case SO_PEEK_OFF:
		if (s->family != AF_UNIX)
			return -EOPNOTSUPP;
		s->peek_off = v;
		return 0;
	}
	return -ENOPROTOOPT;
}

int
sock_setsockopt(struct socket *s, int opt, const void __user *val, u32 len)
{
	int v, err;

	if (len < sizeof(int))
		return -EINVAL;
	if (get_user(v, (const int __user *)val))
		return -EFAULT;
	switch (opt) {
	case SO_LINGER:
		err = set_linger(s, val, len);
		break;
	case SO_RCVTIMEO:
	case SO_RCVTIMEO_NEW:
		err = set_timeo(&s->rcvtimeo, val, len);
		break;
	case SO_SNDTIMEO:
	case SO_SNDTIMEO_NEW:
		err = set_timeo(&s->sndtimeo, val, len);
		break;
	default:
		err = set_int(s, opt, v);
	}
	if (!err && s->ops->option_set)
		err = s->ops->option_set(s, opt);
	return err;
}

/* -- asking -------------------------------------------------------------- */

int
sock_put_opt(void __user *uval, int __user *ulen, const void *val, u32 len)
{
	int have;

	if (get_user(have, ulen))
		return -EFAULT;
	if (have < 0)
		return -EINVAL;
	len = min_t(u32, len, have);
	if (copyout(uval, val, len))
		return -EFAULT;
	return put_user((int)len, ulen);
}

static int
get_timeo(nsec_t t, void __user *val, int __user *len)
{
	struct abi_timeval tv = { 0, 0 };

	if (t != NSEC_MAX)
		tv = (struct abi_timeval){ t / NSEC_PER_SEC,
			t % NSEC_PER_SEC / NSEC_PER_USEC };
	return sock_put_opt(val, len, &tv, sizeof(tv));
}

static int
get_peercred(struct socket *s, void __user *val, int __user *len)
{
	struct abi_ucred c = { 0, ~0U, ~0U };

	spin_lock(&s->lock);
	if (s->peer_pid) {
		c.pid = pid_vnr(s->peer_pid);
		c.uid = from_kuid_munged(current_user_ns(),
					 s->peer_cred->euid);
		c.gid = from_kgid_munged(current_user_ns(),
					 s->peer_cred->egid);
	}
	spin_unlock(&s->lock);
	return sock_put_opt(val, len, &c, sizeof(c));
}

static int
get_peergroups(struct socket *s, u32 __user *val, int __user *ulen)
{
	const struct cred *c;
	const struct group_info *g;
	int have, r = 0;
	u32 size;

	if (get_user(have, ulen))
		return -EFAULT;
	spin_lock(&s->lock);
	c = s->peer_cred;
	if (c)
		cred_get(c);
	spin_unlock(&s->lock);
	if (!c)
		return -ENODATA;
	g = c->groups;
	size = g->n * sizeof(gid_t);
	if (have < 0 || (u32)have < size)
		r = -ERANGE;
	else if (groups_out(val, g))
		r = -EFAULT;
	cred_put(c);
	if (put_user((int)size, ulen))
		return -EFAULT;
	return r;
}

static u64
cookie_of(struct socket *s)
{
	static u64 last;
	u64 c = READ_ONCE(s->cookie), old;

	if (c)
		return c;
	c = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
	old = cmpxchg(&s->cookie, 0, c);
	return old ? old : c;
}

static int
get_int(struct socket *s, int opt, int *v)
{
	int flag = flag_of(opt);

	if (flag >= 0) {
		*v = sock_has(s, flag);
		return 0;
	}
	switch (opt) {
	case SO_TYPE: *v = s->type; return 0;
	case SO_PROTOCOL: *v = s->protocol; return 0;
	case SO_DOMAIN: *v = s->family; return 0;
	case SO_ERROR: *v = -sock_error(s); return 0;
	case SO_SNDBUF: *v = s->sndbuf; return 0;
	case SO_RCVBUF: *v = s->rcvbuf; return 0;
	case SO_PRIORITY: *v = s->priority; return 0;
	case SO_MARK: *v = s->mark; return 0;
	case SO_BSDCOMPAT: *v = 0; return 0;
	case SO_RCVLOWAT: *v = s->rcvlowat; return 0;
	case SO_SNDLOWAT: *v = 1; return 0;
	case SO_PEEK_OFF:
		if (s->family != AF_UNIX)
			return -EOPNOTSUPP;
		*v = s->peek_off;
		return 0;
	case SO_ACCEPTCONN:
		*v = s->ops->listening && s->ops->listening(s);
		return 0;
	}
	return -ENOPROTOOPT;
}

int
sock_getsockopt(struct socket *s, int opt, void __user *val, int __user *len)
{
	struct abi_linger l;
	u64 cookie;
	int v, err;

	if (get_user(v, len))
		return -EFAULT;
	if (v < 0)
		return -EINVAL;
	switch (opt) {
	case SO_LINGER:
		l = (struct abi_linger){ sock_has(s, SOCK_LINGER),
			s->linger_s };
		return sock_put_opt(val, len, &l, sizeof(l));
	case SO_RCVTIMEO:
	case SO_RCVTIMEO_NEW:
		return get_timeo(s->rcvtimeo, val, len);
	case SO_SNDTIMEO:
	case SO_SNDTIMEO_NEW:
		return get_timeo(s->sndtimeo, val, len);
	case SO_PEERCRED:
		return get_peercred(s, val, len);
	case SO_PEERGROUPS:
		return get_peergroups(s, val, len);
	case SO_COOKIE:
		if ((u32)v < sizeof(cookie))
			return -EINVAL;
		cookie = cookie_of(s);
		return sock_put_opt(val, len, &cookie, sizeof(cookie));
	}
	err = get_int(s, opt, &v);
	return err ? err : sock_put_opt(val, len, &v, sizeof(v));
}
