// SPDX-License-Identifier: MIT
/* Which message of a queue a receiver gets, msgrcv(2). Pure. */
#include "msg.h"

struct msg_want
msg_want_of(s64 type, int flags)
{
	if (flags & MSG_COPY)
		return (struct msg_want){ MSG_BY_NUMBER, type };
	if (!type)
		return (struct msg_want){ MSG_ANY, 0 };
	if (type < 0)
		return (struct msg_want){ MSG_LOWEST,
			type < -S64_MAX ? S64_MAX : -type };
	return (struct msg_want){ flags & MSG_EXCEPT ? MSG_OTHER : MSG_EQUAL,
		type };
}

bool
msg_suits(const struct msg_want *w, s64 type)
{
	switch (w->how) {
	case MSG_EQUAL:
		return type == w->type;
	case MSG_OTHER:
		return type != w->type;
	case MSG_LOWEST:
		return type <= w->type;
	default:
		return true;
	}
}

struct ipc_msg *
msg_pick(const struct list_head *list, const struct msg_want *w)
{
	struct ipc_msg *m, *best = NULL;
	s64 nr = 0;

	list_for_each_entry(m, list, link) {
		if (w->how == MSG_BY_NUMBER) {
			if (nr++ == w->type)
				return m;
			continue;
		}
		if (!msg_suits(w, m->type))
			continue;
		if (w->how != MSG_LOWEST)
			return m;
		if (!best || m->type < best->type)
			best = m;
	}
	return best;
}
