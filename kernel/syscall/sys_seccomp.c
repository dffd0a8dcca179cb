/* SPDX-License-Identifier: MIT */
/*
 * seccomp(2) and what of prctl(2) is of the same kind, and
 * /proc/sys/kernel/seccomp. Filters are proc/seccomp.c's.
 *
 * actions_logged is kept and told; which actions are logged is decided by the
 * filter's flag and the action alone, as there is no audit daemon to obey.
 */
#include <abi/bpf.h>
#include <abi/seccomp.h>
#include <fs/procfs.h>
#include <lib/string.h>
#include <proc/seccomp.h>
#include <syscall/entry.h>
#include <syscall/sys_seccomp.h>
#include <task/task.h>

static const struct { u32 action; const char *name; } actions[] = {
	{ SECCOMP_RET_KILL_PROCESS, "kill_process" },
	{ SECCOMP_RET_KILL_THREAD, "kill_thread" },
	{ SECCOMP_RET_TRAP, "trap" },
	{ SECCOMP_RET_ERRNO, "errno" },
	{ SECCOMP_RET_USER_NOTIF, "user_notif" },
	{ SECCOMP_RET_TRACE, "trace" },
	{ SECCOMP_RET_LOG, "log" },
	{ SECCOMP_RET_ALLOW, "allow" },
};

static long
action_available(const u32 __user *u)
{
	u32 a;

	if (get_user(a, u))
		return -EFAULT;
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (actions[i].action == a)
			return 0;
	return -EOPNOTSUPP;
}

static long
set_filter(u64 flags, const void __user *u)
{
	struct abi_sock_fprog fp;

	if (copyin(&fp, u, sizeof(fp)))
		return -EFAULT;
	return seccomp_attach(flags, &fp);
}

long
sys_seccomp(unsigned int op, unsigned int flags, void __user *arg)
{
	static const struct abi_seccomp_notif_sizes sizes = {
		sizeof(struct abi_seccomp_notif),
		sizeof(struct abi_seccomp_notif_resp),
		sizeof(struct abi_seccomp_data),
	};

	switch (op) {
	case SECCOMP_SET_MODE_STRICT:
		return flags || arg ? -EINVAL : seccomp_strict();
	case SECCOMP_SET_MODE_FILTER:
		/* flags come before the program is looked at */
		if (flags >> 6)
			return -EINVAL;
		return set_filter(flags, arg);
	case SECCOMP_GET_ACTION_AVAIL:
		return flags ? -EINVAL : action_available(arg);
	case SECCOMP_GET_NOTIF_SIZES:
		return flags ? -EINVAL : copyout(arg, &sizes, sizeof(sizes));
	}
	return -EINVAL;
}

long
prctl_set_seccomp(unsigned long mode, void __user *prog)
{
	switch (mode) {
	case SECCOMP_MODE_STRICT:
		return seccomp_strict();
	case SECCOMP_MODE_FILTER:
		return set_filter(0, prog);
	}
	return -EINVAL;
}

/* ---- /proc/sys/kernel/seccomp ---- */

#define ALLOW_BIT	BIT(ARRAY_SIZE(actions) - 1)

static u32 logged = ALLOW_BIT - 1;	/* a bit for each of actions */

static int
show_actions(struct seq_buf *s, u32 set)
{
	const char *sep = "";

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (set & BIT(i)) {
			seq_printf(s, "%s%s", sep, actions[i].name);
			sep = " ";
		}
	seq_putc(s, '\n');
	return 0;
}

static int
show_avail(struct seq_buf *s)
{
	return show_actions(s, 2 * ALLOW_BIT - 1);
}

static int
show_logged(struct seq_buf *s)
{
	return show_actions(s, logged);
}

/* the bit of the name at p of n bytes, 0: unknown */
static u32
action_bit(const char *p, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (strlen(actions[i].name) == n &&
		    !memcmp(actions[i].name, p, n))
			return BIT(i);
	return 0;
}

static ssize_t
write_logged(const char *buf, size_t len)
{
	u32 set = 0;

	if (!ns_capable(current_user_ns(), CAP_SYS_ADMIN))
		return -EPERM;
	for (const char *p = buf; *(p += strspn(p, " \n"));) {
		size_t n = strcspn(p, " \n");
		u32 bit = action_bit(p, n);

		if (!bit || bit == ALLOW_BIT)	/* allowed calls: never */
			return -EINVAL;
		set |= bit;
		p += n;
	}
	logged = set;
	return len;
}

static const struct proc_entry avail_entry = {
	.path = "sys/kernel/seccomp/actions_avail", .mode = 0444,
	.show = show_avail,
};
SET_ADD(proc_entry, avail_entry);
static const struct proc_entry logged_entry = {
	.path = "sys/kernel/seccomp/actions_logged", .mode = 0644,
	.show = show_logged, .write = write_logged,
};
SET_ADD(proc_entry, logged_entry);
