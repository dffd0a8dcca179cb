/* SPDX-License-Identifier: MIT */
/*
 * prctl(2): settings of a process or thread. Those of credentials follow
 * capabilities(7); seccomp's and user dispatch are proc/seccomp.c's.
 *
 * Options that this kernel would not act on are kept and told where programs
 * read them back, and EINVAL, as on a Linux without them, where not.
 */
#include <abi/limits.h>
#include <abi/misc.h>
#include <lib/bitops.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <proc/seccomp.h>
#include <syscall/entry.h>
#include <syscall/sys_seccomp.h>
#include <syscall/syscall.h>
#include <task/task.h>

static long
prctl_ambient(unsigned long op, unsigned long cap)
{
	const struct cred *o = current_cred();
	struct cred *c;

	if (op == PR_CAP_AMBIENT_CLEAR_ALL ? cap : cap > CAP_LAST_CAP)
		return -EINVAL;
	if (op == PR_CAP_AMBIENT_IS_SET)
		return o->cap_ambient >> cap & 1;
	if (op < PR_CAP_AMBIENT_RAISE || op > PR_CAP_AMBIENT_CLEAR_ALL)
		return -EINVAL;
	if (op == PR_CAP_AMBIENT_RAISE &&
	    (!(o->cap_permitted >> cap & 1) ||
	     !(o->cap_inheritable >> cap & 1) ||
	     (o->securebits & SECBIT_NO_CAP_AMBIENT_RAISE)))
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (op == PR_CAP_AMBIENT_RAISE)
		c->cap_ambient |= BIT(cap);
	else if (op == PR_CAP_AMBIENT_LOWER)
		c->cap_ambient &= ~BIT(cap);
	else
		c->cap_ambient = 0;
	cred_commit(c);
	return 0;
}

/* may current's securebits become v? capabilities(7), "securebits" */
static bool
securebits_ok(u32 old, unsigned long v)
{
	return !(((old & SECBITS_LOCKS) >> 1) & (old ^ v)) &&
		!(old & SECBITS_LOCKS & ~v) &&
		!(v & ~(unsigned long)(SECBITS_ALL | SECBITS_LOCKS)) &&
		ns_capable(current_user_ns(), CAP_SETPCAP);
}

/* 0 when prctl_cred() may do op with v */
static int
prctl_cred_check(int op, unsigned long v)
{
	u32 old = current_cred()->securebits;

	switch (op) {
	case PR_SET_KEEPCAPS:
		if (v > 1)
			return -EINVAL;
		return old & SECBIT_KEEP_CAPS_LOCKED ? -EPERM : 0;
	case PR_CAPBSET_DROP:
		if (!ns_capable(current_user_ns(), CAP_SETPCAP))
			return -EPERM;
		return v > CAP_LAST_CAP ? -EINVAL : 0;
	default:
		return securebits_ok(old, v) ? 0 : -EPERM;
	}
}

/* Change a copy of the credentials: bounding set or securebits. */
static long
prctl_cred(int op, unsigned long v)
{
	struct cred *c;
	int err = prctl_cred_check(op, v);

	if (err)
		return err;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (op == PR_CAPBSET_DROP)
		c->cap_bset &= ~BIT(v);
	else if (op == PR_SET_SECUREBITS)
		c->securebits = v;
	else if (v)
		c->securebits |= SECBIT_KEEP_CAPS;
	else
		c->securebits &= ~SECBIT_KEEP_CAPS;
	cred_commit(c);
	return 0;
}

/* ---- kept and told ---- */

/* PR_MCE_KILL: there are no memory errors to act on */
static long
prctl_mce(struct task *t, unsigned long a2, unsigned long a3)
{
	if (a2 == PR_MCE_KILL_CLEAR) {
		if (a3)
			return -EINVAL;
		t->mce_kill = PR_MCE_KILL_DEFAULT;
		return 0;
	}
	if (a2 != PR_MCE_KILL_SET || a3 > PR_MCE_KILL_DEFAULT)
		return -EINVAL;
	t->mce_kill = a3;
	return 0;
}

/* speculation_ctrl: this kernel mitigates nothing, and says so */
static long
spec_get(unsigned long which)
{
	switch (which) {
	case PR_SPEC_STORE_BYPASS:
	case PR_SPEC_INDIRECT_BRANCH:
		return PR_SPEC_ENABLE;
	case PR_SPEC_L1D_FLUSH:
		return PR_SPEC_FORCE_DISABLE;
	}
	return -ENODEV;
}

static long
spec_set(unsigned long which, unsigned long how)
{
	switch (which) {
	case PR_SPEC_STORE_BYPASS:
		return -ENXIO;
	case PR_SPEC_INDIRECT_BRANCH:
		return how == PR_SPEC_ENABLE ? 0 : how == PR_SPEC_DISABLE ||
			how == PR_SPEC_FORCE_DISABLE ? -EPERM : -ERANGE;
	case PR_SPEC_L1D_FLUSH:
		return -EPERM;
	}
	return -ENODEV;
}

/* those of which all later arguments must be 0 */
static long
prctl_strict(struct task *t, int op, unsigned long a2, unsigned long a3)
{
	switch (op) {
	case PR_GET_SPECULATION_CTRL:
		return a3 ? -EINVAL : spec_get(a2);
	case PR_SET_SPECULATION_CTRL:
		return spec_set(a2, a3);
	case PR_MCE_KILL:
		return prctl_mce(t, a2, a3);
	case PR_MCE_KILL_GET:
		return a2 || a3 ? -EINVAL : t->mce_kill;
	case PR_SET_THP_DISABLE:
		if (a3)
			return -EINVAL;
		if (a2)
			set_bit(MMF_NO_THP, (unsigned long *)&t->mm->flags);
		else
			clear_bit(MMF_NO_THP, (unsigned long *)&t->mm->flags);
		return 0;
	case PR_GET_THP_DISABLE:
		return a2 || a3 ? -EINVAL :
			(long)(t->mm->flags >> MMF_NO_THP & 1);
	case PR_SET_IO_FLUSHER:
		if (!capable(CAP_SYS_RESOURCE))
			return -EPERM;
		if (a3 || a2 > 1)
			return -EINVAL;
		t->io_flusher = a2;
		return 0;
	case PR_GET_IO_FLUSHER:
		if (!capable(CAP_SYS_RESOURCE))
			return -EPERM;
		return a2 || a3 ? -EINVAL : t->io_flusher;
	}
	return -EINVAL;
}

long
sys_prctl(int op, unsigned long a2, unsigned long a3, unsigned long a4,
	  unsigned long a5)
{
	struct task *t = current;
	char name[16] = { 0 };
	long r;

	switch (op) {
	case PR_SET_PDEATHSIG:
		if (a2 > NSIG)
			return -EINVAL;
		t->pdeath_signal = a2;
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user(t->pdeath_signal, (int __user *)a2);
	case PR_GET_DUMPABLE:
		return t->mm->flags & 3;
	case PR_SET_DUMPABLE:
		if (a2 > 1)
			return -EINVAL;
		__atomic_and_fetch(&t->mm->flags, ~3UL, __ATOMIC_RELAXED);
		__atomic_or_fetch(&t->mm->flags, a2, __ATOMIC_RELAXED);
		return 0;
	case PR_GET_KEEPCAPS:
		return !!(current_cred()->securebits & SECBIT_KEEP_CAPS);
	case PR_GET_TIMING:
		return 0;
	case PR_SET_TIMING:
		return a2 ? -EINVAL : 0;
	case PR_SET_NAME:
		r = copyinstr(name, (const char __user *)a2, sizeof(name));
		if (r == -EFAULT)
			return r;
		name[15] = '\0';
		task_set_comm(t, name);
		return 0;
	case PR_GET_NAME:
		return copyout((void __user *)a2, t->thread.comm,
			       sizeof(t->thread.comm));
	case PR_CAPBSET_READ:
		return a2 > CAP_LAST_CAP ? -EINVAL :
			(long)(current_cred()->cap_bset >> a2 & 1);
	case PR_CAPBSET_DROP:
	case PR_SET_KEEPCAPS:
	case PR_SET_SECUREBITS:
		return prctl_cred(op, a2);
	case PR_GET_SECUREBITS:
		return current_cred()->securebits;
	case PR_GET_SECCOMP:
		return t->seccomp_mode;
	case PR_SET_SECCOMP:
		return prctl_set_seccomp(a2, (void __user *)a3);
	case PR_SET_SYSCALL_USER_DISPATCH:
		return syscall_dispatch_set(t, a2, a3, a4, a5);
	case PR_GET_TSC:
		return put_user(1, (int __user *)a2);
	case PR_SET_TIMERSLACK:
		t->timer_slack_ns = (long)a2 <= 0 ? 50000 : a2;
		return 0;
	case PR_GET_TIMERSLACK:
		return t->timer_slack_ns;
	case PR_SET_CHILD_SUBREAPER:
		t->signal->child_subreaper = !!a2;
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return put_user((int)t->signal->child_subreaper,
				(int __user *)a2);
	case PR_SET_NO_NEW_PRIVS:
		if (a2 != 1 || a3 || a4 || a5)
			return -EINVAL;
		t->no_new_privs = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return a2 || a3 || a4 || a5 ? -EINVAL : t->no_new_privs;
	case PR_GET_TID_ADDRESS:
		return put_user(t->clear_child_tid, (u64 __user *)a2);
	case PR_GET_SPECULATION_CTRL: case PR_SET_SPECULATION_CTRL:
	case PR_MCE_KILL: case PR_MCE_KILL_GET:
	case PR_SET_THP_DISABLE: case PR_GET_THP_DISABLE:
	case PR_SET_IO_FLUSHER: case PR_GET_IO_FLUSHER:
		return a4 || a5 ? -EINVAL : prctl_strict(t, op, a2, a3);
	case PR_CAP_AMBIENT:
		return a4 || a5 ? -EINVAL : prctl_ambient(a2, a3);
	}
	return syscall_refused("option", (u32)op, -EINVAL);
}
