/* SPDX-License-Identifier: MIT */
/*
 * Credentials: immutable once published, shared by reference, replaced whole
 * (cred_prepare, change, cred_commit).
 */
#ifndef TASK_CRED_H
#define TASK_CRED_H

#include <core/refcount.h>
#include <lib/types.h>
#include <sched/rcu.h>

struct user_ns;		/* task/user_ns.h */

struct group_info { struct refcount count; u32 n; gid_t gid[]; };	/* sorted */

struct user_count {		/* per uid figures */
	struct refcount count;
	uid_t uid;
	atomic_t processes, sigpending;
	atomic64_t locked_pages;
	atomic64_t mq_bytes;	/* of POSIX message queues: RLIMIT_MSGQUEUE */
	atomic_t inotify_instances, inotify_watches;
	atomic_t unix_inflight;	/* files sent through AF_UNIX, not received */
	struct user_count *next;
};

struct cred {
	struct refcount count;
	uid_t uid, euid, suid, fsuid;
	gid_t gid, egid, sgid, fsgid;
	u64 cap_inheritable, cap_permitted, cap_effective, cap_bset, cap_ambient;
	u32 securebits;
	struct group_info *groups;	/* counted */
	struct user_count *user;	/* counted: of uid */
	struct user_ns *user_ns;	/* counted; capabilities are in it */
	struct rcu_head rcu;
};

#define CAP_CHOWN 0
#define CAP_DAC_OVERRIDE 1
#define CAP_DAC_READ_SEARCH 2
#define CAP_FOWNER 3
#define CAP_FSETID 4
#define CAP_KILL 5
#define CAP_SETGID 6
#define CAP_SETUID 7
#define CAP_SETPCAP 8
#define CAP_LINUX_IMMUTABLE 9
#define CAP_NET_BIND_SERVICE 10
#define CAP_NET_BROADCAST 11
#define CAP_NET_ADMIN 12
#define CAP_NET_RAW 13
#define CAP_IPC_LOCK 14
#define CAP_IPC_OWNER 15
#define CAP_SYS_MODULE 16
#define CAP_SYS_RAWIO 17
#define CAP_SYS_CHROOT 18
#define CAP_SYS_PTRACE 19
#define CAP_SYS_PACCT 20
#define CAP_SYS_ADMIN 21
#define CAP_SYS_BOOT 22
#define CAP_SYS_NICE 23
#define CAP_SYS_RESOURCE 24
#define CAP_SYS_TIME 25
#define CAP_SYS_TTY_CONFIG 26
#define CAP_MKNOD 27
#define CAP_LEASE 28
#define CAP_AUDIT_WRITE 29
#define CAP_AUDIT_CONTROL 30
#define CAP_SETFCAP 31
#define CAP_SYSLOG 34
#define CAP_MAC_OVERRIDE 32
#define CAP_MAC_ADMIN 33
#define CAP_WAKE_ALARM 35
#define CAP_BLOCK_SUSPEND 36
#define CAP_AUDIT_READ 37
#define CAP_PERFMON 38
#define CAP_BPF 39
#define CAP_CHECKPOINT_RESTORE 40
#define CAP_LAST_CAP 40
#define CAP_FULL_SET ((1UL << (CAP_LAST_CAP + 1)) - 1)

#define SECBIT_NOROOT BIT(0)
#define SECBIT_NO_SETUID_FIXUP BIT(2)
#define SECBIT_KEEP_CAPS BIT(4)
#define SECBIT_KEEP_CAPS_LOCKED BIT(5)
#define SECBIT_NO_CAP_AMBIENT_RAISE BIT(6)
#define SECBITS_ALL 0x55U
#define SECBITS_LOCKS 0xaaU		/* each freezes the bit below it */

extern struct cred init_cred;			/* root, all capabilities */
struct cred *cred_prepare(void) __must_check;	/* private copy of current's */
void cred_commit(struct cred *c);		/* consumes; fixes dumpable, pdeath */
void cred_abort(struct cred *c);
const struct cred *cred_get(const struct cred *c);
void cred_put(const struct cred *c);
/* task_cred_get - referenced credentials of another task. Any context. */
struct task;
const struct cred *task_cred_get(struct task *t);
const struct cred *current_cred(void);		/* borrowed while running */
struct user_ns *current_user_ns(void);		/* borrowed */
/*
 * capable - the current task has cap in effect in the initial user namespace;
 * ns_capable - in ns, or it owns ns or one above, user_namespaces(7).
 */
bool capable(int cap);
bool ns_capable(const struct user_ns *ns, int cap);
bool cred_ns_capable(const struct cred *c, const struct user_ns *ns, int cap);
/* in c's own user namespace */
static inline bool cred_capable(const struct cred *c, int cap)
{ return c->cap_effective >> cap & 1; }
/* in_group - gid is the fsgid or a supplementary group. */
bool cred_in_group(const struct cred *c, gid_t gid);
bool cred_in_egroup(const struct cred *c, gid_t gid);	/* egid instead */
/* suid_dumpable - fs.suid_dumpable, proc(5): dumpable of set-id programs */
extern int suid_dumpable;
/* g as current sees it, to list, which has the room: 0 or -EFAULT. T. */
int groups_out(gid_t __user *list, const struct group_info *g);
int cred_set_groups(struct cred *c, u32 n, const gid_t *gids);
/* root of c's user namespace, as a global id */
uid_t cred_root_uid(const struct cred *c);
gid_t cred_root_gid(const struct cred *c);
/* capability changes that follow uid changes, capabilities(7) */
void cred_fixup_setuid(struct cred *new, const struct cred *old);
void cred_fixup_setfsuid(struct cred *new, const struct cred *old);
struct user_count *user_get(uid_t uid);		/* finds or makes; NULL */
void user_put(struct user_count *u);

#endif
