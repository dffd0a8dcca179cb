/* SPDX-License-Identifier: MIT */
/*
 * UTS namespaces, uts_namespaces(7): host and domain name. A new one starts
 * with its maker's names.
 *
 * Locks: uts_sem for the names of all of them; they change too seldom for a
 * lock each.
 */
#include <abi/errno.h>
#include <abi/limits.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <sched/mutex.h>
#include <task/nsproxy.h>
#include <task/task.h>
#include <task/user_ns.h>
#include <task/uts.h>

struct uts_ns {
	struct ns_common ns;
	struct abi_utsname name;	/* uts_sem */
};

static const struct ns_ops uts_ns_ops;
static struct rwsem uts_sem = RWSEM_INIT(uts_sem, RANK_OBJECT);

static struct uts_ns init_uts_ns = {
	.ns = { REFCOUNT_INIT(1), NS_INUM_INIT_UTS, &uts_ns_ops,
		&init_user_ns },
	.name = {
		.sysname = "Linux",
		.nodename = "(none)",
		.release = CONFIG_UNAME_RELEASE,
		.version = CONFIG_UNAME_VERSION,
		.machine = "x86_64",
		.domainname = "(none)",
	},
};

static struct uts_ns *
ns_to_uts(struct ns_common *n)
{
	return container_of(n, struct uts_ns, ns);
}

static struct uts_ns *
current_uts(void)
{
	return ns_to_uts(current->nsproxy->ns[NS_UTS]);
}

void
uts_get(struct abi_utsname *out)
{
	rwsem_read_lock(&uts_sem);
	*out = current_uts()->name;
	rwsem_read_unlock(&uts_sem);
}

int
uts_set(size_t off, const char *s, size_t len)
{
	char *field = (char *)&current_uts()->name + off;

	if (len > HOST_NAME_MAX)
		return -EINVAL;
	rwsem_write_lock(&uts_sem);
	memcpy(field, s, len);
	memset(field + len, 0, sizeof(init_uts_ns.name.nodename) - len);
	rwsem_write_unlock(&uts_sem);
	return 0;
}

bool
uts_may_set(void)
{
	return ns_capable(current_uts()->ns.owner, CAP_SYS_ADMIN);
}

static int
uts_copy(struct ns_common *old, struct user_ns *owner, struct fs_context *fs,
	 struct ns_common **out)
{
	struct uts_ns *u = kzalloc(sizeof(*u), GFP_KERNEL);
	int err;

	if (!u)
		return -ENOMEM;
	ns_common_init(&u->ns, &uts_ns_ops, owner);
	err = ns_charge(&u->ns, current_cred()->euid);
	if (err) {
		ns_put(&u->ns);
		return err;
	}
	rwsem_read_lock(&uts_sem);
	u->name = ns_to_uts(old)->name;
	rwsem_read_unlock(&uts_sem);
	*out = &u->ns;
	return 0;
}

static void
uts_free(struct ns_common *n)
{
	kfree(ns_to_uts(n));
}

static int
uts_install(struct nsset *s, struct ns_common *n)
{
	if (!ns_may_enter(s, n))
		return -EPERM;
	ns_get(n);
	nsproxy_set(s->nsproxy, NS_UTS, n);
	return 0;
}

static const struct ns_ops uts_ns_ops = {
	.name = "uts",
	.kind = NS_UTS,
	.flag = CLONE_NEWUTS,
	.initial = &init_uts_ns.ns,
	.copy = uts_copy,
	.free = uts_free,
	.install = uts_install,
};

SET_ADD(ns_ops, uts_ns_ops);
