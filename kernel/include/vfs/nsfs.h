/* SPDX-License-Identifier: MIT */
/* nsfs: namespaces as files, the targets of /proc/PID/ns. */
#ifndef VFS_NSFS_H
#define VFS_NSFS_H

#include <task/nsproxy.h>
#include <vfs/fs.h>

/* nsfs_path - the file of n (consumed always), referenced. 0 or -ENOMEM. T */
int nsfs_path(struct ns_common *n, struct path *out);
/* nsfs_open - the same as an open file */
int nsfs_open(struct ns_common *n, struct file **out);
/* the namespace whose file d is, borrowed from it; NULL: it is none */
struct ns_common *dentry_ns(const struct dentry *d);

#endif
