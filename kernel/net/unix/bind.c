/* SPDX-License-Identifier: MIT */
/*
 * Names of AF_UNIX sockets, unix(7), "Address format". A path name is an
 * inode of type S_IFSOCK, made by bind(2); the socket holds its path, so that
 * the inode is not reused, and is found by the inode, wherever the name has
 * been moved. An abstract name is its bytes, with the socket's type.
 *
 * Both are in one hash table under unix_lock. A socket leaves it when it is
 * released; its uaddr stays, for messages and connections that show it.
 */
#include <core/random.h>
#include <lib/hash.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <vfs/inner.h>
#include <vfs/namei.h>
#include "unix.h"

#define BIND_BITS	8
#define PATH_OFF	offsetof(struct abi_sockaddr_un, sun_path)

static struct hlist_head bound[1 << BIND_BITS];		/* t */

/* -- names --------------------------------------------------------------- */

static struct uaddr *
uaddr_alloc(const struct abi_sockaddr_storage *a, u32 len)
{
	struct uaddr *n = kmalloc(sizeof(*n), GFP_KERNEL);

	if (!n)
		return NULL;
	refcount_set(&n->count, 1);
	n->len = len;
	memcpy(n->raw, a, len);		/* len <= 111 */
	n->hash = hash_name(0, n->raw + PATH_OFF, len - PATH_OFF);
	return n;
}

void
uaddr_put(struct uaddr *a)
{
	if (refcount_put(&a->count))
		kfree(a);
}

u32
unix_copy_addr(const struct usock *u, struct abi_sockaddr_storage *out)
{
	const struct uaddr *a = smp_load_acquire(&u->addr);

	if (!a)
		return 0;
	memcpy(out, a->raw, a->len);
	return a->len;
}

int
unix_check_addr(const struct abi_sockaddr_storage *a, u32 len)
{
	if (len <= PATH_OFF || len > sizeof(struct abi_sockaddr_un))
		return -EINVAL;
	return a->ss_family == AF_UNIX ? 0 : -EINVAL;
}

/* a's path as a string; its length with family and NUL */
static u32
path_string(struct abi_sockaddr_storage *a, u32 len)
{
	struct abi_sockaddr_un *un = (struct abi_sockaddr_un *)a;

	((char *)a)[len] = '\0';	/* len <= 110 of 128 */
	return PATH_OFF + strlen(un->sun_path) + 1;
}

/* -- the table ----------------------------------------------------------- */

static inline struct hlist_head *
inode_bucket(const struct inode *i)
{
	return &bound[hash_ptr(i, BIND_BITS)];
}

static inline struct hlist_head *
name_bucket(u32 hash, int type)
{
	return &bound[hash_32(hash ^ type, BIND_BITS)];
}

static inline bool
is_abstract(const struct uaddr *a)
{
	return !a->sun.sun_path[0];
}

/* t held; borrowed */
static struct usock *
find_name(const struct abi_sockaddr_un *sun, u32 len, u32 hash, int type)
{
	struct usock *u;

	hlist_for_each_entry(u, name_bucket(hash, type), bind_link)
		if (is_abstract(u->addr) && u->addr->len == len &&
		    u->s.type == type &&
		    !memcmp(u->addr->raw, sun, len))
			return u;
	return NULL;
}

static struct usock *
find_inode(const struct inode *i)
{
	struct usock *u;

	hlist_for_each_entry(u, inode_bucket(i), bind_link)
		if (u->path.dentry && u->path.dentry->inode == i)
			return u;
	return NULL;
}

void
unix_unbind(struct usock *u)
{
	spin_lock(&unix_lock);
	hlist_del_init(&u->bind_link);
	spin_unlock(&unix_lock);
}

/* -- bind ---------------------------------------------------------------- */

/* c held: make a name ours if it is free; consumes a on success */
static int
bind_name(struct usock *u, struct uaddr *a)
{
	struct usock *other;

	spin_lock(&unix_lock);
	other = find_name(&a->sun, a->len, a->hash, u->s.type);
	if (!other) {
		smp_store_release(&u->addr, a);
		hlist_add_head(&u->bind_link,
			       name_bucket(a->hash, u->s.type));
	}
	spin_unlock(&unix_lock);
	return other ? -EADDRINUSE : 0;
}

static int
bind_abstract(struct usock *u, struct abi_sockaddr_storage *sa, u32 len)
{
	struct uaddr *a = uaddr_alloc(sa, len);
	int err = -EINVAL;

	if (!a)
		return -ENOMEM;
	mutex_lock(&u->conf);
	if (!u->addr)
		err = bind_name(u, a);
	mutex_unlock(&u->conf);
	if (err)
		uaddr_put(a);
	return err;
}

static int
bind_path(struct usock *u, struct abi_sockaddr_storage *sa, u32 len)
{
	struct path parent;
	struct dentry *d;
	struct uaddr *a;
	mode_t mode;
	int err;

	a = uaddr_alloc(sa, path_string(sa, len));
	if (!a)
		return -ENOMEM;
	err = path_create(AT_FDCWD, a->sun.sun_path, 0, &parent, &d);
	if (err)
		goto out;
	mode = S_IFSOCK | (u->s.file->inode->mode & S_IALLUGO &
			   ~current->fs->umask);
	err = vfs_mknod(parent.dentry->inode, d, mode, 0);
	if (err)
		goto out_parent;
	mutex_lock(&u->conf);
	if (u->addr) {
		err = -EINVAL;
	} else {
		struct path p = { parent.mnt, d };

		path_get(&p);
		spin_lock(&unix_lock);
		u->path = p;
		smp_store_release(&u->addr, a);
		hlist_add_head(&u->bind_link, inode_bucket(d->inode));
		spin_unlock(&unix_lock);
	}
	mutex_unlock(&u->conf);
	if (err)		/* it was ours to make, so it is to remove */
		(void)vfs_unlink(parent.dentry->inode, d);
out_parent:
	path_create_done(&parent, d);
out:
	if (err)
		uaddr_put(a);
	return err == -EEXIST ? -EADDRINUSE : err;
}

/* a free name of five hexadecimal digits; unix(7), "Autobind feature" */
int
unix_autobind(struct usock *u)
{
	struct abi_sockaddr_storage sa;
	u32 n = random_u64(), tries = 0;
	struct uaddr *a;
	int err = 0;

	mutex_lock(&u->conf);
	if (u->addr)
		goto out;
	err = -EADDRINUSE;
	while (err == -EADDRINUSE && tries++ < 0x100000) {
		sa.ss_family = AF_UNIX;
		sa.ss_data[0] = '\0';
		scnprintf(sa.ss_data + 1, 6, "%05x", n++ & 0xfffff);
		a = uaddr_alloc(&sa, PATH_OFF + 6);
		err = -ENOMEM;
		if (!a)
			break;
		err = bind_name(u, a);
		if (err)
			uaddr_put(a);
		cond_resched();
	}
	if (err == -EADDRINUSE)
		err = -ENOSPC;
out:
	mutex_unlock(&u->conf);
	return err;
}

int
unix_bind(struct socket *s, struct abi_sockaddr_storage *a, u32 len)
{
	struct usock *u = usock_of(s);
	int err;

	if (len == PATH_OFF && a->ss_family == AF_UNIX)
		return unix_autobind(u);
	err = unix_check_addr(a, len);
	if (err)
		return err;
	return a->ss_data[0] ? bind_path(u, a, len) : bind_abstract(u, a, len);
}

/* -- finding ------------------------------------------------------------- */

static int
find_path(struct abi_sockaddr_storage *a, u32 len, int type,
	  struct usock **out)
{
	struct usock *u = NULL;
	struct path p;
	int err;

	path_string(a, len);
	err = path_lookup(AT_FDCWD, a->ss_data, LOOKUP_FOLLOW, &p);
	if (err)
		return err;
	err = path_permission(&p, MAY_WRITE);
	if (err)
		goto out;
	err = -ECONNREFUSED;
	if (!S_ISSOCK(p.dentry->inode->mode))
		goto out;
	spin_lock(&unix_lock);
	u = find_inode(p.dentry->inode);
	if (u)
		usock_get(u);
	spin_unlock(&unix_lock);
	if (!u)
		goto out;
	err = 0;
	if (u->s.type != type) {
		err = -EPROTOTYPE;
		usock_put(u);
	} else {
		path_update_atime(&p);
		*out = u;
	}
out:
	path_put(&p);
	return err;
}

int
unix_find(struct abi_sockaddr_storage *a, u32 len, int type,
	  struct usock **out)
{
	const struct abi_sockaddr_un *sun = (struct abi_sockaddr_un *)a;
	struct usock *u;

	if (a->ss_data[0])
		return find_path(a, len, type, out);
	spin_lock(&unix_lock);
	u = find_name(sun, len, hash_name(0, sun->sun_path, len - PATH_OFF),
		      type);
	if (u)
		usock_get(u);
	spin_unlock(&unix_lock);
	if (!u)
		return -ECONNREFUSED;
	*out = u;
	return 0;
}
