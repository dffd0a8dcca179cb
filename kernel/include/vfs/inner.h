/* SPDX-License-Identifier: MIT */
/*
 * The VFS's inner halves of system calls, for the files in kernel/syscall that
 * copy arguments in and results out. Nothing else needs them.
 */
#ifndef VFS_INNER_H
#define VFS_INNER_H

#include <abi/fcntl.h>
#include <vfs/file.h>
#include <vfs/fs.h>
#include <vfs/namei.h>

struct stat_mount { int id; bool is_root; };
int path_stat(int dfd, const char *name, u32 flags, u32 mask,
	      struct kstat *st, struct stat_mount *sm);

int path_unlink(int dirfd, const char *name);
int path_rmdir(int dirfd, const char *name);
int path_rename(int odfd, const char *oname, int ndfd, const char *nname,
		u32 flags);
struct open_args {
	u32 flags;		/* O_* */
	mode_t mode;
	u32 lookup;		/* LOOKUP_* from openat2's resolve */
};
int do_open(int dfd, const struct path *base, const char *name,
	    const struct open_args *oa, struct file **out);

int fd_replace(struct file *f, u32 newfd, bool cloexec);
int fd_get_cloexec(u32 fd);		/* 0, 1 or -EBADF */
int fd_set_cloexec(u32 fd, bool on);
void fd_close_range(u32 first, u32 last, bool cloexec);
int files_unshare_range(u32 first, u32 last);

int locks_flock(struct file *f, int type, bool wait);	/* F_*LCK */
int locks_fcntl(struct file *f, int cmd, struct abi_flock *fl);
int lease_set(struct file *f, int fd, unsigned long type);	/* F_SETLEASE */
int lease_get(struct file *f);
/* lease_break - an open with O_ flags, or a truncate (O_WRONLY): wait until no
 * lease forbids it. 0, -EAGAIN (O_NONBLOCK), -ERESTARTSYS */
int lease_break_slow(struct inode *i, u32 oflags);
static __always_inline int
lease_break(struct inode *i, u32 oflags)
{
	return likely(!READ_ONCE(i->flctx)) ? 0 : lease_break_slow(i, oflags);
}
int pipe_create(struct file **rd, struct file **wr, u32 oflags);
long pipe_set_size(struct file *f, unsigned long size);
long pipe_get_size(struct file *f);
int rw_verify_area(struct file *f, const loff_t *pos, size_t count);
/* RWF_* of preadv2(2) as IO_*: 0 or -EOPNOTSUPP */
int rwf_to_io(struct file *f, u32 rwf, u32 *io);

u32 file_io_flags_slow(const struct file *f);
static __always_inline u32
file_io_flags(const struct file *f)		/* IO_* from O_* */
{
	return likely(!(READ_ONCE(f->flags) & (O_NONBLOCK | O_APPEND |
					       O_DSYNC))) ?
		0 : file_io_flags_slow(f);
}
int vfs_iterate(struct file *f, struct dir_context *ctx);

/* splice.c: bytes moved or -errno; positions advanced */
ssize_t vfs_splice(struct file *in, loff_t *in_pos, struct file *out,
		   loff_t *out_pos, size_t len, u32 flags);
ssize_t vfs_tee(struct file *in, struct file *out, size_t len, u32 flags);
ssize_t vfs_copy(struct file *in, loff_t *in_pos, struct file *out,
		 loff_t *out_pos, size_t len);
bool file_is_pipe(const struct file *f);

/* poll.c: number ready, 0 at the deadline, -ERESTARTNOHAND on a signal */
struct abi_pollfd;
int vfs_poll_fds(struct abi_pollfd *fds, u32 n, nsec_t deadline_ns);
/* fd_sets of n bits, three in and three out, each FDS_LONGS(n) longs */
int vfs_select(u32 n, unsigned long *const in[3], unsigned long *const out[3],
	       nsec_t deadline_ns);

/* epoll.c */
struct abi_epoll_event;
int epoll_create_file(struct file **out);
int epoll_change(struct file *epf, int op, int fd, const struct abi_epoll_event *ev);
int epoll_wait_events(struct file *epf, struct abi_epoll_event __user *uev,
		      int max, nsec_t deadline_ns);

int eventfd_create(u32 count, u32 flags, struct file **out);

/*
 * aio.c; contexts of current's address space. get: by the user's name, counted
 * or NULL. create: *out counted. destroy: -EINVAL when another thread did.
 */
struct kioctx;
struct abi_iocb;
struct abi_io_event;
int kioctx_create(u32 nr, struct kioctx **out);
struct kioctx *kioctx_get(vaddr_t addr);
void kioctx_put(struct kioctx *c);
vaddr_t kioctx_addr(const struct kioctx *c);
u32 kioctx_size(const struct kioctx *c);
int kioctx_destroy(struct kioctx *c);
long kioctx_get_events(struct kioctx *c, long min_nr, long nr,
		    struct abi_io_event __user *out, nsec_t deadline);
/* aio_req.c: one request; @obj is the user's name for it */
int kioctx_submit(struct kioctx *c, const struct abi_iocb *cb, u64 obj);
/* kioctx_cancel - -EINPROGRESS: its event comes; -EINVAL: no such request */
int kioctx_cancel(struct kioctx *c, u64 obj);

/* timerfd.c; set and get on timerfds only. -ECANCELED: armed, but the clock
 * was set since it last told */
struct timerfd_value { nsec_t interval_ns, value_ns; };
int timerfd_create_file(int clock, u32 flags, struct file **out);
bool file_is_timerfd(const struct file *f);
bool timerfd_is_alarm(const struct file *f);
int timerfd_set(struct file *f, u32 flags, const struct timerfd_value *new,
		struct timerfd_value *old);
void timerfd_get(struct file *f, struct timerfd_value *out);

/* signalfd.c; -EINVAL: f is none */
int signalfd_create(u64 mask, u32 flags, struct file **out);
int signalfd_set_mask(struct file *f, u64 mask);

/* fcntl.c: F_SETOWN family */
int file_owner_set(struct file *f, int type, pid_t who);
void file_owner_get(struct file *f, int *type, pid_t *who);

/* files' own special requests, found by their operations (tmpfs: memfd) */
int memfd_create_file(const char *name, u32 mfd_flags, struct file **out);
/* shmem_create_file - size bytes of shared memory that /proc shows by name */
int shmem_create_file(const char *name, loff_t size, struct file **out);
int file_add_seals(struct file *f, u32 seals);
int file_get_seals(struct file *f);		/* bits or -EINVAL */

/* xattr.c; p's inode, kernel name and value. As the system calls. */
int vfs_setxattr(const struct path *p, const char *name, const void *value,
		 size_t size, int flags);
ssize_t vfs_getxattr(const struct path *p, const char *name, void *buf,
		     size_t size);
ssize_t vfs_listxattr(const struct path *p, char *buf, size_t size);
int vfs_removexattr(const struct path *p, const char *name);

int super_sync(struct super_block *sb, bool wait);
void path_update_atime(const struct path *p);	/* as mount options say */
int vfs_statfs(struct dentry *d, struct kstatfs *out);
/* the super block with this st_dev, referenced, or NULL: ustat(2) */
struct super_block *super_find_dev(dev_t dev);

/* xattr_drop_caps - file capabilities do not survive a change. i_rwsem held. */
void xattr_drop_caps(struct dentry *d);

#endif
