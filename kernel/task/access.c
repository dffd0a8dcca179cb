/* SPDX-License-Identifier: MIT */
/*
 * The one rule for reaching into another process: pidfd_getfd(2), kcmp(2),
 * get_robust_list(2), process_madvise(2) and others ask it.
 *
 * t's credentials are read whole by reference; whether it is dumpable under
 * tasklist_lock, by which an exiting task drops its memory. A task without
 * memory (kernel thread, zombie) is as dumpable as ids allow.
 */
#include <abi/errno.h>
#include <mm/mm.h>
#include <task/access.h>
#include <task/cred.h>

static bool
dumpable(struct task *t)
{
	unsigned long f = spin_lock_irqsave(&tasklist_lock);
	bool ok = !t->mm || ((t->mm->flags >> MMF_DUMPABLE) & 3) == 1;

	spin_unlock_irqrestore(&tasklist_lock, f);
	return ok;
}

int
task_may_access(struct task *t, u32 mode)
{
	const struct cred *c = current_cred(), *tc;
	uid_t uid = mode & ACCESS_FSCREDS ? c->fsuid : c->uid;
	gid_t gid = mode & ACCESS_FSCREDS ? c->fsgid : c->gid;
	u64 caps = mode & ACCESS_FSCREDS ? c->cap_effective : c->cap_permitted;
	bool ok;

	if (t->signal == current->signal || capable(CAP_SYS_PTRACE))
		return 0;
	tc = task_cred_get(t);
	ok = uid == tc->euid && uid == tc->suid && uid == tc->uid &&
		gid == tc->egid && gid == tc->sgid && gid == tc->gid &&
		!(tc->cap_permitted & ~caps);
	cred_put(tc);
	return ok && dumpable(t) ? 0 : -EPERM;
}
