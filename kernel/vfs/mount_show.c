/* SPDX-License-Identifier: MIT */
/*
 * The mount table as text, proc(5): mounts, mountinfo, mountstats. The cursor
 * is the id of the mount shown last; ids only grow, in order of mounting.
 */
#include <dev/dev.h>
#include <lib/printf.h>
#include <vfs/vfs.h>
#include "internal.h"
#include "mount.h"

struct out { char *buf; size_t len, size; };

static void
put_c(struct out *o, char c)
{
	if (o->len < o->size)
		o->buf[o->len] = c;
	o->len++;
}

static void
put_s(struct out *o, const char *s)
{
	while (*s)
		put_c(o, *s++);
}

/* blanks, backslash and what else is in `also` as \ooo */
static void
put_escaped(struct out *o, const char *s, const char *also)
{
	for (; *s; s++) {
		if (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\\' ||
		    strchr(also, *s)) {
			put_c(o, '\\');
			put_c(o, '0' + ((u8)*s >> 6));
			put_c(o, '0' + ((u8)*s >> 3 & 7));
			put_c(o, '0' + ((u8)*s & 7));
		} else {
			put_c(o, *s);
		}
	}
}

static void
put_mnt_opts(struct out *o, u32 f)
{
	static const struct { u32 f; const char *s; } map[] = {
		{ MNT_NOSUID, ",nosuid" }, { MNT_NODEV, ",nodev" },
		{ MNT_NOEXEC, ",noexec" }, { MNT_NOATIME, ",noatime" },
		{ MNT_NODIRATIME, ",nodiratime" },
		{ MNT_RELATIME, ",relatime" },
		{ MNT_NOSYMFOLLOW, ",nosymfollow" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(map); i++)
		if (f & map[i].f)
			put_s(o, map[i].s);
}

static void
put_sb_opts(struct out *o, const struct super_block *sb)
{
	if (sb->flags & SB_SYNCHRONOUS)
		put_s(o, ",sync");
	if (sb->flags & SB_DIRSYNC)
		put_s(o, ",dirsync");
	if (sb->flags & SB_MANDLOCK)
		put_s(o, ",mand");
	if (sb->flags & SB_LAZYTIME)
		put_s(o, ",lazytime");
}

static void
put_fs_opts(struct out *o, struct super_block *sb, char *tmp, size_t size)
{
	if (!sb->ops->show_options)
		return;
	tmp[0] = 0;
	if (sb->ops->show_options(sb, tmp, size) >= 0)
		put_s(o, tmp);
}

/* the optional fields of mountinfo */
static void
put_propagation(struct out *o, struct vfsmount *m, const struct path *from)
{
	char num[64];
	int dom;

	if (m->group) {
		snprintf(num, sizeof(num), " shared:%d", m->group);
		put_s(o, num);
	}
	if (m->master) {
		snprintf(num, sizeof(num), " master:%d", m->master->group);
		put_s(o, num);
		dom = mnt_dominating_group(m, from);
		if (dom && dom != m->master->group) {
			snprintf(num, sizeof(num), " propagate_from:%d", dom);
			put_s(o, num);
		}
	}
	if (m->flags & MNT_UNBINDABLE)
		put_s(o, " unbindable");
}

static void
show_one(struct out *o, struct vfsmount *m, const struct path *from,
	 int style, const char *where, char *tmp, size_t tmp_size)
{
	struct super_block *sb = m->sb;
	const char *root;
	char num[64];

	switch (style) {
	case MOUNT_SHOW_MOUNTS:
		put_escaped(o, m->source, "#");
		put_c(o, ' ');
		put_escaped(o, where, "");
		put_c(o, ' ');
		put_s(o, sb->type->name);
		put_s(o, m->flags & MNT_READONLY || sb->flags & SB_RDONLY ?
		      " ro" : " rw");
		put_sb_opts(o, sb);
		put_mnt_opts(o, m->flags);
		put_fs_opts(o, sb, tmp, tmp_size);
		put_s(o, " 0 0\n");
		break;
	case MOUNT_SHOW_INFO:
		snprintf(num, sizeof(num), "%d %d %u:%u ", m->id,
			 m->parent->id, MAJOR(sb->dev), MINOR(sb->dev));
		put_s(o, num);
		/* the part of its file system that it shows */
		root = dentry_path(m->root, tmp, tmp_size);
		put_escaped(o, root ? root : "/", "");
		put_c(o, ' ');
		put_escaped(o, where, "");
		put_s(o, m->flags & MNT_READONLY ? " ro" : " rw");
		put_mnt_opts(o, m->flags);
		put_propagation(o, m, from);
		put_s(o, " - ");
		put_s(o, sb->type->name);
		put_c(o, ' ');
		put_escaped(o, m->source, "");
		put_s(o, sb->flags & SB_RDONLY ? " ro" : " rw");
		put_sb_opts(o, sb);
		put_fs_opts(o, sb, tmp, tmp_size);
		put_c(o, '\n');
		break;
	default:
		put_s(o, "device ");
		put_escaped(o, m->source, "#");
		put_s(o, " mounted on ");
		put_escaped(o, where, "");
		put_s(o, " with fstype ");
		put_s(o, sb->type->name);
		put_c(o, '\n');
	}
}

/*
 * Shows the next mount of ns at or below root. *out_len is the length the line has;
 * when that is more than len the line is cut: try again with more and the
 * same cursor.
 */
bool
mount_show(u64 *cursor, struct mnt_ns *ns, const struct path *root, int style,
	   char *buf, size_t len, size_t *out_len)
{
	struct out o = { buf, 0, len };
	char *tmp = kmalloc(2 * PATH_MAX, GFP_KERNEL);
	struct vfsmount *m;
	bool found = false;

	*out_len = 0;
	if (!tmp)
		return false;
	ns_lock();
	list_for_each_entry(m, &ns->mounts, ns_link) {
		struct path p = { m, m->root };
		const char *where;

		if ((u64)m->id <= *cursor || !path_is_below(&p, root))
			continue;
		where = d_path(&p, root, tmp, PATH_MAX);
		if (!where)
			where = "(too long)";
		show_one(&o, m, root, style, where, tmp + PATH_MAX, PATH_MAX);
		if (o.len <= len)
			*cursor = m->id;
		found = true;
		break;
	}
	ns_unlock();
	kfree(tmp);
	*out_len = o.len;
	return found;
}
