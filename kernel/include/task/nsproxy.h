/* SPDX-License-Identifier: MIT */
/*
 * Namespaces of a task, namespaces(7): struct nsproxy holds one of each kind.
 * A kind is a struct ns_ops in a linker set; its object embeds ns_common.
 *
 * A task's nsproxy is replaced as a whole: by itself (unshare, setns), so
 * current's may be read plainly; others read it under RCU. What it points to
 * does not change once a task has it.
 */
#ifndef TASK_NSPROXY_H
#define TASK_NSPROXY_H

#include <abi/clone.h>
#include <core/refcount.h>
#include <lib/set.h>
#include <sched/rcu.h>

struct cred;
struct fs_context;
struct task;
struct user_ns;
struct sem_undos;

/* the order in which they are copied and installed: the user's first */
enum ns_kind {
	NS_USER, NS_UTS, NS_IPC, NS_PID, NS_CGROUP, NS_NET, NS_TIME,
	NS_PID_CHILDREN,	/* NS_PID of children: another name of those */
	NS_MNT,			/* last: it moves root and cwd as it is made */
	NS_KINDS
};

struct ns_common {
	struct refcount count;
	u32 inum;			/* I: inode number in nsfs */
	const struct ns_ops *ops;	/* I */
	struct user_ns *owner;		/* I: counted: who rules in it */
	uid_t creator;			/* I: whose count it is in, if */
	bool charged;
};

struct nsproxy {
	struct refcount count;
	struct ns_common *ns[NS_KINDS];	/* I: counted; NULL: no such kind, or
					 * the kind keeps it elsewhere */
	struct rcu_head rcu;
};

/* what setns(2) and unshare(2) prepare before any of it takes effect */
struct nsset {
	u64 flags;			/* CLONE_NEW* asked for */
	struct nsproxy *nsproxy;	/* new, ours */
	struct fs_context *fs;		/* whose root and cwd follow; borrowed */
	struct cred *cred;		/* new, ours, with CLONE_NEWUSER; or NULL */
	bool alone;			/* one thread, fs not shared */
	struct sem_undos *undos;	/* prepared, with CLONE_NEWIPC */
};

struct ns_ops {
	const char *name;		/* in /proc/PID/ns; "mnt" */
	enum ns_kind kind;
	u64 flag;			/* CLONE_NEW* */
	struct ns_common *initial;	/* of init; NULL: its room sets it */
	/*
	 * copy - a new one made of old, owner's, for unshare and clone; fs is
	 * the context that the task will have. Referenced. T. NULL: the kind
	 * is not made so (user).
	 */
	int (*copy)(struct ns_common *old, struct user_ns *owner,
		    struct fs_context *fs, struct ns_common **out);
	void (*free)(struct ns_common *n);	/* T: last reference gone */
	/* setns(2): check rights, put n (with a reference of its own) in s */
	int (*install)(struct nsset *s, struct ns_common *n);
	/* t's, referenced or NULL; without it what is in the nsproxy */
	struct ns_common *(*of_task)(struct task *t);
	/* NS_GET_PARENT: referenced; NULL: they have none */
	int (*parent)(struct ns_common *n, struct ns_common **out);
};
/* SET_ADD(ns_ops, mnt_ns_ops): by kind, or NULL */
const struct ns_ops *ns_ops_of(enum ns_kind kind);

#define NS_FLAGS_ALL	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | \
	CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | \
	CLONE_NEWTIME)

#define NS_INUM_INIT_IPC	0xefffffffU
#define NS_INUM_INIT_PID	0xeffffffcU
#define NS_INUM_INIT_USER	0xeffffffdU
#define NS_INUM_INIT_UTS	0xeffffffeU
#define NS_INUM_INIT_MNT	0xeffffff8U	/* as of Linux 6.18 */
/* n is owner's, counted nowhere yet */
void ns_common_init(struct ns_common *n, const struct ns_ops *ops,
		    struct user_ns *owner);
/* count it among uid's: 0, -ENOSPC, -ENOMEM; ns_put() uncounts. T. */
int ns_charge(struct ns_common *n, uid_t uid) __must_check;
static inline void ns_get(struct ns_common *n) { refcount_get(&n->count); }
void ns_put(struct ns_common *n);		/* T; NULL is fine */
/* may who does s enter n: mighty there and in the user namespace he will have */
bool ns_may_enter(const struct nsset *s, const struct ns_common *n);

extern struct nsproxy init_nsproxy;
void nsproxy_init(void);			/* E */
struct nsproxy *nsproxy_dup(const struct nsproxy *old);	/* NULL: ENOMEM */
static inline void nsproxy_get(struct nsproxy *p) { refcount_get(&p->count); }
void nsproxy_put(struct nsproxy *p);		/* T */
/* t's, referenced, or NULL when it has none any more. Context: any but I. */
struct nsproxy *nsproxy_of(struct task *t);
/* replace the member of a kind in one that nobody else sees; consumes n */
void nsproxy_set(struct nsproxy *p, enum ns_kind kind, struct ns_common *n);
/* current gets p (NULL in exit); the old one is put. T. */
void nsproxy_switch(struct nsproxy *p);
/*
 * nsproxy_copy - old with those that flags (CLONE_NEW*, not USER) name made
 * new, owned by owner. 0, -EINVAL for a kind that is not there, what
 * ns_ops.copy gives.
 */
int nsproxy_copy(u64 flags, struct nsproxy *old, struct user_ns *owner,
		 struct fs_context *fs, struct nsproxy **out);
/* namespace of t, referenced, or NULL */
struct ns_common *task_ns(struct task *t, const struct ns_ops *ops);

#endif
