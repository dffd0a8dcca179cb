/* SPDX-License-Identifier: MIT */
/* What the files of fs/procfs share. */
#ifndef PROCFS_LOCAL_H
#define PROCFS_LOCAL_H

#include <abi/errno.h>
#include <fs/procfs.h>
#include <lib/string.h>
#include <task/task.h>
#include <task/pid_ns.h>
#include <vfs/file.h>
#include <vfs/fs.h>

struct mm;
struct pid_node;

struct proc_inode {
	struct inode vfs;
	struct pid *pid;		/* counted; NULL: not of a process */
	const struct pid_node *node;	/* I: what of it, NULL: its directory */
	bool whole;			/* I: of the process, not of one thread */
	int fd;				/* I: below fd and fdinfo, else -1 */
	u32 lo, plen;			/* I: static directories and files: table.c */
};
static inline struct proc_inode *
proc_i(struct inode *i)
{
	return container_of(i, struct proc_inode, vfs);
}

/* options of a mount, sb->private */
struct proc_options {
	struct pid_ns *ns;		/* I: counted; whose processes */
	u8 hidepid;			/* 0 off, 1 noaccess, 2 invisible, 4 ptraceable */
	gid_t gid;			/* whom it does not concern */
};

/* ---- super.c ---- */
struct proc_inode *proc_inode_new(struct super_block *sb, mode_t mode,
				  ino_t ino);
/* proc_setattr - sizes are ignored, modes and owners refused (processes, sys) */
int proc_setattr(struct dentry *d, struct iattr *a);
loff_t proc_dir_llseek(struct file *f, loff_t off, int whence);

/* ---- seq.c: files whose text is made when it is read ---- */
struct proc_text {
	struct mutex lock;		/* not ranked: any lock is taken below */
	struct seq_buf s;		/* lock: the text, buf NULL: not made yet */
	int (*produce)(struct file *f, struct seq_buf *s);
	struct mm *mm;			/* counted, or NULL */
	struct mnt_ns *mnt_ns;		/* mounts: counted, or NULL */
	struct path mnt_root;		/* mounts: counted */
	u64 event;			/* mounts: of mnt_ns, when last polled */
};
/* proc_text_open - f->private gets one. 0 or -ENOMEM. */
int proc_text_open(struct file *f,
		   int (*produce)(struct file *, struct seq_buf *));
ssize_t proc_text_read(struct file *f, struct iov_iter *to, loff_t *pos,
		       u32 flags);
void proc_text_release(struct file *f);
/*
 * proc_copy_write - a write in one piece of at most PAGE_SIZE - 1 bytes as a
 * string, to be kfree'd. -EINVAL, -EFAULT, -ENOMEM.
 */
int proc_copy_write(struct iov_iter *from, char **out);
void seq_pad(struct seq_buf *s, size_t line_start, size_t width);
/* seq_path - d_path with the characters of esc as \ooo; false: no room yet */
void seq_path(struct seq_buf *s, const struct path *p, const struct path *root,
	      const char *esc);

/* ---- table.c: what is the same for all: meminfo, sys/... ---- */
void proc_table_init(void);
/* entry called name in directory (lo, plen); 0, -ENOENT, -ENOMEM */
int proc_table_lookup(struct super_block *sb, u32 lo, u32 plen,
		      const struct qstr *name, struct inode **out);
/*
 * emit what is in (lo, plen) at positions 2 and up; true when all of it was
 * emitted: ctx->pos is then at least PROC_TABLE_END
 */
bool proc_table_iterate(u32 lo, u32 plen, struct dir_context *ctx);
#define PROC_TABLE_END	4096
extern const struct inode_ops proc_static_dir_iops;
extern const struct file_ops proc_static_dir_fops;

static inline struct pid_ns *
proc_ns(const struct super_block *sb)
{
	return ((const struct proc_options *)sb->private)->ns;
}

/* ---- pid.c ---- */
struct pid_node {
	const char *name;
	mode_t mode;
	u8 flags;			/* PN_* */
	/* one of these */
	int (*show)(struct seq_buf *s, struct task *t, bool whole);
	int (*show_mm)(struct seq_buf *s, struct mm *m, struct task *t);
	int (*link)(struct task *t, struct path *out);	/* magic link */
	const struct file_ops *fops;
	const struct inode_ops *iops;	/* with fops: directories */
	ssize_t (*write)(struct task *t, char *s, size_t len);
};
#define PN_TGID		BIT(0)		/* in /proc/PID only */
#define PN_CHECK	BIT(1)		/* show needs proc_may_access() */

/* ino of part idx of class cls of thread nr: pid.c, pid_fd.c */
enum { PINO_BASE, PINO_FD, PINO_FDINFO, PINO_NS };
static inline ino_t
proc_pid_ino(pid_t nr, bool whole, unsigned int cls, u32 idx)
{
	return (u64)nr << 36 | (u64)whole << 35 | (u64)cls << 33 | idx | 1UL << 32;
}
/* the directory of t: /proc/PID (whole) or /proc/PID/task/TID */
int proc_pid_dir(struct super_block *sb, struct task *t, bool whole,
		 struct inode **out);
struct inode *proc_pid_inode(struct super_block *sb, struct pid *pid,
			     const struct pid_node *n, bool whole, mode_t mode,
			     ino_t ino);
/* the task of an inode below /proc/PID, referenced, or NULL when it ended */
struct task *proc_task_get(struct inode *i);
/*
 * proc_may_access - may current look inside t? As ptrace(2), "Ptrace access
 * mode checking", PTRACE_MODE_READ_FSCREDS: 0 or -EACCES.
 */
int proc_may_access(struct task *t);
bool proc_pid_visible(struct super_block *sb, struct task *t, u8 min);
/* user or group that files of t belong to */
void proc_pid_owner(struct task *t, mode_t mode, uid_t *uid, gid_t *gid);
extern const struct dentry_ops proc_dentry_ops;

/*
 * What t has, looked at under tasklist_lock, under which exit and unshare
 * change t->files and t->fs; the tables themselves are never referenced, so
 * that a reader of /proc is never the one to close somebody's files.
 */
/* file behind fd, or at or after *fd; referenced, NULL: none */
struct file *proc_task_file(struct task *t, int fd, bool *cloexec);
struct file *proc_task_next_file(struct task *t, int *fd, bool *cloexec);
u32 proc_task_fd_slots(struct task *t);
/* root or cwd (referenced) and umask, each may be NULL; false: it has none */
bool proc_task_fs(struct task *t, struct path *root, struct path *cwd,
		  mode_t *umask);

/* ---- files of processes ---- */
int pid_show_stat(struct seq_buf *s, struct task *t, bool whole);
int pid_show_statm(struct seq_buf *s, struct task *t, bool whole);
int pid_show_status(struct seq_buf *s, struct task *t, bool whole);
int pid_show_limits(struct seq_buf *s, struct task *t, bool whole);
int pid_show_io(struct seq_buf *s, struct task *t, bool whole);
int pid_show_timers(struct seq_buf *s, struct task *t, bool whole);
int pid_show_comm(struct seq_buf *s, struct task *t, bool whole);
int pid_show_schedstat(struct seq_buf *s, struct task *t, bool whole);
int pid_show_sched(struct seq_buf *s, struct task *t, bool whole);
int pid_show_oom_score(struct seq_buf *s, struct task *t, bool whole);
int pid_show_oom_adj(struct seq_buf *s, struct task *t, bool whole);
int pid_show_oom_score_adj(struct seq_buf *s, struct task *t, bool whole);
int pid_show_personality(struct seq_buf *s, struct task *t, bool whole);
int pid_show_wchan(struct seq_buf *s, struct task *t, bool whole);
int pid_show_stack(struct seq_buf *s, struct task *t, bool whole);
int pid_show_filter(struct seq_buf *s, struct task *t, bool whole);
ssize_t pid_write_filter(struct task *t, char *s, size_t len);
int pid_show_syscall(struct seq_buf *s, struct task *t, bool whole);
int pid_show_cgroup(struct seq_buf *s, struct task *t, bool whole);
ssize_t pid_write_comm(struct task *t, char *s, size_t len);
ssize_t pid_write_oom_adj(struct task *t, char *s, size_t len);
ssize_t pid_write_oom_score_adj(struct task *t, char *s, size_t len);
int pid_show_maps(struct seq_buf *s, struct mm *m, struct task *t);
int pid_show_smaps(struct seq_buf *s, struct mm *m, struct task *t);
int pid_show_smaps_rollup(struct seq_buf *s, struct mm *m, struct task *t);
int pid_link_exe(struct task *t, struct path *out);
int pid_link_cwd(struct task *t, struct path *out);
int pid_link_root(struct task *t, struct path *out);
extern const struct file_ops pid_cmdline_fops, pid_environ_fops, pid_auxv_fops,
	pid_mem_fops, pid_pagemap_fops, pid_mounts_fops, pid_mountinfo_fops,
	pid_mountstats_fops;
extern const struct file_ops pid_fd_fops, pid_fdinfo_fops, pid_task_fops;
extern const struct inode_ops pid_fd_iops, pid_fdinfo_iops, pid_task_iops;
extern const struct inode_ops pid_ns_iops;
extern const struct file_ops pid_ns_fops;
extern const struct file_ops pid_uid_map_fops, pid_gid_map_fops,
	pid_projid_map_fops, pid_setgroups_fops;
/* is the descriptor of this inode (below fd, fdinfo) still open? */
bool pid_fd_alive(struct inode *i);
/* mm of t for reading it: counted (mm_put), *out NULL for kernel threads */
int proc_mm_open(struct inode *i, struct mm **out);

#endif
