/* SPDX-License-Identifier: MIT */
/*
 * Descriptor tables. A table has an array of files and bitmaps of numbers in
 * use and of close-on-exec; `full` has a bit for each word of `open` that is
 * all ones, so the lowest free number is found in two steps. The first 64
 * numbers live inside struct files; larger arrays replace each other by RCU.
 *
 * A table that only its owner uses is read without a reference on the file:
 * nobody else can close it. When it is shared (CLONE_FILES) fdget() takes a
 * reference as file.c's head describes.
 *
 * A number can be reserved (bit set) before its file is installed.
 */
#include <lib/bitmap.h>
#include <task/rlimit.h>
#include "internal.h"

u32 sysctl_nr_open = 1024 * 1024;

/* -- reading ------------------------------------------------------------- */

static struct file *
get_live(struct files *fs, u32 fd)
{
	for (;;) {
		struct fdtable *t = rcu_dereference(fs->fdt);
		struct file *f;

		if (fd >= t->max)
			return NULL;
		f = READ_ONCE(t->fd[fd]);
		if (!f)
			return NULL;
		if (refcount_get_live(&f->count)) {
			if (READ_ONCE(t->fd[fd]) == f &&
			    READ_ONCE(fs->fdt) == t)
				return f;
			file_put(f);
		}
		cpu_relax();
	}
}

static __noinline struct fd
fdget_shared(struct files *fs, u32 fd, u32 not_mode)
{
	struct file *f = get_live(fs, fd);

	if (f && f->mode & not_mode) {
		file_put(f);
		f = NULL;
	}
	return (struct fd){ f, f != NULL };
}

static __always_inline struct fd
fdget_common(u32 fd, u32 not_mode)
{
	struct files *fs = current->files;
	struct fdtable *t;
	struct file *f;

	if (unlikely(refcount_read(&fs->count) != 1))
		return fdget_shared(fs, fd, not_mode);
	t = fs->fdt;
	if (unlikely(fd >= t->max))
		return (struct fd){ NULL, false };
	f = t->fd[fd];
	if (unlikely(!f || f->mode & not_mode))
		return (struct fd){ NULL, false };
	return (struct fd){ f, false };
}

struct fd
fdget(int fd)
{
	return fdget_common(fd, FMODE_PATH);
}

struct fd
fdget_raw(int fd)
{
	return fdget_common(fd, 0);
}

struct file *
file_get_fd(int fd)
{
	struct fd f = fdget_shared(current->files, fd, FMODE_PATH);

	return f.file;
}

/* -- the arrays ---------------------------------------------------------- */

static void
fdt_free(struct rcu_head *r)
{
	struct fdtable *t = container_of(r, struct fdtable, rcu);

	kvfree(t->fd);
	kvfree(t->open);
	kfree(t);
}

static struct fdtable *
fdt_alloc(u32 max)
{
	u32 words = max / 64, full_words = DIV_ROUND_UP(words, 64);
	struct fdtable *t = kmalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return NULL;
	t->max = max;
	t->fd = kvmalloc(max * sizeof(*t->fd), GFP_KERNEL | GFP_ZERO);
	t->open = kvmalloc((2 * words + full_words) * sizeof(long),
			   GFP_KERNEL | GFP_ZERO);
	if (!t->fd || !t->open) {
		kvfree(t->fd);
		kvfree(t->open);
		kfree(t);
		return NULL;
	}
	t->cloexec = t->open + words;
	t->full = t->cloexec + words;
	return t;
}

static __always_inline void
fdt_set(struct fdtable *t, u32 fd, bool cloexec)
{
	u32 w = fd / 64;

	t->open[w] |= BIT(fd % 64);
	if (cloexec)
		t->cloexec[w] |= BIT(fd % 64);
	else
		t->cloexec[w] &= ~BIT(fd % 64);
	if (t->open[w] == ~0UL)
		t->full[w / 64] |= BIT(w % 64);
}

static __always_inline void
fdt_clear(struct fdtable *t, u32 fd)
{
	u32 w = fd / 64;

	t->open[w] &= ~BIT(fd % 64);
	t->cloexec[w] &= ~BIT(fd % 64);
	t->full[w / 64] &= ~BIT(w % 64);
}

static __always_inline u32
fdt_next_free(const struct fdtable *t, u32 start)
{
	u32 w = start / 64, words = t->max / 64;
	unsigned long free;

	if (start >= t->max)
		return start;
	free = ~t->open[w] & (~0UL << start % 64);
	if (likely(free))
		return w * 64 + __ffs(free);
	w = bitmap_find_next_zero(t->full, words, w + 1);
	if (w >= words)
		return t->max;
	return w * 64 + __ffs(~t->open[w]);
}

/*
 * Make room for number nr. fs->lock held, dropped meanwhile when it has to
 * grow. 0, -EMFILE (nr_open), -ENOMEM.
 */
static int
fdt_expand(struct files *fs, u32 nr)
{
	struct fdtable *t = fs->fdt, *n;
	u32 max, words;

	while (nr >= t->max) {
		if (nr >= sysctl_nr_open)
			return -EMFILE;
		max = max_t(u32, 256, roundup_pow2((u64)nr + 1));
		spin_unlock(&fs->lock);
		n = fdt_alloc(max);
		spin_lock(&fs->lock);
		if (!n)
			return -ENOMEM;
		t = fs->fdt;
		if (max <= t->max) {	/* somebody else did */
			fdt_free(&n->rcu);
			continue;
		}
		words = t->max / 64;
		memcpy(n->fd, t->fd, t->max * sizeof(*t->fd));
		memcpy(n->open, t->open, words * sizeof(long));
		memcpy(n->cloexec, t->cloexec, words * sizeof(long));
		memcpy(n->full, t->full, DIV_ROUND_UP(words, 64) *
		       sizeof(long));
		rcu_assign_pointer(fs->fdt, n);
		if (t != &fs->fdt0)
			call_rcu(&t->rcu, fdt_free);
		t = n;
	}
	return 0;
}

/* -- numbers ------------------------------------------------------------- */

int
fd_alloc(int min, bool cloexec)
{
	struct files *fs = current->files;
	u64 limit = rlimit_cur(RLIMIT_NOFILE);
	u32 fd;
	int err;

	spin_lock(&fs->lock);
	for (;;) {
		u32 start = max_t(u32, min, fs->next_fd);

		fd = fdt_next_free(fs->fdt, start);
		if (unlikely(fd >= limit)) {
			spin_unlock(&fs->lock);
			return -EMFILE;
		}
		if (likely(fd < fs->fdt->max))
			break;
		err = fdt_expand(fs, fd);
		if (err) {
			spin_unlock(&fs->lock);
			return err;
		}
	}
	if ((u32)min <= fs->next_fd)
		fs->next_fd = fd + 1;
	fdt_set(fs->fdt, fd, cloexec);
	spin_unlock(&fs->lock);
	return fd;
}

void
fd_install(int fd, struct file *f)
{
	struct files *fs = current->files;

	if (likely(refcount_read(&fs->count) == 1)) {
		rcu_assign_pointer(fs->fdt->fd[fd], f);
		return;
	}
	spin_lock(&fs->lock);		/* the array may be being replaced */
	rcu_assign_pointer(fs->fdt->fd[fd], f);
	spin_unlock(&fs->lock);
}

static void
fd_free_locked(struct files *fs, u32 fd)
{
	fdt_clear(fs->fdt, fd);
	if (fd < fs->next_fd)
		fs->next_fd = fd;
}

void
fd_free(int fd)
{
	struct files *fs = current->files;

	spin_lock(&fs->lock);
	fd_free_locked(fs, fd);
	spin_unlock(&fs->lock);
}

int
fd_install_new(struct file *f, u32 oflags)
{
	int fd = fd_alloc(0, oflags & O_CLOEXEC);

	if (fd < 0)
		file_put(f);
	else
		fd_install(fd, f);
	return fd;
}

/* what every close of a descriptor does: flush, POSIX locks, reference */
static __always_inline int
close_file(struct file *f, struct files *fs)
{
	int err = 0;

	if (f->op->flush && !(f->mode & FMODE_PATH))
		err = f->op->flush(f);
	if (unlikely(f->inode->flctx))
		locks_close(f, fs);
	file_put(f);
	return err;
}

static struct file *
take_fd_locked(struct files *fs, u32 fd)
{
	struct fdtable *t = fs->fdt;
	struct file *f;

	if (fd >= t->max)
		return NULL;
	f = t->fd[fd];
	if (!f)
		return NULL;
	WRITE_ONCE(t->fd[fd], NULL);
	fd_free_locked(fs, fd);
	return f;
}

int
fd_close(int fd)
{
	struct files *fs = current->files;
	struct file *f;

	spin_lock(&fs->lock);
	f = take_fd_locked(fs, fd);
	spin_unlock(&fs->lock);
	return f ? close_file(f, fs) : -EBADF;
}

/*
 * fd_replace - dup2's middle: newfd becomes f (reference consumed), what was
 * there is closed. -EBUSY: newfd is just being opened by another thread.
 */
int
fd_replace(struct file *f, u32 newfd, bool cloexec)
{
	struct files *fs = current->files;
	struct file *old;
	int err;

	spin_lock(&fs->lock);
	err = fdt_expand(fs, newfd);
	if (err)
		goto fail;
	old = fs->fdt->fd[newfd];
	err = -EBUSY;
	if (!old && bitmap_test_bit(fs->fdt->open, newfd))
		goto fail;
	fdt_set(fs->fdt, newfd, cloexec);
	rcu_assign_pointer(fs->fdt->fd[newfd], f);
	spin_unlock(&fs->lock);
	if (old)
		close_file(old, fs);
	return newfd;
fail:
	spin_unlock(&fs->lock);
	file_put(f);
	return err;
}

int
fd_get_cloexec(u32 fd)
{
	struct files *fs = current->files;
	int r = -EBADF;

	spin_lock(&fs->lock);
	if (fd < fs->fdt->max && fs->fdt->fd[fd])
		r = bitmap_test_bit(fs->fdt->cloexec, fd);
	spin_unlock(&fs->lock);
	return r;
}

int
fd_set_cloexec(u32 fd, bool on)
{
	struct files *fs = current->files;
	int r = -EBADF;

	spin_lock(&fs->lock);
	if (fd < fs->fdt->max && fs->fdt->fd[fd]) {
		if (on)
			bitmap_set_bit(fs->fdt->cloexec, fd);
		else
			bitmap_clear_bit(fs->fdt->cloexec, fd);
		r = 0;
	}
	spin_unlock(&fs->lock);
	return r;
}

/* close_range(2): numbers first..last; only marked when cloexec */
void
fd_close_range(u32 first, u32 last, bool cloexec)
{
	struct files *fs = current->files;
	struct file *f;
	u32 fd = first;

	spin_lock(&fs->lock);
	for (;;) {
		fd = bitmap_find_next_bit(fs->fdt->open, fs->fdt->max, fd);
		if (fd >= fs->fdt->max || fd > last)
			break;
		if (cloexec) {
			bitmap_set_bit(fs->fdt->cloexec, fd);
		} else {
			f = take_fd_locked(fs, fd);
			if (f) {
				spin_unlock(&fs->lock);
				close_file(f, fs);
				cond_resched();
				spin_lock(&fs->lock);
			}
		}
		if (fd == last)
			break;
		fd++;
	}
	spin_unlock(&fs->lock);
}

/* -- whole tables -------------------------------------------------------- */

struct files *
files_create(void)
{
	struct files *fs = kmalloc(sizeof(*fs), GFP_KERNEL);

	if (!fs)
		return NULL;
	refcount_set(&fs->count, 1);
	spin_init(&fs->lock, RANK_FILES);
	fs->next_fd = 0;
	fs->open0 = 0;
	fs->cloexec0 = 0;
	fs->full0 = 0;
	memset(fs->fd0, 0, sizeof(fs->fd0));
	fs->fdt0 = (struct fdtable){ .max = FDS_INLINE, .fd = fs->fd0,
		.open = &fs->open0, .cloexec = &fs->cloexec0,
		.full = &fs->full0 };
	fs->fdt = &fs->fdt0;
	return fs;
}

/* words of open that matter; at least one */
static u32
used_words(const struct fdtable *t)
{
	u32 w = t->max / 64;

	while (w > 1 && !t->open[w - 1])
		w--;
	return w;
}

/*
 * Copies numbers below `below` (all: U32_MAX). Numbers that are reserved but
 * not installed stay free in the copy.
 */
static struct files *
files_copy(struct files *old, u32 below)
{
	struct files *fs = files_create();
	struct fdtable *t, *n;
	u32 words;

	if (!fs)
		return NULL;
	spin_lock(&old->lock);
	for (;;) {
		t = old->fdt;
		words = min_t(u32, used_words(t), DIV_ROUND_UP((u64)below, 64));
		if (words * 64 <= fs->fdt->max)
			break;
		spin_unlock(&old->lock);
		n = fdt_alloc(roundup_pow2(words * 64));
		if (!n) {
			files_put(fs);
			return NULL;
		}
		if (fs->fdt != &fs->fdt0)
			fdt_free(&fs->fdt->rcu);
		fs->fdt = n;
		spin_lock(&old->lock);
	}
	n = fs->fdt;
	for (u32 w = 0; w < words; w++) {
		unsigned long bits = t->open[w];

		while (bits) {
			u32 fd = w * 64 + __ffs(bits);
			struct file *f = t->fd[fd];

			bits &= bits - 1;
			if (!f || fd >= below)
				continue;
			file_get(f);
			n->fd[fd] = f;
			fdt_set(n, fd, bitmap_test_bit(t->cloexec, fd));
		}
	}
	fs->next_fd = min(old->next_fd, below);
	if (fs->next_fd)	/* reserved numbers may be free here */
		fs->next_fd = fdt_next_free(n, 0);
	spin_unlock(&old->lock);
	return fs;
}

struct files *
files_fork(struct files *old)
{
	return files_copy(old, U32_MAX);
}

void
files_get(struct files *fs)
{
	refcount_get(&fs->count);
}

void
files_put(struct files *fs)
{
	struct fdtable *t;

	if (!fs || !refcount_put(&fs->count))
		return;
	t = fs->fdt;
	for (u32 w = 0; w < t->max / 64; w++) {
		unsigned long bits = t->open[w];

		while (bits) {
			struct file *f = t->fd[w * 64 + __ffs(bits)];

			bits &= bits - 1;
			if (f) {
				close_file(f, fs);
				cond_resched();
			}
		}
	}
	if (t != &fs->fdt0)
		fdt_free(&t->rcu);
	kfree_rcu(fs, &fs->rcu);
}

/* t may be another task, exiting at this moment */
struct files *
files_of(struct task *t)
{
	struct files *fs;

	rcu_read_lock();
	fs = READ_ONCE(t->files);
	if (fs && !refcount_get_live(&fs->count))
		fs = NULL;
	rcu_read_unlock();
	return fs;
}

static int
files_unshare_below(u32 below)
{
	struct files *old = current->files, *fs;

	if (refcount_read(&old->count) == 1)
		return 0;
	fs = files_copy(old, below);
	if (!fs)
		return -ENOMEM;
	task_swap_files(current, fs);
	files_put(old);
	return 0;
}

int
files_unshare(void)
{
	return files_unshare_below(U32_MAX);
}

/* close_range(2) with CLOSE_RANGE_UNSHARE: the tail need not be copied */
int
files_unshare_range(u32 first, u32 last)
{
	return files_unshare_below(last == U32_MAX ? first : U32_MAX);
}

void
files_exec(void)
{
	struct files *fs = current->files;
	struct file *f;

	spin_lock(&fs->lock);
	for (u32 w = 0; w < fs->fdt->max / 64; w++) {
		unsigned long bits = fs->fdt->cloexec[w] & fs->fdt->open[w];

		while (bits) {
			f = take_fd_locked(fs, w * 64 + __ffs(bits));
			bits &= bits - 1;
			if (!f)
				continue;
			spin_unlock(&fs->lock);
			close_file(f, fs);
			cond_resched();
			spin_lock(&fs->lock);
		}
	}
	spin_unlock(&fs->lock);
}

/* -- /proc --------------------------------------------------------------- */

struct file *
files_next(struct files *fs, int *fdp, bool *cloexec)
{
	struct file *f = NULL;
	u32 fd = *fdp < 0 ? 0 : *fdp;

	spin_lock(&fs->lock);
	for (; fd < fs->fdt->max; fd++) {
		fd = bitmap_find_next_bit(fs->fdt->open, fs->fdt->max, fd);
		if (fd >= fs->fdt->max)
			break;
		f = fs->fdt->fd[fd];
		if (f) {
			file_get(f);
			*cloexec = bitmap_test_bit(fs->fdt->cloexec, fd);
			*fdp = fd;
			break;
		}
	}
	spin_unlock(&fs->lock);
	return f;
}

struct file *
files_file(struct files *fs, int fd, bool *cloexec)
{
	struct file *f = NULL;

	spin_lock(&fs->lock);
	if ((u32)fd < fs->fdt->max)
		f = fs->fdt->fd[fd];
	if (f) {
		file_get(f);
		*cloexec = bitmap_test_bit(fs->fdt->cloexec, fd);
	}
	spin_unlock(&fs->lock);
	return f;
}

u32
files_slots(struct files *fs)
{
	u32 n;

	spin_lock(&fs->lock);
	n = fs->fdt->max;
	spin_unlock(&fs->lock);
	return n;
}
