/* SPDX-License-Identifier: MIT */
/*
 * System calls on credentials: user and group ids, groups, capabilities.
 * credentials(7), capabilities(7). Each copies the credentials, changes the
 * copy by the rules of its man page and publishes it.
 */
#include <abi/errno.h>
#include <abi/limits.h>
#include <abi/misc.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <syscall/entry.h>
#include <task/task.h>
#include <task/user_ns.h>

#define NO_ID	((uid_t)-1)

/* ids as current's user namespace has them */
static uid_t
uid_out(uid_t kuid)
{
	return from_kuid_munged(current_user_ns(), kuid);
}

static gid_t
gid_out(gid_t kgid)
{
	return from_kgid_munged(current_user_ns(), kgid);
}

/* those given: -1 stays what it is; false: not mapped */
static bool
uid_in(uid_t *uid)
{
	if (likely(*uid == NO_ID))
		return true;
	*uid = make_kuid(current_user_ns(), *uid);
	return *uid != INVALID_ID;
}

static bool
gid_in(gid_t *gid)
{
	if (likely(*gid == NO_ID))
		return true;
	*gid = make_kgid(current_user_ns(), *gid);
	return *gid != INVALID_ID;
}

static bool
may_setid(int cap)
{
	return ns_capable(current_user_ns(), cap);
}

long sys_getuid(void) { return uid_out(current_cred()->uid); }
long sys_geteuid(void) { return uid_out(current_cred()->euid); }
long sys_getgid(void) { return gid_out(current_cred()->gid); }
long sys_getegid(void) { return gid_out(current_cred()->egid); }

static long
publish_uid(struct cred *c, const struct cred *old)
{
	c->fsuid = c->euid;
	cred_fixup_setuid(c, old);
	cred_commit(c);
	return 0;
}

static long
publish_gid(struct cred *c)
{
	c->fsgid = c->egid;
	cred_commit(c);
	return 0;
}

long
sys_setuid(uid_t uid)
{
	const struct cred *old = current_cred();
	struct cred *c;

	if (uid == NO_ID || !uid_in(&uid))
		return -EINVAL;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (may_setid(CAP_SETUID)) {
		c->uid = c->suid = uid;
	} else if (uid != old->uid && uid != old->suid) {
		cred_abort(c);
		return -EPERM;
	}
	c->euid = uid;
	return publish_uid(c, old);
}

long
sys_setreuid(uid_t r, uid_t e)
{
	const struct cred *o = current_cred();
	bool priv = may_setid(CAP_SETUID);
	struct cred *c;

	if (!uid_in(&r) || !uid_in(&e))
		return -EINVAL;
	if (!priv && ((r != NO_ID && r != o->uid && r != o->euid) ||
		      (e != NO_ID && e != o->uid && e != o->euid &&
		       e != o->suid)))
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (r != NO_ID)
		c->uid = r;
	if (e != NO_ID)
		c->euid = e;
	if (r != NO_ID || (e != NO_ID && e != o->uid))
		c->suid = c->euid;
	return publish_uid(c, o);
}

static bool
one_of_uids(const struct cred *o, uid_t u)
{
	return u == NO_ID || u == o->uid || u == o->euid || u == o->suid;
}

long
sys_setresuid(uid_t r, uid_t e, uid_t s)
{
	const struct cred *o = current_cred();
	struct cred *c;

	if (!uid_in(&r) || !uid_in(&e) || !uid_in(&s))
		return -EINVAL;
	if (!may_setid(CAP_SETUID) && (!one_of_uids(o, r) ||
	    !one_of_uids(o, e) || !one_of_uids(o, s)))
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (r != NO_ID)
		c->uid = r;
	if (e != NO_ID)
		c->euid = e;
	if (s != NO_ID)
		c->suid = s;
	return publish_uid(c, o);
}

long
sys_getresuid(uid_t __user *r, uid_t __user *e, uid_t __user *s)
{
	const struct cred *c = current_cred();

	return put_user(uid_out(c->uid), r) ||
		put_user(uid_out(c->euid), e) ||
		put_user(uid_out(c->suid), s) ? -EFAULT : 0;
}

long
sys_setgid(gid_t gid)
{
	const struct cred *o = current_cred();
	struct cred *c;

	if (gid == NO_ID || !gid_in(&gid))
		return -EINVAL;
	if (!may_setid(CAP_SETGID) && gid != o->gid && gid != o->sgid)
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (may_setid(CAP_SETGID))
		c->gid = c->sgid = gid;
	c->egid = gid;
	return publish_gid(c);
}

long
sys_setregid(gid_t r, gid_t e)
{
	const struct cred *o = current_cred();
	struct cred *c;

	if (!gid_in(&r) || !gid_in(&e))
		return -EINVAL;
	if (!may_setid(CAP_SETGID) &&
	    ((r != NO_ID && r != o->gid && r != o->egid) ||
	     (e != NO_ID && e != o->gid && e != o->egid && e != o->sgid)))
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (r != NO_ID)
		c->gid = r;
	if (e != NO_ID)
		c->egid = e;
	if (r != NO_ID || (e != NO_ID && e != o->gid))
		c->sgid = c->egid;
	return publish_gid(c);
}

static bool
one_of_gids(const struct cred *o, gid_t g)
{
	return g == NO_ID || g == o->gid || g == o->egid || g == o->sgid;
}

long
sys_setresgid(gid_t r, gid_t e, gid_t s)
{
	const struct cred *o = current_cred();
	struct cred *c;

	if (!gid_in(&r) || !gid_in(&e) || !gid_in(&s))
		return -EINVAL;
	if (!may_setid(CAP_SETGID) && (!one_of_gids(o, r) ||
	    !one_of_gids(o, e) || !one_of_gids(o, s)))
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (r != NO_ID)
		c->gid = r;
	if (e != NO_ID)
		c->egid = e;
	if (s != NO_ID)
		c->sgid = s;
	return publish_gid(c);
}

long
sys_getresgid(gid_t __user *r, gid_t __user *e, gid_t __user *s)
{
	const struct cred *c = current_cred();

	return put_user(gid_out(c->gid), r) ||
		put_user(gid_out(c->egid), e) ||
		put_user(gid_out(c->sgid), s) ? -EFAULT : 0;
}

/* setfsuid(2) and setfsgid(2) return the old id, whatever happens */
long
sys_setfsuid(uid_t uid)
{
	const struct cred *o = current_cred();
	uid_t old = uid_out(o->fsuid);
	struct cred *c;

	if (uid == NO_ID || !uid_in(&uid) || (uid != o->uid && uid != o->euid &&
	    uid != o->suid && uid != o->fsuid && !may_setid(CAP_SETUID)))
		return old;
	c = cred_prepare();
	if (!c)
		return old;
	c->fsuid = uid;
	cred_fixup_setfsuid(c, o);
	cred_commit(c);
	return old;
}

long
sys_setfsgid(gid_t gid)
{
	const struct cred *o = current_cred();
	gid_t old = gid_out(o->fsgid);
	struct cred *c;

	if (gid == NO_ID || !gid_in(&gid) || (gid != o->gid && gid != o->egid &&
	    gid != o->sgid && gid != o->fsgid && !may_setid(CAP_SETGID)))
		return old;
	c = cred_prepare();
	if (!c)
		return old;
	c->fsgid = gid;
	cred_commit(c);
	return old;
}

long
sys_getgroups(int n, gid_t __user *list)
{
	const struct group_info *g = current_cred()->groups;

	if (n < 0)
		return -EINVAL;
	if (!n)
		return g->n;
	if ((u32)n < g->n)
		return -EINVAL;
	return groups_out(list, g) ? -EFAULT : (long)g->n;
}

long
sys_setgroups(int n, const gid_t __user *list)
{
	struct cred *c;
	gid_t *g;
	int r;

	if (!may_setid(CAP_SETGID) ||
	    !user_ns_may_setgroups(current_user_ns()))
		return -EPERM;
	if ((u32)n > NGROUPS_MAX)
		return -EINVAL;
	g = kvmalloc(max(n, 1) * sizeof(gid_t), GFP_KERNEL);
	c = cred_prepare();
	r = -ENOMEM;
	if (!g || !c)
		goto out;
	r = copyin(g, list, n * sizeof(gid_t));
	for (int i = 0; !r && i < n; i++) {
		g[i] = make_kgid(current_user_ns(), g[i]);
		if (g[i] == INVALID_ID)
			r = -EINVAL;
	}
	if (!r)
		r = cred_set_groups(c, n, g);
	if (!r) {
		cred_commit(c);
		c = NULL;
	}
out:
	if (c)
		cred_abort(c);
	kvfree(g);
	return r;
}

/* ---- capabilities ---- */

/* Words of data a version has; 0 for one we do not speak. */
static int
cap_words(u32 version)
{
	switch (version) {
	case CAP_VERSION_1: return 1;
	case CAP_VERSION_2:
	case CAP_VERSION_3: return 2;
	default: return 0;
	}
}

static int
cap_header(struct abi_cap_header __user *u, struct abi_cap_header *h)
{
	if (copyin(h, u, sizeof(*h)))
		return -EFAULT;
	if (!cap_words(h->version)) {
		if (put_user((u32)CAP_VERSION_3, &u->version))
			return -EFAULT;
		return -EINVAL;
	}
	return h->pid < 0 ? -EINVAL : 0;
}

long
sys_capget(struct abi_cap_header __user *uh, struct abi_cap_data __user *ud)
{
	struct abi_cap_header h;
	struct abi_cap_data d[2];
	const struct cred *c;
	struct task *t;
	int r = cap_header(uh, &h);

	if (r)		/* a probe for the version: NULL data is fine */
		return r == -EINVAL && !ud && h.pid >= 0 ? 0 : r;
	t = h.pid ? task_find(h.pid) : current;
	if (!t)
		return -ESRCH;
	c = task_cred_get(t);
	if (h.pid)
		task_put(t);
	for (int i = 0; i < 2; i++)
		d[i] = (struct abi_cap_data){
			c->cap_effective >> 32 * i, c->cap_permitted >> 32 * i,
			c->cap_inheritable >> 32 * i };
	cred_put(c);
	return ud ? copyout(ud, d, cap_words(h.version) * sizeof(d[0])) : 0;
}

long
sys_capset(struct abi_cap_header __user *uh,
	   const struct abi_cap_data __user *ud)
{
	struct abi_cap_header h;
	struct abi_cap_data d[2] = { { 0 } };
	const struct cred *o = current_cred();
	struct cred *c;
	u64 e, p, i;
	int r = cap_header(uh, &h);

	if (r)
		return r;
	if (h.pid && h.pid != task_tid(current))
		return -EPERM;
	if (copyin(d, ud, cap_words(h.version) * sizeof(d[0])))
		return -EFAULT;
	e = (d[0].effective | (u64)d[1].effective << 32) & CAP_FULL_SET;
	p = (d[0].permitted | (u64)d[1].permitted << 32) & CAP_FULL_SET;
	i = (d[0].inheritable | (u64)d[1].inheritable << 32) & CAP_FULL_SET;
	if ((!ns_capable(o->user_ns, CAP_SETPCAP) &&
	     (i & ~(o->cap_inheritable | o->cap_permitted))) ||
	    (i & ~(o->cap_inheritable | o->cap_bset)) ||
	    (p & ~o->cap_permitted) || (e & ~p))
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	c->cap_effective = e;
	c->cap_permitted = p;
	c->cap_inheritable = i;
	c->cap_ambient &= p & i;
	cred_commit(c);
	return 0;
}
