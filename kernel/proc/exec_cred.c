/* SPDX-License-Identifier: MIT */
/*
 * What execve(2) makes of credentials: set-id bits, file capabilities, ambient
 * and bounding sets, securebits, no_new_privs. capabilities(7),
 * "Transformation of capabilities during execve()", and credentials(7).
 *
 * Pure but for the file's xattr: b->cred is private until exec_commit().
 * Called for each file tried; of a script, its interpreter's is the last.
 *
 * A program may not gain privileges when something outside of it could steer
 * it: no_new_privs, a root and working directory shared with another process,
 * a tracer that is not privileged itself. It then runs with what it had.
 */
#include <abi/errno.h>
#include <abi/xattr.h>
#include <mm/mm.h>
#include <proc/exec.h>
#include <proc/local.h>
#include <task/cred.h>
#include <task/user_ns.h>
#include <vfs/file.h>
#include <vfs/inner.h>
#include <vfs/mount.h>
#include <vfs/namei.h>

struct file_caps { u64 permitted, inheritable; bool effective, any; };

/* is it root of current's user namespace, or of one above? */
static bool
is_root_here(uid_t kuid)
{
	const struct user_ns *ns = current_user_ns();

	for (; ns; ns = ns->parent)
		if (from_kuid(ns, kuid) == 0)
			return true;
	return false;
}

/* they count where the root that set them rules */
static void
parse_caps(const struct abi_vfs_cap *v, ssize_t n, const struct user_ns *fs_ns,
	   struct file_caps *out)
{
	u32 magic = v->magic_etc, rev = magic & VFS_CAP_REVISION_MASK;
	int words = rev == VFS_CAP_REVISION_1 ? 1 : 2;
	uid_t root;

	if (!(rev == VFS_CAP_REVISION_1 && n == XATTR_CAPS_SZ_1) &&
	    !(rev == VFS_CAP_REVISION_2 && n == XATTR_CAPS_SZ_2) &&
	    !(rev == VFS_CAP_REVISION_3 && n == XATTR_CAPS_SZ_3))
		return;
	root = make_kuid(fs_ns, rev == VFS_CAP_REVISION_3 ? v->rootid : 0);
	if (root == INVALID_ID || !is_root_here(root))
		return;
	for (int i = 0; i < words; i++) {
		out->permitted |= (u64)v->data[i].permitted << 32 * i;
		out->inheritable |= (u64)v->data[i].inheritable << 32 * i;
	}
	out->permitted &= CAP_FULL_SET;
	out->inheritable &= CAP_FULL_SET;
	out->effective = magic & VFS_CAP_FLAGS_EFFECTIVE;
	out->any = true;
}

static void
file_caps(struct file *f, struct file_caps *out)
{
	struct inode *i = f->inode;
	struct abi_vfs_cap v = { 0 };
	ssize_t n;

	*out = (struct file_caps){ 0 };
	if (!(i->flags & S_FILECAPS_F) || !i->op->getxattr)
		return;
	rwsem_read_lock(&i->rwsem);
	n = i->op->getxattr(f->path.dentry, i, XATTR_NAME_CAPS, &v, sizeof(v));
	rwsem_read_unlock(&i->rwsem);
	if (n > 0)
		parse_caps(&v, n, i->sb->user_ns, out);
}

/* do tasks of another process share our root and cwd? */
static bool
fs_shared(struct task *t)
{
	struct task *i;
	unsigned long f;
	int own = 0;

	if (likely(refcount_read(&t->fs->count) == 1))
		return false;
	f = spin_lock_irqsave(&tasklist_lock);
	list_for_each_entry(i, &t->signal->threads, thread_link)
		own += i->fs == t->fs;
	spin_unlock_irqrestore(&tasklist_lock, f);
	return refcount_read(&t->fs->count) > own;
}

/* a tracer that could not do itself what the program will be able to */
static bool
weak_tracer(struct task *t, const struct user_ns *ns)
{
	unsigned long f;
	bool weak;

	if (likely(!t->ptrace))
		return false;
	f = spin_lock_irqsave(&tasklist_lock);
	weak = t->ptracer_cred &&
		!cred_ns_capable(t->ptracer_cred, ns, CAP_SYS_PTRACE);
	spin_unlock_irqrestore(&tasklist_lock, f);
	return weak;
}

/* root's programs have all the bounding set leaves, unless NOROOT */
static void
root_caps(const struct cred *c, struct file_caps *fc, u64 *permitted)
{
	uid_t root = cred_root_uid(c);

	if (c->securebits & SECBIT_NOROOT)
		return;
	/* file capabilities of a set-uid-root program win over the bit */
	if (fc->any && c->euid == root && c->uid != root)
		return;
	if (c->uid == root || c->euid == root)
		*permitted = c->cap_bset | c->cap_inheritable;
	if (c->euid == root)
		fc->effective = true;
}

/* the program, not what interprets it, when its registration says so */
static struct file *
cred_file(const struct exec_bin *b)
{
	return b->executable_cred ? b->executable : b->file;
}

static void
set_ids(struct exec_bin *b, bool nosuid)
{
	const struct cred *old = current_cred();
	struct inode *i = cred_file(b)->inode;
	struct cred *c = b->cred;

	c->euid = old->euid;
	c->egid = old->egid;
	/* an owner who is nobody here gives nothing */
	if (!kuid_mapped(c->user_ns, i->uid) ||
	    !kgid_mapped(c->user_ns, i->gid))
		return;
	if (!nosuid && (i->mode & S_ISUID))
		c->euid = i->uid;
	if (!nosuid && (i->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		c->egid = i->gid;
}

int
exec_cred(struct exec_bin *b)
{
	const struct cred *old = current_cred();
	struct task *t = current;
	struct cred *c = b->cred;
	struct file *f = cred_file(b);
	bool nosuid = !mnt_may_suid(f->path.mnt), setid, unsafe;
	struct file_caps fc = { 0 };
	u64 permitted;

	set_ids(b, nosuid || t->no_new_privs);
	if (!nosuid)
		file_caps(f, &fc);
	permitted = (fc.permitted & c->cap_bset) |
		(fc.inheritable & c->cap_inheritable);
	/* a program that relies on having them all gets none */
	if (fc.effective && (fc.permitted & ~permitted))
		return -EPERM;
	root_caps(c, &fc, &permitted);

	setid = c->euid != old->uid || c->egid != old->gid;
	if (unlikely(setid || (permitted & ~old->cap_permitted))) {
		unsafe = t->no_new_privs || fs_shared(t);
		if (unsafe || weak_tracer(t, c->user_ns)) {
			if (!ns_capable(c->user_ns, CAP_SETUID) ||
			    t->no_new_privs) {
				c->euid = c->uid;
				c->egid = c->gid;
			}
			permitted &= old->cap_permitted;
		}
	}
	c->cap_ambient = fc.any || setid ? 0 : old->cap_ambient;
	c->cap_permitted = permitted | c->cap_ambient;
	c->cap_effective = fc.effective ? c->cap_permitted : c->cap_ambient;
	c->suid = c->fsuid = c->euid;
	c->sgid = c->fsgid = c->egid;
	c->securebits &= ~SECBIT_KEEP_CAPS;
	b->secure = setid || (c->uid != cred_root_uid(c) && (fc.effective ||
			      (c->cap_permitted & ~c->cap_ambient)));
	return 0;
}
