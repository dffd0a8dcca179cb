/* SPDX-License-Identifier: MIT */
/*
 * What programs ask the kernel: one send may hold several messages, each a
 * header and what the protocol makes of it. netlink(7): NLM_F_REQUEST marks
 * those that are for the kernel, control types below NLMSG_MIN_TYPE are only
 * acknowledged, and an acknowledgement is sent when it is asked for or when
 * there is an error to tell.
 */
#include <lib/string.h>
#include <mm/slab.h>
#include "netlink.h"

int
netlink_reply(struct nl_sock *from, const struct abi_nlmsghdr *h, u16 type,
	      u16 flags, const void *data, u32 len)
{
	struct nl_msg *m = nl_msg_alloc(NLMSG_HDRLEN + NLMSG_ALIGN(len));
	struct abi_nlmsghdr *r;
	int err;

	if (!m)
		return -ENOMEM;
	r = (struct abi_nlmsghdr *)m->data;
	*r = (struct abi_nlmsghdr){
		.nlmsg_len = NLMSG_HDRLEN + len,
		.nlmsg_type = type,
		.nlmsg_flags = flags,
		.nlmsg_seq = h->nlmsg_seq,
		.nlmsg_pid = READ_ONCE(from->portid),
	};
	memcpy(r + 1, data, len);
	memset((u8 *)(r + 1) + len, 0, NLMSG_ALIGN(len) - len);
	err = nl_queue(from, m);
	if (err == -EAGAIN || err == -ENOMEM) {
		nl_overrun(from);
		err = -ENOBUFS;
	}
	nl_msg_put(m);
	return err;
}

/* The message comes back whole with an error, unless it is capped. */
static void
acknowledge(struct nl_sock *from, const struct abi_nlmsghdr *h, int error)
{
	bool capped = !error || nl_opt(from, NLO_CAP_ACK);
	u32 body = capped ? 0 : h->nlmsg_len - NLMSG_HDRLEN;
	struct abi_nlmsgerr *e = kmalloc(sizeof(*e) + body, GFP_KERNEL);

	if (!e) {
		nl_overrun(from);
		return;
	}
	e->error = error;
	e->msg = *h;
	memcpy(e + 1, h + 1, body);
	(void)netlink_reply(from, h, NLMSG_ERROR, capped ? NLM_F_CAPPED : 0,
			    e, sizeof(*e) + body);
	kfree(e);
}

void
nl_requests(struct nl_sock *from, const struct nl_msg *m)
{
	u32 at = 0;

	while (m->len - at >= NLMSG_HDRLEN) {
		const struct abi_nlmsghdr *h = (const void *)(m->data + at);
		u32 step;
		int r = 0;

		if (h->nlmsg_len < NLMSG_HDRLEN || h->nlmsg_len > m->len - at)
			return;
		if ((h->nlmsg_flags & NLM_F_REQUEST) &&
		    h->nlmsg_type >= NLMSG_MIN_TYPE)
			r = from->proto->request(from, h);
		if (r != NETLINK_ANSWERED &&
		    (r || (h->nlmsg_flags & NLM_F_ACK)))
			acknowledge(from, h, r);
		step = NLMSG_ALIGN(h->nlmsg_len);
		if (step > m->len - at)
			return;
		at += step;
		cond_resched();
	}
}
