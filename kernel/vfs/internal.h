/* SPDX-License-Identifier: MIT */
/*
 * What the files of kernel/vfs share with each other and nobody else.
 */
#ifndef VFS_INTERNAL_H
#define VFS_INTERNAL_H

#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/limits.h>
#include <lib/bitops.h>
#include <lib/hash.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <sched/sched.h>
#include <task/task.h>
#include <vfs/file.h>
#include <vfs/fs.h>
#include <vfs/fdtable.h>
#include <vfs/inner.h>
#include <vfs/mount.h>
#include <vfs/namei.h>

/* ---- names ---- */
extern u64 dcache_salt;

#define NAME_ONES	0x0101010101010101UL
#define NAME_HIGHS	0x8080808080808080UL
/* bit 7 of each byte that is zero; exact for the lowest such byte */
static __always_inline u64
name_zero_bytes(u64 w)
{
	return (w - NAME_ONES) & ~w & NAME_HIGHS;
}

u64 name_load_slow(const char *p);	/* stops at NUL, byte by byte */

/*
 * Eight bytes at p, of which those behind the string's NUL are not used: read
 * in one go unless that would touch the next page.
 */
static __always_inline u64
name_load(const char *p)
{
	if (unlikely(((unsigned long)p & 4095) > 4088))
		return name_load_slow(p);
	return get_le64(p);
}

/* name_hash - hash and length of the component at s, which ends at / or NUL */
static __always_inline u32
name_hash(const struct dentry *parent, const char *s, u32 *len)
{
	u64 h = (u64)parent ^ dcache_salt, w, m;
	u32 n = 0, k;

	for (;;) {
		w = name_load(s + n);
		m = name_zero_bytes(w) | name_zero_bytes(w ^ NAME_ONES * '/');
		if (m)
			break;
		h = hash_mix(h, w);
		n += 8;
	}
	k = __ffs(m) & ~7U;
	w &= (1UL << k) - 1;
	if (k)
		h = hash_mix(h, w);
	*len = n + (k >> 3);
	return hash_fold(h + *len);
}

/* name_equal - a is a dentry's name: 8-aligned and readable to a full word */
static __always_inline bool
name_equal(const char *a, const char *s, u32 len)
{
	for (; len >= 8; len -= 8, a += 8, s += 8)
		if (*(const u64 *)a != get_le64(s))
			return false;
	if (!len)
		return true;
	return ((*(const u64 *)a ^ name_load(s)) & ((1UL << len * 8) - 1)) == 0;
}

/* ---- dcache.c ---- */
extern struct seqcount rename_seq;	/* every d_move, under rename_lock */

extern struct hlist_head *dcache_hash;
extern u32 dcache_shift;
static __always_inline struct hlist_head *
dcache_bucket(u32 hash)
{
	return &dcache_hash[hash >> dcache_shift];
}

/*
 * Under RCU: the seq for which what is read in d is valid, and whether its
 * name can be q's (of key, hash and length) in parent.
 */
static __always_inline bool
d_candidate(const struct dentry *d, const struct dentry *parent, u64 key,
	    u32 *seq)
{
	if (d->parent != parent)
		return false;
	*seq = READ_ONCE(d->seq.seq) & ~1U;	/* odd: will not match */
	smp_rmb();
	return ((u64)d->name.hash << 32 | d->name.len) == key;
}

/* RCU: candidate and the seq its fields are valid for; NULL is no proof */
static __always_inline struct dentry *
d_find_rcu(const struct dentry *parent, const struct qstr *q, u32 *seq)
{
	u64 key = (u64)q->hash << 32 | q->len;
	struct dentry *d;

	hlist_for_each_entry_rcu(d, dcache_bucket(q->hash), hash) {
		if (d_candidate(d, parent, key, seq) &&
		    !(d->flags & D_UNHASHED) &&
		    name_equal(READ_ONCE(d->name.name), q->name, q->len))
			return d;
	}
	return NULL;
}
struct dentry *d_lookup(struct dentry *parent, const struct qstr *q);
static __always_inline bool
dentry_get_live(struct dentry *d)
{
	s32 c = atomic_read(&d->count);

	do {
		if (c < 0)
			return false;
	} while (!atomic_try_cmpxchg(&d->count, &c, c + 1));
	return true;
}
void shrink_dcache_for_umount(struct super_block *sb);
void d_set_mounted(struct dentry *d, bool on);

/* ---- inode.c ---- */
void inode_put_sb_all(struct super_block *sb);	/* evict every cached one */
unsigned long inode_prune(struct super_block *sb, unsigned long nr);
int inode_write_access(struct inode *i);	/* 0 or -ETXTBSY */
static inline void
inode_write_access_put(struct inode *i)
{
	atomic_dec(&i->writecount);
}

/* ---- super.c ---- */
dev_t anon_dev_alloc(void);
/* super_for_each - referenced, may sleep in fn */
void super_for_each(void (*fn)(struct super_block *sb, void *arg), void *arg);
int super_sync(struct super_block *sb, bool wait);

/* ---- mount.c ---- */
extern struct seqcount mount_seq;
/* RCU: the topmost mount directly on (m, d), or NULL; check mount_seq */
struct vfsmount *mnt_lookup_rcu(const struct vfsmount *m,
				const struct dentry *d);
/* goes down through all mounts on *p, which is referenced */
void path_follow_mounts(struct path *p);
/* one step up from a mount's root; false at the top */
bool path_follow_up(struct path *p);
/* take a reference found under RCU; false: retry with references */
static __always_inline bool
mnt_legitimize(struct vfsmount *m, u32 m_seq)
{
	if (!atomic_inc_unless(&m->count, 0))
		return false;
	if (unlikely(seq_retry(&mount_seq, m_seq))) {
		mnt_put(m);
		return false;
	}
	return true;
}
bool mnt_is_attached_below(const struct vfsmount *m, const struct dentry *d);
/* is anything mounted on d (victim of rmdir, rename)? detach those of others */
bool d_is_mountpoint(const struct dentry *d);
void mounts_detach_on(struct dentry *d);

/* ---- dpath.c ---- */
/* name within the file system, at the end of buf; NULL: too long */
char *dentry_path(const struct dentry *d, char *buf, size_t len);

/* ---- namei.c, open.c ---- */
struct link_res {		/* a symlink whose text is being walked */
	const char *text;
	void (*done)(const char *text);
	struct path link;	/* counted; not in RCU mode */
	const char *rest;	/* what follows it */
};
#define WALK_INLINE_LINKS	2
enum last_type { LAST_NORM, LAST_ROOT, LAST_DOT, LAST_DOTDOT };
struct walk {
	struct path path;	/* where we are: counted, or seq in RCU mode */
	struct inode *inode;	/* of path.dentry */
	u32 seq;		/* RCU: path.dentry's */
	u32 flags;		/* LOOKUP_* */
	struct qstr last;	/* component left for the caller */
	u8 last_type;		/* enum last_type */
	bool last_slash;	/* slashes followed it */
	bool root_held;		/* root is counted */
	u8 depth, links;
	u32 m_seq, r_seq;	/* mount_seq, rename_seq at the start */
	u32 root_seq;
	struct path root;	/* .mnt NULL: not looked up yet */
	struct fd dirfd;
	const struct path *base;	/* start here instead of dirfd */
	int dfd;
	mode_t dir_mode;	/* O_CREAT: of the last component's directory */
	uid_t dir_uid;
	const char *link_text;	/* what WALK_LINK found */
	struct link_res link;	/* its resources; then trail or stack */
	struct link_res trail;	/* last symlink followed at the very end */
	struct link_res *stack, *heap;
	struct link_res inline_stack[WALK_INLINE_LINKS];
};
#define WALK_LINK	1	/* walk_component: a symlink is to be followed */

void walk_init(struct walk *w, int dfd, const struct path *base, u32 flags);
int walk_start(struct walk *w, const char *name, const char **rest);
int walk_parents(struct walk *w, const char *name);	/* all but the last */
int walk_component(struct walk *w, bool follow);
int walk_next_link(struct walk *w);	/* after WALK_LINK: on to its end */
int walk_complete(struct walk *w);	/* references on path */
void walk_end(struct walk *w);
/* path of all of name, resolved; w holds it */
int walk_path(struct walk *w, const char *name);
/* dir's rwsem held exclusive: cached or looked up dentry, counted */
int lookup_locked(struct dentry *parent, const struct qstr *q, u32 flags,
		  struct dentry **out);
/* parent of name: *parent counted, w->last valid; walk_end() later */
int walk_parent(struct walk *w, const char *name, struct path *parent);

/* protect.c: the rules of fs.protected_*; slow halves of a test for 0 */
int may_follow_link(const struct inode *dir, const struct inode *link);
int may_open_sticky(mode_t dir_mode, uid_t dir_uid, const struct inode *i);
int may_create(struct inode *dir, const struct dentry *d);
int may_delete(struct inode *dir, const struct dentry *d, bool is_dir);

/* ---- file.c ---- */
struct file *file_alloc_empty(u32 oflags, int *err);
void file_free_empty(struct file *f);	/* never opened */
/* path's references are taken over on success */
int file_open_path(struct file *f, const struct path *p, bool created);

/* ---- locks.c ---- */
void locks_close(struct file *f, struct files *owner);	/* each close(2) */
void locks_release(struct file *f);			/* last reference */
void locks_inode_free(struct inode *i);

/* ---- epoll.c ---- */
void epoll_file_gone(struct file *f);

/* ---- aio.c, eventfd.c ---- */
void aio_exit(struct mm *m);			/* m->aio: end all contexts */
bool file_is_eventfd(const struct file *f);
void eventfd_signal(struct file *f);		/* count one more. T */

/* ---- pipe.c ---- */
extern const struct file_ops pipe_fops;		/* pipes and FIFOs */
int fifo_open(struct inode *i, struct file *f);

/* ---- pseudo.c ---- */
extern struct vfsmount *pseudo_mnt, *pipe_mnt;
extern struct inode *pseudo_inode;

/* ---- filemap.c ---- */
void file_write_begin_times(struct inode *i);	/* i_rwsem; set-id bits too */

/* ---- time ---- */
struct timespec64 timespec_from_ns(nsec_t ns);
static inline int
timespec_cmp(const struct timespec64 *a, const struct timespec64 *b)
{
	if (a->sec != b->sec)
		return a->sec < b->sec ? -1 : 1;
	return a->nsec < b->nsec ? -1 : a->nsec > b->nsec;
}

#endif
