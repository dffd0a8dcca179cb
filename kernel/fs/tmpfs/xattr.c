/* SPDX-License-Identifier: MIT */
/*
 * tmpfs extended attributes: a list on the inode, kept in kernel memory and so
 * bounded to XATTRS_MAX bytes an inode. user., trusted. and security. names.
 */
#include "tmpfs.h"

#define XATTRS_MAX	(128 * 1024)

struct tmpfs_xattr {
	struct tmpfs_xattr *next;
	u32 size;			/* bytes of value */
	u32 name_len;
	char data[];			/* name, NUL, value */
};

static bool
name_ok(const char *n)
{
	static const char *const prefixes[] = { "user.", "trusted.",
						"security." };

	for (unsigned int i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_has_prefix(n, prefixes[i]))
			return true;
	return false;
}

static struct tmpfs_xattr **
find(struct tmpfs_inode *t, const char *name)
{
	struct tmpfs_xattr **p = &t->xattrs;

	while (*p && strcmp((*p)->data, name))
		p = &(*p)->next;
	return p;
}

static u32
cost(const struct tmpfs_xattr *x)
{
	return sizeof(*x) + x->name_len + 1 + x->size;
}

ssize_t
tmpfs_getxattr(struct dentry *d, struct inode *i, const char *name, void *buf,
	       size_t len)
{
	struct tmpfs_xattr *x;

	if (!name_ok(name))
		return -EOPNOTSUPP;
	x = *find(tmpfs_i(i), name);
	if (!x)
		return -ENODATA;
	if (len) {
		if (len < x->size)
			return -ERANGE;
		memcpy(buf, x->data + x->name_len + 1, x->size);
	}
	return x->size;
}

int
tmpfs_setxattr(struct dentry *d, struct inode *i, const char *name,
	       const void *buf, size_t len, int flags)
{
	struct tmpfs_inode *t = tmpfs_i(i);
	struct tmpfs_xattr **p, *x = NULL, *old;
	size_t n = strlen(name);

	if (!name_ok(name))
		return -EOPNOTSUPP;
	p = find(t, name);
	old = *p;
	if (old && flags & XATTR_CREATE)
		return -EEXIST;
	if (!old && flags & XATTR_REPLACE)
		return -ENODATA;
	if (buf) {
		if (t->xattr_bytes - (old ? cost(old) : 0) + sizeof(*x) + n +
		    1 + len > XATTRS_MAX)
			return -ENOSPC;
		x = kmalloc(sizeof(*x) + n + 1 + len, GFP_KERNEL);
		if (!x)
			return -ENOMEM;
		x->size = len;
		x->name_len = n;
		memcpy(x->data, name, n + 1);
		memcpy(x->data + n + 1, buf, len);
		x->next = old ? old->next : NULL;
		t->xattr_bytes += cost(x);
	}
	if (old)
		t->xattr_bytes -= cost(old);
	*p = x ? x : old->next;
	kfree(old);
	return 0;
}

ssize_t
tmpfs_listxattr(struct dentry *d, char *buf, size_t len)
{
	struct tmpfs_xattr *x;
	size_t n = 0;

	for (x = tmpfs_i(d->inode)->xattrs; x; x = x->next) {
		if (len) {
			if (n + x->name_len + 1 > len)
				return -ERANGE;
			memcpy(buf + n, x->data, x->name_len + 1);
		}
		n += x->name_len + 1;
	}
	return n;
}

void
tmpfs_xattrs_free(struct tmpfs_inode *t)
{
	struct tmpfs_xattr *x;

	while ((x = t->xattrs)) {
		t->xattrs = x->next;
		kfree(x);
	}
}
