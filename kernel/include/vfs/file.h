/* SPDX-License-Identifier: MIT */
/*
 * Open files: struct file, the operations a file offers, descriptors.
 */
#ifndef VFS_FILE_H
#define VFS_FILE_H

#include <abi/fcntl.h>
#include <abi/poll.h>
#include <mm/iov_iter.h>
#include <mm/mm.h>
#include <sched/waitq.h>
#include <vfs/fs.h>

struct cred;
struct dir_context;
struct pid;
struct task;
struct poll_table;
struct files;

struct file_ops {
	/* at *pos, advanced by the callee; bytes, 0 EOF, -errno */
	ssize_t (*read_iter)(struct file *f, struct iov_iter *to, loff_t *pos,
			     u32 flags);	/* RWF_*, IO_NONBLOCK */
	ssize_t (*write_iter)(struct file *f, struct iov_iter *from, loff_t *pos,
			      u32 flags);
	int (*iterate)(struct file *f, struct dir_context *ctx);
	/* ready events now; queues on waitqs when pt is not NULL */
	u32 (*poll)(struct file *f, struct poll_table *pt);
	long (*ioctl)(struct file *f, u32 cmd, unsigned long arg);
	int (*mmap)(struct file *f, struct vma *v);	/* may set v->ops … */
	int (*open)(struct inode *i, struct file *f);
	int (*flush)(struct file *f);			/* each close(2) */
	void (*release)(struct file *f);		/* last reference */
	int (*fsync)(struct file *f, loff_t from, loff_t to, bool datasync);
	loff_t (*llseek)(struct file *f, loff_t off, int whence);
	long (*fallocate)(struct file *f, int mode, loff_t off, loff_t len);
	int (*fasync)(struct file *f, bool on);
	/* text after pos/flags/mnt_id in /proc/PID/fdinfo; NUL-terminated */
	void (*show_fdinfo)(struct file *f, char *buf, size_t len);
	/* the process the file stands for, borrowed: pidfds and /proc/PID */
	struct pid *(*pid)(struct file *f);
	u32 flags;				/* FOP_* */
};
#define FOP_NOLLSEEK	BIT(0)		/* stream: pread gives ESPIPE */
#define FOP_NOWAIT	BIT(1)		/* RWF_NOWAIT is honoured */
#define FILE_OPEN_EXEC	0x20		/* vfs_open_path: by execve, needs x not r */
#define IO_NONBLOCK	BIT(16)		/* in read/write flags: O_NONBLOCK is set */
#define IO_APPEND	BIT(17)
#define IO_DSYNC	BIT(18)

#define FMODE_READ	BIT(0)
#define FMODE_WRITE	BIT(1)
#define FMODE_LSEEK	BIT(2)
#define FMODE_PREAD	BIT(3)
#define FMODE_PWRITE	BIT(4)
#define FMODE_EXEC	BIT(5)
#define FMODE_PATH	BIT(6)		/* O_PATH */
#define FMODE_ATOMIC_POS BIT(7)		/* f_pos_lock needed (regular, dir) */
#define FMODE_WRITER	BIT(8)		/* counted in inode and mount writers */
#define FMODE_CREATED	BIT(9)		/* this open made the file */
#define FMODE_STREAM	BIT(10)		/* position is meaningless */
#define FMODE_READER	BIT(12)		/* counted in inode->readcount */
#define FMODE_OPENED	BIT(11)		/* op->open succeeded: release is due */

struct file {
	struct refcount count;
	u32 mode;			/* I: FMODE_* */
	u32 flags;			/* a: O_* ; F_SETFL under lock */
	const struct file_ops *op;	/* I; op->open may replace it (devices) */
	struct inode *inode;		/* I: borrowed from path */
	struct aspace *mapping;		/* I */
	void *private;			/* op's */
	loff_t pos;			/* pos_lock */
	struct mutex pos_lock;		/* rank fpos */
	struct path path;		/* I: counted */
	const struct cred *cred;	/* I: counted, opener's */
	struct spinlock lock;		/* rank files: flags, owner, ep list */
	struct { u64 start; u32 size, prev; } ra;	/* read-ahead, racy */
	struct { struct pid *pid; int type, sig; uid_t uid, euid; } owner;
	void *ep_items;			/* lock: epoll items that watch us */
	struct rcu_head rcu;
};

static __always_inline void file_get(struct file *f) { refcount_get(&f->count); }
void file_put(struct file *f);			/* T; last one releases */
/* file_alloc - for objects without a path of their own (pipe, socket, epoll…) */
int file_alloc_pseudo(const char *name, const struct file_ops *op, void *priv,
		      u32 oflags, struct file **out);	/* anon_inode:[name] */
/* file_alloc_named - around inode i (consumed on success only) of m's super
 * block, with a name for /proc that dops->dname may replace */
int file_alloc_named(struct vfsmount *m, struct inode *i, const struct qstr *q,
		     const struct dentry_ops *dops, const struct file_ops *op,
		     u32 oflags, struct file **out);
/* the same for the pipe and anonymous file systems, without a name */
int file_alloc_inode(struct inode *i, const struct dentry_ops *dops,
		     const struct file_ops *op, u32 oflags, struct file **out);

/* ---- descriptors (fdtable.c) ---- */
/*
 * fdget - the file behind fd for the length of a system call. Takes no
 * reference when the table is not shared. Always pair with fdput.
 */
struct fd { struct file *file; bool need_put; };
struct fd fdget(int fd);		/* .file NULL: EBADF; O_PATH gives NULL too */
struct fd fdget_raw(int fd);		/* O_PATH files as well */
static __always_inline void
fdput(struct fd f)
{
	if (unlikely(f.need_put))
		file_put(f.file);
}
struct file *file_get_fd(int fd);	/* referenced or NULL */
/* fd_alloc - lowest free >= min below RLIMIT_NOFILE, reserved; -EMFILE */
int fd_alloc(int min, bool cloexec);
void fd_install(int fd, struct file *f);	/* consumes the reference */
void fd_free(int fd);			/* give back a reserved number */
int fd_close(int fd);			/* close(2) */
int fd_install_new(struct file *f, u32 oflags);	/* alloc + install; consumes f always */
struct files *files_create(void);
struct files *files_fork(struct files *old);	/* copy; NULL: no memory */
void files_get(struct files *fs);
void files_put(struct files *fs);		/* last one closes all */
int files_unshare(void);			/* private copy for current */
void files_exec(void);				/* close-on-exec; unshared first */
/* files_of - another task's table, referenced; NULL when it has none (any more) */
struct files *files_of(struct task *t);
/* for /proc/PID/fd: file at or after *fd, referenced; NULL at the end */
struct file *files_next(struct files *fs, int *fd, bool *cloexec);
/* files_file - referenced file behind fd of another task's table, or NULL */
struct file *files_file(struct files *fs, int fd, bool *cloexec);
u32 files_slots(struct files *fs);		/* FDSize of /proc/PID/status */
extern u64 files_max;				/* fs.file-max */
u64 files_nr(void);
extern u32 sysctl_nr_open;

/* ---- inner halves used by system calls and the kernel ---- */
int vfs_open(int dirfd, const char *path, u32 oflags, mode_t mode,
	     struct file **out);		/* kernel string path */
int vfs_open_path(const struct path *p, u32 oflags, struct file **out);
/* the same without asking current's rights: for file systems over others, and
 * for what was just made */
int vfs_open_real(const struct path *p, u32 oflags, struct file **out);
ssize_t vfs_read_iter(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags);
ssize_t vfs_write_iter(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags);
ssize_t kernel_read(struct file *f, void *buf, size_t len, loff_t *pos);
ssize_t kernel_write(struct file *f, const void *buf, size_t len, loff_t *pos);
loff_t vfs_llseek(struct file *f, loff_t off, int whence);
loff_t generic_llseek(struct file *f, loff_t off, int whence);
loff_t no_llseek(struct file *f, loff_t off, int whence);	/* -ESPIPE */
/* stays where it is: eventfd and its like, with FOP_NOLLSEEK for the rest */
loff_t noop_llseek(struct file *f, loff_t off, int whence);
int vfs_fsync(struct file *f, loff_t from, loff_t to, bool datasync);
long vfs_ioctl(struct file *f, u32 cmd, unsigned long arg);
long vfs_fallocate(struct file *f, int mode, loff_t off, loff_t len);
u32 vfs_poll(struct file *f, struct poll_table *pt);
/* what mmap needs: rights from the open mode; -EACCES, -ENODEV, -EBADF, -EPERM */
int vfs_mmap_backing(struct file *f, int prot, int flags, struct vm_backing *out);
/* can bytes [off, off + len) be mapped, or are they past what f can hold? */
bool vfs_mmap_fits(const struct file *f, u64 off, size_t len);
/* fcntl(F_SETOWN): send SIGIO (or the chosen signal) to the owner. Any but I. */
void file_send_sigio(struct file *f, int band);
void file_send_sigio_fd(struct file *f, int code, u32 events, int fd);
/* F_SETOWN by kernel code: pid may be NULL; takes its own reference */
void file_set_owner(struct file *f, struct pid *pid, int type);
/* exec: deny writes while it runs */
int file_deny_write(struct file *f);		/* 0 or -ETXTBSY */
void file_allow_write(struct file *f);

/* page-cache backed regular files (filemap.c) */
ssize_t filemap_read_iter(struct file *f, struct iov_iter *to, loff_t *pos, u32 flags);
ssize_t filemap_write_iter(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags);
int filemap_mmap(struct file *f, struct vma *v);
extern const struct vm_ops filemap_vm_ops;
/* its members, for file systems with a fault of their own */
void filemap_vm_open(struct vma *v);
int filemap_vm_punch(struct vma *v, u64 off, u64 len);
void filemap_vm_close(struct vma *v);
unsigned int filemap_map_around(struct vma *v, u64 pgoff, unsigned int n,
				struct page **pages);
int filemap_page_mkwrite(struct vm_fault *vf);
/* checks of generic writes: RLIMIT_FSIZE, s_maxbytes, O_APPEND, setuid bits */
ssize_t write_checks(struct file *f, struct iov_iter *from, loff_t *pos, u32 flags);

/* readdir: emit returns false when the buffer is full */
struct dir_context {
	bool (*emit)(struct dir_context *c, const char *name, u32 len,
		     loff_t off, ino_t ino, u8 type);	/* off: of this entry */
	loff_t pos;
};
static inline bool
dir_emit(struct dir_context *c, const char *name, u32 len, ino_t ino, u8 type)
{
	return c->emit(c, name, len, c->pos, ino, type);
}
bool dir_emit_dots(struct file *f, struct dir_context *c);	/* pos 0 and 1 */

/* ---- poll ---- */
struct poll_table {
	/* called by file_ops.poll for each queue that may wake the file */
	void (*queue)(struct file *f, struct waitq *q, struct poll_table *pt);
	u32 key;			/* events of interest */
};
/* a file's events changed: as POLL*; wakes pollers and readers alike */
#define poll_wake(q, events)	waitq_wake((q), 1, (events))
static inline void
poll_wait(struct file *f, struct waitq *q, struct poll_table *pt)
{
	if (pt && pt->queue)
		pt->queue(f, q, pt);
}

#endif
