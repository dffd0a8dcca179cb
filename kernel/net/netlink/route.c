/* SPDX-License-Identifier: MIT */
/*
 * NETLINK_ROUTE, rtnetlink(7), as far as there is something to tell: there are
 * no network devices, so every dump ends at once, a link that is asked for is
 * not there, and what would change things is refused.
 */
#include "netlink.h"

enum { KIND_NEW, KIND_DEL, KIND_GET, KIND_SET };

static int
get_link(const struct abi_nlmsghdr *h)
{
	const struct abi_ifinfomsg *i = (const void *)(h + 1);

	if (h->nlmsg_len < NLMSG_HDRLEN + sizeof(*i))
		return -EINVAL;
	/* by number, or by a name in an attribute */
	if (i->ifi_index <= 0 && h->nlmsg_len == NLMSG_HDRLEN + sizeof(*i))
		return -EINVAL;
	return -ENODEV;
}

static int
route_request(struct nl_sock *from, const struct abi_nlmsghdr *h)
{
	const int none = 0;
	int kind = h->nlmsg_type & 3;

	if (h->nlmsg_type > RTM_MAX)
		return -EOPNOTSUPP;
	if (h->nlmsg_len < NLMSG_HDRLEN + sizeof(struct abi_rtgenmsg))
		return 0;
	if (kind != KIND_GET && !capable(CAP_NET_ADMIN))
		return -EPERM;
	if (kind == KIND_GET && (h->nlmsg_flags & NLM_F_DUMP)) {
		(void)netlink_reply(from, h, NLMSG_DONE, NLM_F_MULTI, &none,
				    sizeof(none));
		return NETLINK_ANSWERED;
	}
	return h->nlmsg_type == RTM_GETLINK ? get_link(h) : -EOPNOTSUPP;
}

static const struct netlink_proto route_proto = {
	.protocol = NETLINK_ROUTE, .nr_groups = RTNLGRP_MAX,
	.flags = NL_ANYONE_RECEIVES, .request = route_request,
};
SET_ADD(netlink_proto, route_proto);
