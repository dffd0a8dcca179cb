/* SPDX-License-Identifier: MIT */
/*
 * Who a signal is from, as its receiver's namespaces have it. The sender is
 * current; what a process put into a siginfo itself has its own ids.
 */
#include <abi/signal.h>
#include <lib/string.h>
#include <task/local.h>
#include <task/signal.h>
#include <task/user_ns.h>

/* a global id as t sees it */
uid_t
uid_for(struct task *t, uid_t kuid)
{
	uid_t uid;

	rcu_read_lock();
	uid = from_kuid_munged(rcu_dereference(t->cred)->user_ns, kuid);
	rcu_read_unlock();
	return uid;
}

bool
siginfo_has_sender(const struct abi_siginfo *info)
{
	return info->si_code <= 0 && info->si_code != SI_TIMER &&
		info->si_code != SI_SIGIO;
}

void
siginfo_fill(struct task *t, struct abi_siginfo *out, int sig,
	     const struct abi_siginfo *info)
{
	if (info != SEND_SIG_USER && info != SEND_SIG_PRIV) {
		*out = *info;
		if (siginfo_has_sender(info) && current->cred != t->cred)
			out->kill.uid = uid_for(t, make_kuid(current_user_ns(),
							     info->kill.uid));
		if (siginfo_has_sender(info) && unlikely(t->pid->level) &&
		    !pid_nr_for(current->tgid, t))
			out->kill.pid = 0;
		return;
	}
	memset(out, 0, sizeof(*out));
	out->si_signo = sig;
	if (info == SEND_SIG_PRIV) {
		out->si_code = SI_KERNEL;
	} else {
		out->si_code = SI_USER;
		out->kill.pid = pid_nr_for(current->tgid, t);
		out->kill.uid = likely(t->cred == current->cred) ?
			from_kuid_munged(current_user_ns(),
					 current_cred()->uid) :
			uid_for(t, current_cred()->uid);
	}
}
