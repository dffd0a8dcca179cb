/* SPDX-License-Identifier: MIT */
/*
 * NETLINK_KOBJECT_UEVENT: a message to group 1 for each device that comes,
 * goes or is asked to tell of itself (mdev -d, udevd). The text is
 * "ACTION@DEVPATH", then KEY=value strings, each ended by a NUL. Programs may
 * send to the other groups; udevd does, to group 2.
 */
#include <core/initcall.h>
#include <dev/dev.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>
#include "netlink.h"

#define UEVENT_MAX	2048

static const struct netlink_proto uevent_proto = {
	.protocol = NETLINK_KOBJECT_UEVENT, .nr_groups = 32,
	.flags = NL_ANYONE_RECEIVES,
};
SET_ADD(netlink_proto, uevent_proto);

/* bytes in buf, which has UEVENT_MAX; 0: does not fit */
static u32
compose(const struct device *d, const char *action, u64 seq, char *buf)
{
	char path[256];
	int n, start;

	if (device_path(d, path, sizeof(path)) < 0)
		return 0;
	n = scnprintf(buf, UEVENT_MAX, "%s@/%s", action, path) + 1;
	n += scnprintf(buf + n, UEVENT_MAX - n, "ACTION=%s", action) + 1;
	n += scnprintf(buf + n, UEVENT_MAX - n, "DEVPATH=/%s", path) + 1;
	n += scnprintf(buf + n, UEVENT_MAX - n, "SUBSYSTEM=%s",
		       d->cls ? d->cls->name : d->bus ? d->bus : "") + 1;
	start = n;
	n += dev_uevent_text(d, buf + n, UEVENT_MAX - 64 - n);
	for (int i = start; i < n; i++)
		if (buf[i] == '\n')
			buf[i] = '\0';
	return n + scnprintf(buf + n, UEVENT_MAX - n, "SEQNUM=%lu", seq) + 1;
}

/* dev's event lock is held: messages leave in the order of their numbers */
static void
uevent(struct device *d, const char *action, u64 seq)
{
	char *buf;
	u32 len;

	if (!netlink_heard(NETLINK_KOBJECT_UEVENT, 1))
		return;
	buf = kmalloc(UEVENT_MAX, GFP_KERNEL);
	if (!buf)
		return;
	len = compose(d, action, seq, buf);
	if (len)
		netlink_broadcast(NETLINK_KOBJECT_UEVENT, 1, buf, len);
	kfree(buf);
}

static struct dev_listener listener = { .uevent = uevent };

static void
uevent_init(void)
{
	dev_listen(&listener);
}
INITCALL(INIT_CORE, uevent_init);
