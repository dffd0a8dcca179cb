/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/uid_map, gid_map, projid_map and setgroups: the user namespace of
 * a process, user_namespaces(7). The rules are task/user_ns.c's; the task is
 * looked up at each use, the rights are those of who opened the file too.
 */
#include <lib/string.h>
#include <mm/slab.h>
#include <task/user_ns.h>
#include <vfs/file.h>
#include "local.h"

static int
user_ns_of(struct file *f, struct user_ns **out)
{
	struct task *t = proc_task_get(f->inode);

	if (!t)
		return -ESRCH;
	*out = task_user_ns(t);
	task_put(t);
	return 0;
}

static int
map_show(struct file *f, struct seq_buf *s, enum id_kind k)
{
	struct user_ns *ns;
	struct id_range r;
	int err = user_ns_of(f, &ns);

	if (err)
		return err;
	for (u32 i = 0; user_ns_range(ns, k, i, f->cred, &r); i++)
		seq_printf(s, "%10u %10u %10u\n", r.first, r.lower, r.count);
	ns_put(&ns->ns);
	return 0;
}

static ssize_t
map_write(struct file *f, struct iov_iter *from, loff_t *pos, enum id_kind k)
{
	size_t n = from->count;
	struct user_ns *ns;
	char *text;
	int err;

	if (*pos || n >= PAGE_SIZE)
		return -EINVAL;
	err = proc_copy_write(from, &text);
	if (err)
		return err;
	err = user_ns_of(f, &ns);
	if (!err) {
		err = user_ns_set_map(ns, k, text, f->cred);
		ns_put(&ns->ns);
	}
	kfree(text);
	if (err)
		return err;
	*pos = n;
	return n;
}

#define MAP_FILE(name, kind) \
static int name##_produce(struct file *f, struct seq_buf *s) \
{ return map_show(f, s, kind); } \
static int name##_open(struct inode *i, struct file *f) \
{ return proc_text_open(f, name##_produce); } \
static ssize_t \
name##_write(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags) \
{ return map_write(f, from, pos, kind); } \
const struct file_ops pid_##name##_fops = { \
	.open = name##_open, \
	.read_iter = proc_text_read, \
	.write_iter = name##_write, \
	.llseek = generic_llseek, \
	.release = proc_text_release, \
}
MAP_FILE(uid_map, ID_UID);
MAP_FILE(gid_map, ID_GID);
MAP_FILE(projid_map, ID_PROJID);

static int
setgroups_produce(struct file *f, struct seq_buf *s)
{
	struct user_ns *ns;
	int err = user_ns_of(f, &ns);

	if (err)
		return err;
	seq_puts(s, READ_ONCE(ns->setgroups_denied) ? "deny\n" : "allow\n");
	ns_put(&ns->ns);
	return 0;
}

static int
setgroups_open(struct inode *i, struct file *f)
{
	struct user_ns *ns;
	int err = user_ns_of(f, &ns);

	if (err)
		return err;
	if (f->mode & FMODE_WRITE && !ns_capable(ns, CAP_SYS_ADMIN))
		err = -EACCES;
	ns_put(&ns->ns);
	return err ? err : proc_text_open(f, setgroups_produce);
}

static int
setgroups_set(struct user_ns *ns, char *s)
{
	size_t n = strcspn(s, " \t\n");
	bool deny = n == 4 && !memcmp(s, "deny", 4);

	if ((!deny && !(n == 5 && !memcmp(s, "allow", 5))) ||
	    s[n + strspn(s + n, " \t\n")])
		return -EINVAL;
	if (deny)
		return user_ns_deny_setgroups(ns);
	return READ_ONCE(ns->setgroups_denied) ? -EPERM : 0;
}

static ssize_t
setgroups_write(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags)
{
	size_t n = from->count;
	struct user_ns *ns;
	char *s;
	int err;

	if (*pos || n >= 8)
		return -EINVAL;
	err = proc_copy_write(from, &s);
	if (err)
		return err;
	err = user_ns_of(f, &ns);
	if (!err) {
		err = setgroups_set(ns, s);
		ns_put(&ns->ns);
	}
	kfree(s);
	if (err)
		return err;
	*pos = n;
	return n;
}

const struct file_ops pid_setgroups_fops = {
	.open = setgroups_open,
	.read_iter = proc_text_read,
	.write_iter = setgroups_write,
	.llseek = generic_llseek,
	.release = proc_text_release,
};
