/* SPDX-License-Identifier: MIT */
/*
 * User namespaces, user_namespaces(7). Ids inside the kernel are those of the
 * initial namespace (global); they are translated where they come in from
 * (make_kuid) and go out to (from_kuid) user space. In the initial namespace
 * both are the identity, at the cost of one comparison.
 */
#ifndef TASK_USER_NS_H
#define TASK_USER_NS_H

#include <lib/idmap.h>
#include <task/nsproxy.h>

struct cred;
struct file;
struct mm;

#define OVERFLOW_ID	65534U		/* shown for what is not mapped */
#define INVALID_ID	IDMAP_NONE
#define USER_NS_LEVELS	33		/* below the initial one */

enum id_kind { ID_UID, ID_GID, ID_PROJID, ID_KINDS };

struct user_ns {
	struct ns_common ns;		/* ns.owner: the parent, counted */
	struct user_ns *parent;		/* I: the same; NULL: initial */
	u32 level;			/* I */
	uid_t owner;			/* I: global ids of the maker */
	gid_t group;
	struct id_map map[ID_KINDS];	/* written once, n last (release) */
	bool setgroups_denied;		/* map_mutex for writers */
	bool parent_could_setfcap;	/* I */
	int max[NS_KINDS];		/* a: namespaces of each kind a user */
};

extern struct user_ns init_user_ns;
static inline void
user_ns_get(struct user_ns *ns)
{
	if (unlikely(ns != &init_user_ns))
		ns_get(&ns->ns);
}
static inline void
user_ns_put(struct user_ns *ns)			/* any context */
{
	if (unlikely(ns != &init_user_ns))
		ns_put(&ns->ns);
}
static inline struct user_ns *
ns_to_user(struct ns_common *n)
{
	return container_of(n, struct user_ns, ns);
}
/* is ns the same as, or below, of? */
bool user_ns_within(const struct user_ns *ns, const struct user_ns *of);

u32 user_ns_down(const struct user_ns *ns, enum id_kind k, u32 id);
u32 user_ns_up(const struct user_ns *ns, enum id_kind k, u32 id);

/* global id of ns's id; INVALID_ID when it has none */
static inline uid_t
make_kuid(const struct user_ns *ns, uid_t uid)
{
	return likely(ns == &init_user_ns) ? uid :
		user_ns_down(ns, ID_UID, uid);
}
static inline gid_t
make_kgid(const struct user_ns *ns, gid_t gid)
{
	return likely(ns == &init_user_ns) ? gid :
		user_ns_down(ns, ID_GID, gid);
}
/* ns's id of a global one; INVALID_ID: not mapped */
static inline uid_t
from_kuid(const struct user_ns *ns, uid_t kuid)
{
	return likely(ns == &init_user_ns) ? kuid :
		user_ns_up(ns, ID_UID, kuid);
}
static inline gid_t
from_kgid(const struct user_ns *ns, gid_t kgid)
{
	return likely(ns == &init_user_ns) ? kgid :
		user_ns_up(ns, ID_GID, kgid);
}
/* the same for showing: OVERFLOW_ID when it is not mapped */
static inline uid_t
from_kuid_munged(const struct user_ns *ns, uid_t kuid)
{
	uid_t u = from_kuid(ns, kuid);

	return unlikely(u == INVALID_ID) ? OVERFLOW_ID : u;
}
static inline gid_t
from_kgid_munged(const struct user_ns *ns, gid_t kgid)
{
	gid_t g = from_kgid(ns, kgid);

	return unlikely(g == INVALID_ID) ? OVERFLOW_ID : g;
}
static inline bool
kuid_mapped(const struct user_ns *ns, uid_t kuid)
{
	return from_kuid(ns, kuid) != INVALID_ID;
}
static inline bool
kgid_mapped(const struct user_ns *ns, gid_t kgid)
{
	return from_kgid(ns, kgid) != INVALID_ID;
}

/*
 * user_ns_create - a new one below c's, whose maker c's euid is; c, private,
 * gets it with all capabilities. 0, -ENOSPC, -EPERM, -ENOMEM. T.
 */
int user_ns_create(struct cred *c);
/* what a user namespace gives who enters it: all capabilities in it */
void cred_enter_user_ns(struct cred *c, struct user_ns *ns);

/*
 * /proc/PID/uid_map and its kin. opener: who opened the file.
 * user_ns_range - range i of ns's map as opener sees it; false: no more.
 * user_ns_set_map - text is consumed; 0, -EPERM, -EINVAL, -ENOMEM. T.
 */
bool user_ns_range(struct user_ns *ns, enum id_kind k, u32 i,
		   const struct cred *opener, struct id_range *out);
int user_ns_set_map(struct user_ns *ns, enum id_kind k, char *text,
		    const struct cred *opener) __must_check;
int user_ns_deny_setgroups(struct user_ns *ns) __must_check;	/* 0, -EPERM */
bool user_ns_may_setgroups(const struct user_ns *ns);
/* t's, referenced, or NULL */
struct user_ns *task_user_ns(struct task *t);

/* the user namespace in which m was made */
const struct user_ns *task_mm_user_ns(const struct mm *m);

/* ---- ucount.c: namespaces a user has made ---- */
/* count one more of a kind for uid in ns and its makers above; -ENOSPC */
int ucount_charge(struct user_ns *ns, uid_t uid, enum ns_kind kind)
	__must_check;
void ucount_uncharge(struct user_ns *ns, uid_t uid, enum ns_kind kind);

#endif
