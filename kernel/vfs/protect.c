/* SPDX-License-Identifier: MIT */
/*
 * fs.protected_symlinks, protected_hardlinks, protected_fifos and
 * protected_regular, proc_sys_fs(5): in directories that anybody may write to
 * names may be traps. All are 0 until user space sets them, as on Linux.
 */
#include <task/cred.h>
#include <vfs/namei.h>
#include "internal.h"

int protected_symlinks, protected_hardlinks;
int protected_fifos, protected_regular;

/* dir: where the link, the last of the name, was found */
int
may_follow_link(const struct inode *dir, const struct inode *link)
{
	mode_t m = READ_ONCE(dir->mode);

	if (!protected_symlinks || current_cred()->fsuid == link->uid ||
	    (m & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH) ||
	    dir->uid == link->uid)
		return 0;
	return -EACCES;
}

/* somebody else's file where a new one was to be made */
int
may_open_sticky(mode_t dir_mode, uid_t dir_uid, const struct inode *i)
{
	int level = S_ISREG(i->mode) ? protected_regular :
		S_ISFIFO(i->mode) ? protected_fifos : 0;

	if (!level || !(dir_mode & S_ISVTX) || i->uid == dir_uid ||
	    i->uid == current_cred()->fsuid)
		return 0;
	if (dir_mode & S_IWOTH || (dir_mode & S_IWGRP && level >= 2))
		return -EACCES;
	return 0;
}

/* nothing is gained by a link to it */
static bool
safe_source(struct inode *i)
{
	mode_t m = i->mode;

	return S_ISREG(m) && !(m & S_ISUID) &&
		(m & (S_ISGID | S_IXGRP)) != (S_ISGID | S_IXGRP) &&
		!inode_permission(i, MAY_READ | MAY_WRITE);
}

int
may_linkat(struct inode *i)
{
	if (!protected_hardlinks || safe_source(i) ||
	    inode_owner_or_capable(i))
		return 0;
	return -EPERM;
}
