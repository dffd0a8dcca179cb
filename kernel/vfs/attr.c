/* SPDX-License-Identifier: MIT */
/*
 * Attributes and permission: who may do what to an inode, what stat(2) shows,
 * what chmod, chown, utimes and truncate change.
 *
 * generic_permission() picks owner, group or other bits, then lets the
 * capabilities CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH help. It neither
 * sleeps nor locks, so RCU path walk calls it too. setattr_prepare() holds
 * the rules of chmod(2), chown(2) and utimensat(2); file systems call it from
 * their setattr, or leave setattr NULL and get generic_setattr().
 *
 * Attributes change under i_rwsem; readers see them unlocked, word by word,
 * as Linux's do.
 */
#include <core/time.h>
#include <dev/dev.h>
#include <task/cred.h>
#include <task/signal.h>
#include <task/user_ns.h>
#include <vfs/notify.h>
#include "internal.h"

bool
inode_capable(const struct inode *i, int cap)
{
	const struct cred *c = current_cred();

	return cred_capable(c, cap) && kuid_mapped(c->user_ns, i->uid) &&
		kgid_mapped(c->user_ns, i->gid);
}

bool
inode_owner_or_capable(const struct inode *i)
{
	const struct cred *c = current_cred();

	return c->fsuid == i->uid || (cred_capable(c, CAP_FOWNER) &&
				      kuid_mapped(c->user_ns, i->uid));
}

int
generic_permission(struct inode *i, int mask)
{
	const struct cred *c = current_cred();
	mode_t mode = READ_ONCE(i->mode);
	int want = mask & (MAY_READ | MAY_WRITE | MAY_EXEC);

	if (c->fsuid == i->uid)
		mode >>= 6;
	else if ((mode ^ mode >> 3) & 7 && cred_in_group(c, i->gid))
		mode >>= 3;	/* only looked up when it makes a difference */
	if (!(want & ~mode & 7))
		return 0;
	mode = READ_ONCE(i->mode);
	if (S_ISDIR(mode)) {
		if (!(want & MAY_WRITE) &&
		    inode_capable(i, CAP_DAC_READ_SEARCH))
			return 0;
		return inode_capable(i, CAP_DAC_OVERRIDE) ? 0 : -EACCES;
	}
	if (want == MAY_READ && inode_capable(i, CAP_DAC_READ_SEARCH))
		return 0;
	/* root may execute only what somebody may */
	if ((!(want & MAY_EXEC) || mode & S_IXUGO) &&
	    inode_capable(i, CAP_DAC_OVERRIDE))
		return 0;
	return -EACCES;
}

int
inode_permission(struct inode *i, int mask)
{
	if (mask & MAY_WRITE) {
		mode_t m = i->mode;

		if (i->sb->flags & SB_RDONLY &&
		    (S_ISREG(m) || S_ISDIR(m) || S_ISLNK(m)))
			return -EROFS;
		if (i->flags & S_IMMUTABLE_F)
			return -EPERM;
	}
	if (i->op->permission)
		return i->op->permission(i, mask);
	return generic_permission(i, mask);
}

int
path_permission(const struct path *p, int mask)
{
	struct inode *i = p->dentry->inode;
	mode_t m = i->mode;

	if (mask & MAY_EXEC && S_ISREG(m) &&
	    (p->mnt->flags & MNT_NOEXEC || i->sb->flags & SB_NOEXEC))
		return -EACCES;
	if (mask & MAY_WRITE && p->mnt->flags & MNT_READONLY &&
	    (S_ISREG(m) || S_ISDIR(m) || S_ISLNK(m)))
		return -EROFS;
	return inode_permission(i, mask);
}

/* -- reading ------------------------------------------------------------- */

void
generic_fillattr(struct inode *i, struct kstat *st)
{
	st->dev = i->sb->dev;
	st->ino = i->ino;
	st->mode = i->mode;
	st->nlink = i->nlink;
	st->uid = i->uid;
	st->gid = i->gid;
	st->rdev = i->rdev;
	st->size = inode_size(i);
	st->blocks = i->blocks;
	st->blksize = 1UL << i->blkbits;
	st->atime = i->atime;
	st->mtime = i->mtime;
	st->ctime = i->ctime;
	st->btime = i->btime;
	st->result_mask = STATX_BASIC_STATS;
	st->attributes = 0;
	st->attributes_mask = STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND;
	if (unlikely(i->flags & (S_IMMUTABLE_F | S_APPEND_F))) {
		if (i->flags & S_IMMUTABLE_F)
			st->attributes |= STATX_ATTR_IMMUTABLE;
		if (i->flags & S_APPEND_F)
			st->attributes |= STATX_ATTR_APPEND;
	}
}

int
vfs_getattr(const struct path *p, struct kstat *st, u32 mask)
{
	struct inode *i = p->dentry->inode;

	if (i->op->getattr)
		return i->op->getattr(p, st, mask);
	generic_fillattr(i, st);
	return 0;
}

/* -- changing ------------------------------------------------------------ */

static int
check_chown(const struct inode *i, const struct iattr *a)
{
	const struct cred *c = current_cred();

	if (a->valid & ATTR_UID && !inode_capable(i, CAP_CHOWN) &&
	    (c->fsuid != i->uid || a->uid != i->uid))
		return -EPERM;
	if (a->valid & ATTR_GID && !inode_capable(i, CAP_CHOWN) &&
	    (c->fsuid != i->uid ||
	     (!cred_in_group(c, a->gid) && a->gid != i->gid)))
		return -EPERM;
	return 0;
}

int
setattr_prepare(struct dentry *d, struct iattr *a)
{
	struct inode *i = d->inode;
	u32 v = a->valid;
	int err;

	if (v & ATTR_SIZE) {
		if (a->size > i->sb->maxbytes)
			return -EFBIG;
		if (a->size > i->size && a->size > (loff_t)min_t(u64,
				rlimit_cur(RLIMIT_FSIZE), LOFF_MAX)) {
			signal_send_thread(current, SIGXFSZ, SEND_SIG_PRIV);
			return -EFBIG;
		}
	}
	if (v & (ATTR_UID | ATTR_GID)) {
		if ((v & ATTR_UID && !kuid_mapped(i->sb->user_ns, a->uid)) ||
		    (v & ATTR_GID && !kgid_mapped(i->sb->user_ns, a->gid)))
			return -EOVERFLOW;
		err = check_chown(i, a);
		if (err)
			return err;
	}
	if (v & ATTR_MODE) {
		gid_t g = v & ATTR_GID ? a->gid : i->gid;

		if (!inode_owner_or_capable(i))
			return -EPERM;
		if (!cred_in_group(current_cred(), g) && !inode_capable(i, CAP_FSETID))
			a->mode &= ~S_ISGID;
	}
	if (v & (ATTR_ATIME_SET | ATTR_MTIME_SET) && !inode_owner_or_capable(i))
		return -EPERM;
	return 0;
}

void
setattr_copy(struct inode *i, const struct iattr *a)
{
	struct timespec64 now = inode_now(i);

	if (a->valid & ATTR_UID)
		i->uid = a->uid;
	if (a->valid & ATTR_GID)
		i->gid = a->gid;
	if (a->valid & ATTR_ATIME)
		i->atime = a->valid & ATTR_ATIME_SET ? a->atime : now;
	if (a->valid & ATTR_MTIME)
		i->mtime = a->valid & ATTR_MTIME_SET ? a->mtime : now;
	if (a->valid & ATTR_CTIME)
		i->ctime = now;
	if (a->valid & ATTR_MODE)
		i->mode = (i->mode & S_IFMT) | (a->mode & S_IALLUGO);
	inode_mark_dirty(i);
}

int
generic_setattr(struct dentry *d, struct iattr *a)
{
	struct inode *i = d->inode;
	int err = setattr_prepare(d, a);

	if (err)
		return err;
	if (a->valid & ATTR_SIZE && a->size != i->size) {
		loff_t old = i->size;

		inode_set_size(i, a->size);
		if (a->size < old)
			aspace_truncate(i->mapping, a->size);
	}
	setattr_copy(i, a);
	return 0;
}

/*
 * Set-id bits that chown or truncation takes away: inode(7), "S_ISUID". Not a
 * directory's, and not by a privileged truncation.
 */
static mode_t
lost_bits(const struct inode *i, const struct iattr *a)
{
	mode_t lost = 0;

	if (S_ISDIR(i->mode) || !(i->mode & (S_ISUID | S_ISGID)) ||
	    (a->valid & ATTR_SIZE && capable(CAP_FSETID)))
		return 0;
	if (a->valid & ATTR_KILL_SUID)
		lost |= i->mode & S_ISUID;
	if (a->valid & ATTR_KILL_SGID && i->mode & S_ISGID &&
	    (i->mode & S_IXGRP || (!cred_in_group(current_cred(), i->gid) &&
				   !inode_capable(i, CAP_FSETID))))
		lost |= S_ISGID;
	return lost;
}

/* the events that a change of attributes is, by what was asked for */
static __noinline void
notify_change(struct dentry *d, u32 valid)
{
	u32 mask = 0;

	if (valid & (ATTR_UID | ATTR_GID | ATTR_MODE))
		mask |= IN_ATTRIB;
	if (valid & ATTR_SIZE)
		mask |= IN_MODIFY;
	if ((valid & (ATTR_ATIME | ATTR_MTIME)) == (ATTR_ATIME | ATTR_MTIME))
		mask |= IN_ATTRIB;
	else if (valid & ATTR_ATIME)
		mask |= IN_ACCESS;
	else if (valid & ATTR_MTIME)
		mask |= IN_MODIFY;
	if (mask)
		notify_dentry_slow(d, mask);
}

/*
 * vfs_setattr - i_rwsem taken here; the mount is writable (mnt_want_write).
 * Adds what follows from a change: ctime and lost_bits().
 */
int
vfs_setattr(const struct path *p, struct iattr *a)
{
	struct dentry *d = p->dentry;
	struct inode *i = d->inode;
	mode_t lost;
	int err;

	rwsem_write_lock(&i->rwsem);
	err = -EPERM;
	if (a->valid & (ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_ATIME_SET |
			ATTR_MTIME_SET | ATTR_TOUCH) &&
	    i->flags & (S_IMMUTABLE_F | S_APPEND_F))
		goto out;
	if (a->valid & ATTR_TOUCH && !inode_owner_or_capable(i)) {
		err = i->flags & S_IMMUTABLE_F ? -EPERM :
			inode_permission(i, MAY_WRITE);
		if (err)
			goto out;
	}
	a->valid |= ATTR_CTIME;
	lost = lost_bits(i, a);		/* before the owner changes */
	if (unlikely(i->flags & S_FILECAPS_F) && (a->valid & ATTR_KILL_SUID))
		xattr_drop_caps(d);
	a->valid &= ~(ATTR_KILL_SUID | ATTR_KILL_SGID);
	err = i->op->setattr ? i->op->setattr(d, a) : generic_setattr(d, a);
	if (!err && lost) {
		/* needs no ownership, unlike ATTR_MODE */
		i->mode &= ~lost;
		inode_mark_dirty(i);
	}
out:
	rwsem_write_unlock(&i->rwsem);
	if (!err && notify_any())
		notify_change(d, a->valid);
	return err;
}

/* -- access time --------------------------------------------------------- */

#define DAY_S	86400

static bool
atime_due(const struct vfsmount *m, const struct inode *i,
	  struct timespec64 *now)
{
	u32 f = m->flags;

	if (f & MNT_NOATIME || i->flags & S_NOATIME_F ||
	    i->sb->flags & (SB_NOATIME | SB_RDONLY) || f & MNT_READONLY)
		return false;
	if (S_ISDIR(i->mode) &&
	    (f & MNT_NODIRATIME || i->sb->flags & SB_NODIRATIME))
		return false;
	*now = inode_now(i);
	if (f & MNT_RELATIME && timespec_cmp(&i->atime, &i->mtime) > 0 &&
	    timespec_cmp(&i->atime, &i->ctime) > 0 &&
	    now->sec - i->atime.sec < DAY_S)
		return false;
	return timespec_cmp(&i->atime, now) != 0;
}

void
path_update_atime(const struct path *p)
{
	struct inode *i = p->dentry->inode;
	struct timespec64 now;

	if (atime_due(p->mnt, i, &now)) {
		i->atime = now;
		inode_mark_dirty(i);
	}
}

void
file_update_atime(struct file *f)
{
	if (!(f->flags & O_NOATIME))
		path_update_atime(&f->path);
}
