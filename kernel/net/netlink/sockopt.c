/* SPDX-License-Identifier: MIT */
/*
 * SOL_NETLINK, netlink(7): memberships, and options that are one bit. EXT_ACK
 * and GET_STRICT_CHK are kept and told: no answer here has more to say, and
 * nothing is filtered.
 */
#include <mm/uaccess.h>
#include "netlink.h"

static int
option_of(int opt)
{
	switch (opt) {
	case NETLINK_PKTINFO: return NLO_PKTINFO;
	case NETLINK_BROADCAST_ERROR: return NLO_BROADCAST_ERROR;
	case NETLINK_NO_ENOBUFS: return NLO_NO_ENOBUFS;
	case NETLINK_LISTEN_ALL_NSID: return NLO_ALL_NSID;
	case NETLINK_CAP_ACK: return NLO_CAP_ACK;
	case NETLINK_EXT_ACK: return NLO_EXT_ACK;
	case NETLINK_GET_STRICT_CHK: return NLO_STRICT;
	}
	return -1;
}

static int
set_membership(struct nl_sock *n, u32 group, bool join)
{
	if (!(n->proto->flags & NL_ANYONE_RECEIVES) && !capable(CAP_NET_ADMIN))
		return -EPERM;
	if (!group || group > n->proto->nr_groups)
		return -EINVAL;
	mutex_lock(&nl_lock);
	if (join)
		n->groups |= 1UL << (group - 1);
	else
		n->groups &= ~(1UL << (group - 1));
	mutex_unlock(&nl_lock);
	return 0;
}

int
nl_setsockopt(struct socket *s, int level, int opt, const void __user *val,
	      u32 len)
{
	struct nl_sock *n = nl_of(s);
	u32 v = 0;
	int bit;

	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (len >= sizeof(v) && get_user(v, (const u32 __user *)val))
		return -EFAULT;
	if (opt == NETLINK_ADD_MEMBERSHIP || opt == NETLINK_DROP_MEMBERSHIP)
		return set_membership(n, v, opt == NETLINK_ADD_MEMBERSHIP);
	bit = option_of(opt);
	if (bit < 0)
		return -ENOPROTOOPT;
	if (bit == NLO_ALL_NSID && !capable(CAP_NET_BROADCAST))
		return -EPERM;
	if (v)
		atomic_or(&n->options, BIT(bit));
	else
		atomic_and(&n->options, ~BIT(bit));
	/* what was lost is forgotten */
	if (bit == NLO_NO_ENOBUFS && v) {
		spin_lock(&s->lock);
		n->overrun = false;
		spin_unlock(&s->lock);
		waitq_wake_all(&n->room);
	}
	return 0;
}

/* the groups as words of 32 bits, as many as there is room for */
static int
list_memberships(struct nl_sock *n, void __user *val, int __user *ulen, int len)
{
	int words = DIV_ROUND_UP(n->proto->nr_groups, 32), i;
	u64 g;

	mutex_lock(&nl_lock);
	g = n->groups;
	mutex_unlock(&nl_lock);
	for (i = 0; i < words && (i + 1) * 4 <= len; i++)
		if (put_user((u32)(g >> (32 * i)), (u32 __user *)val + i))
			return -EFAULT;
	return put_user(words * 4, ulen);
}

int
nl_getsockopt(struct socket *s, int level, int opt, void __user *val,
	      int __user *ulen)
{
	struct nl_sock *n = nl_of(s);
	int bit, v, len;

	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (opt == NETLINK_LIST_MEMBERSHIPS)
		return list_memberships(n, val, ulen, len);
	bit = option_of(opt);
	if (bit < 0 || bit == NLO_ALL_NSID)
		return -ENOPROTOOPT;
	if (len < (int)sizeof(v))
		return -EINVAL;
	v = nl_opt(n, bit);
	return sock_put_opt(val, ulen, &v, sizeof(v));
}
