/* SPDX-License-Identifier: MIT */
/*
 * Mounting step by step: fsopen(2) gives a context, fsconfig(2) sets its
 * options and makes the super block, fsmount(2) makes a mount of that, which
 * hangs nowhere until move_mount(2). fspick(2) gives a context to change the
 * options of a mounted one.
 *
 * Options are collected into the string that fs_type.mount() takes. A file
 * system with check_option() has each looked at as it is set; what is wrong is
 * told in words by read(2) of the context: one message each, "e tmpfs: ...".
 *
 * Locks: ctx->lock (rank object); ns_mutex is taken inside for reconfiguring,
 * which is outer by rank, so that step drops ctx->lock and the phase tells
 * others to keep off. Limits: options OPTIONS_MAX bytes, LOG_MAX messages.
 */
#include <lib/printf.h>
#include <mm/uaccess.h>
#include <task/cred.h>
#include <vfs/mount_api.h>
#include <vfs/vfs.h>
#include "internal.h"
#include "mount.h"

#define OPTIONS_MAX	PAGE_SIZE
#define LOG_MAX		8
#define LOG_LEN		128

enum fsc_phase {
	FSC_PARAMS,		/* options for a new super block */
	FSC_BUSY,		/* somebody makes it or changes it */
	FSC_MADE,		/* awaits fsmount() */
	FSC_RECONF,		/* options to change */
	FSC_FAILED,
};

struct fsc {
	struct mutex lock;
	enum fsc_phase phase;
	const struct fs_type *type;
	struct super_block *sb;		/* counted: made, or to be changed */
	char *source;			/* owned, or NULL */
	u32 sb_flags, sb_mask;		/* MS_*; which were given */
	size_t len;
	char options[OPTIONS_MAX];
	u32 log_head, log_nr;
	char log[LOG_MAX][LOG_LEN];
};

static void
fsc_free(struct fsc *c)
{
	if (c->sb)
		super_put(c->sb);
	kfree(c->source);
	kvfree(c);
}

static void
fsc_release(struct file *f)
{
	fsc_free(f->private);
}

/* a message for read(2); the oldest goes when there are too many */
static void __printf(2, 3)
fsc_log(struct fsc *c, const char *fmt, ...)
{
	char *line;
	va_list ap;

	if (c->log_nr == LOG_MAX) {
		c->log_head++;
		c->log_nr--;
	}
	line = c->log[(c->log_head + c->log_nr++) % LOG_MAX];
	va_start(ap, fmt);
	vsnprintf(line, LOG_LEN, fmt, ap);
	va_end(ap);
}

static ssize_t
fsc_read(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags)
{
	struct fsc *c = f->private;
	char line[LOG_LEN];
	size_t n;

	mutex_lock(&c->lock);
	if (!c->log_nr) {
		mutex_unlock(&c->lock);
		return -ENODATA;
	}
	memcpy(line, c->log[c->log_head % LOG_MAX], LOG_LEN);
	n = strlen(line);
	if (n > to->count) {
		mutex_unlock(&c->lock);
		return -EMSGSIZE;
	}
	c->log_head++;
	c->log_nr--;
	mutex_unlock(&c->lock);
	return copy_to_iter(line, n, to) == n ? (ssize_t)n : -EFAULT;
}

static const struct file_ops fsc_fops = {
	.read_iter = fsc_read,
	.release = fsc_release,
	.llseek = no_llseek,
	.flags = FOP_NOLLSEEK,
};

bool
file_is_fs_context(const struct file *f)
{
	return f->op == &fsc_fops;
}

static int
fsc_fd(struct fsc *c, bool cloexec)
{
	struct file *f;
	int err = file_alloc_pseudo("[fscontext]", &fsc_fops, c, O_RDWR, &f);

	if (err) {
		fsc_free(c);
		return err;
	}
	return fd_install_new(f, cloexec ? O_CLOEXEC : 0);
}

static struct fsc *
fsc_alloc(const struct fs_type *t, enum fsc_phase phase)
{
	struct fsc *c = kvmalloc(sizeof(*c), GFP_KERNEL);

	if (!c)
		return NULL;
	memset(c, 0, sizeof(*c));
	mutex_init(&c->lock, RANK_OBJECT);
	c->type = t;
	c->phase = phase;
	return c;
}

int
mount_fsopen(const char *fstype, u32 flags)
{
	const struct fs_type *t = fs_type_find(fstype);
	struct fsc *c;

	if (!t)
		return -ENODEV;
	c = fsc_alloc(t, FSC_PARAMS);
	return c ? fsc_fd(c, flags & FSOPEN_CLOEXEC) : -ENOMEM;
}

int
mount_fspick(int dfd, const char *name, u32 flags)
{
	u32 lookup = LOOKUP_FOLLOW;
	struct path p;
	struct fsc *c;
	int err;

	if (flags & FSPICK_SYMLINK_NOFOLLOW)
		lookup &= ~LOOKUP_FOLLOW;
	if (flags & FSPICK_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = path_lookup(dfd, name, lookup, &p);
	if (err)
		return err;
	err = -EINVAL;
	if (p.dentry != p.mnt->root)
		goto out;
	err = -ENOMEM;
	c = fsc_alloc(p.mnt->sb->type, FSC_RECONF);
	if (!c)
		goto out;
	c->sb = p.mnt->sb;
	super_get(c->sb);
	err = fsc_fd(c, flags & FSPICK_CLOEXEC);
out:
	path_put(&p);
	return err;
}

/* -- options ------------------------------------------------------------- */

/* those that every file system has */
static bool
common_option(struct fsc *c, const char *key)
{
	static const struct { const char *key; u32 flag; bool on; } t[] = {
		{ "ro", MS_RDONLY, true }, { "rw", MS_RDONLY, false },
		{ "sync", MS_SYNCHRONOUS, true },
		{ "async", MS_SYNCHRONOUS, false },
		{ "dirsync", MS_DIRSYNC, true },
		{ "lazytime", MS_LAZYTIME, true },
		{ "nolazytime", MS_LAZYTIME, false },
		{ "mand", MS_MANDLOCK, true }, { "nomand", MS_MANDLOCK, false },
	};

	for (unsigned int k = 0; k < ARRAY_SIZE(t); k++)
		if (!strcmp(key, t[k].key)) {
			c->sb_mask |= t[k].flag;
			c->sb_flags &= ~t[k].flag;
			if (t[k].on)
				c->sb_flags |= t[k].flag;
			return true;
		}
	return false;
}

static int
set_source(struct fsc *c, const char *value)
{
	if (!value) {
		fsc_log(c, "e Non-string source");
		return -EINVAL;
	}
	if (c->source) {
		fsc_log(c, "e Multiple sources");
		return -EINVAL;
	}
	c->source = kstrdup(value, GFP_KERNEL);
	return c->source ? 0 : -ENOMEM;
}

static int
set_option(struct fsc *c, const char *key, const char *value)
{
	size_t need = strlen(key) + (value ? strlen(value) + 1 : 0) + 1;
	int err;

	if (!*key) {
		fsc_log(c, "e Unnamed parameter");
		return -EINVAL;
	}
	if (common_option(c, key))
		return 0;
	if (!strcmp(key, "source"))
		return set_source(c, value);
	err = c->type->check_option ? c->type->check_option(key, value) : 0;
	if (err == -ENOENT) {
		fsc_log(c, "e %s: Unknown parameter '%.64s'", c->type->name,
			key);
		return -EINVAL;
	}
	if (err) {
		fsc_log(c, "e %s: Bad value for '%.64s'", c->type->name, key);
		return err;
	}
	/* a comma would be seen as the next option */
	if (value && strchr(value, ','))
		return -EINVAL;
	if (c->len + need + 1 > OPTIONS_MAX)
		return -E2BIG;
	c->len += snprintf(c->options + c->len, OPTIONS_MAX - c->len,
			   "%s%s%s%s", c->len ? "," : "", key,
			   value ? "=" : "", value ? value : "");
	return 0;
}

static int
fsc_create(struct fsc *c)
{
	struct super_block *sb;
	int err;

	c->phase = FSC_BUSY;
	mutex_unlock(&c->lock);		/* mount() takes what it needs */
	err = c->type->mount(c->type, c->sb_flags, c->source, c->options, &sb);
	mutex_lock(&c->lock);
	c->phase = err ? FSC_FAILED : FSC_MADE;
	if (!err)
		c->sb = sb;
	return err;
}

static int
fsc_reconfigure(struct fsc *c)
{
	struct super_block *sb = c->sb;
	unsigned long ms;
	int err;

	c->phase = FSC_BUSY;
	mutex_unlock(&c->lock);
	ns_lock();
	ms = (READ_ONCE(sb->flags) & ~(u64)c->sb_mask & U32_MAX) | c->sb_flags;
	err = mount_reconfigure(sb, ms, c->options);
	ns_unlock();
	mutex_lock(&c->lock);
	c->phase = err ? FSC_FAILED : FSC_RECONF;
	c->len = 0;
	c->options[0] = 0;
	c->sb_mask = c->sb_flags = 0;
	return err;
}

int
mount_fsconfig(struct file *f, u32 cmd, const char *key, const char *value)
{
	struct fsc *c = f->private;
	int err = -EBUSY;

	mutex_lock(&c->lock);
	switch (cmd) {
	case FSCONFIG_CMD_CREATE:
		if (c->phase == FSC_PARAMS)
			err = fs_type_may_mount(c->type) ? fsc_create(c) :
				-EPERM;
		break;
	case FSCONFIG_CMD_RECONFIGURE:
		if (c->phase == FSC_RECONF)
			err = ns_capable(c->sb->user_ns, CAP_SYS_ADMIN) ?
				fsc_reconfigure(c) :
				-EPERM;
		break;
	default:
		if (c->phase == FSC_PARAMS || c->phase == FSC_RECONF)
			err = set_option(c, key, value);
	}
	mutex_unlock(&c->lock);
	return err;
}

/* -- the mount ----------------------------------------------------------- */

int
mount_fsmount(struct file *ctx, u32 flags, u32 mnt_flags)
{
	struct fsc *c = ctx->private;
	struct vfsmount *m;
	int err = 0;

	mutex_lock(&c->lock);
	if (!c->sb)
		err = -EINVAL;
	else if (c->phase != FSC_MADE)
		err = -EBUSY;
	if (err) {
		mutex_unlock(&c->lock);
		return err;
	}
	m = mnt_new(c->sb, c->sb->root, c->source, mnt_flags);
	if (m) {			/* the context is for changes now */
		c->phase = FSC_RECONF;
		c->len = 0;
		c->options[0] = 0;
		c->sb_mask = c->sb_flags = 0;
	}
	mutex_unlock(&c->lock);
	if (!m)
		return -ENOMEM;
	return mount_tree_fd(m, flags & FSMOUNT_CLOEXEC);
}
