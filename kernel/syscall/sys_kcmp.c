/* SPDX-License-Identifier: MIT */
/*
 * kcmp(2): do two processes share an object? Addresses are compared after a
 * secret permutation, so that the order that is told says nothing of them.
 *
 * KCMP_IO, KCMP_SYSVSEM and KCMP_EPOLL_TFD are EOPNOTSUPP: no object stands
 * behind them here.
 */
#include <core/random.h>
#include <syscall/entry.h>
#include <task/ptrace.h>
#include <task/task.h>
#include <vfs/file.h>

enum kcmp_type { KCMP_FILE, KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND,
	KCMP_IO, KCMP_SYSVSEM, KCMP_EPOLL_TFD, KCMP_TYPES };

static u64 secret_xor[KCMP_TYPES], secret_mul[KCMP_TYPES];

/* the first caller draws them; a second one at the same time draws others */
static void
secrets(void)
{
	static bool drawn;

	if (likely(smp_load_acquire(&drawn)))
		return;
	random_bytes(secret_xor, sizeof(secret_xor));
	random_bytes(secret_mul, sizeof(secret_mul));
	for (int i = 0; i < KCMP_TYPES; i++)
		secret_mul[i] |= (~(~0UL >> 1) | 1);
	smp_store_release(&drawn, true);
}

/* 0 equal, 1 less, 2 greater */
static long
compare(u64 a, u64 b, int type)
{
	a = (a ^ secret_xor[type]) * secret_mul[type];
	b = (b ^ secret_xor[type]) * secret_mul[type];
	return a < b ? 1 : a > b ? 2 : 0;
}

/* the file's address, only to compare; 0: no such descriptor */
static u64
file_address(struct task *t, unsigned long fd)
{
	struct files *fs = files_of(t);
	struct file *f = NULL;
	bool cloexec;

	if (fs && fd <= INT_MAX)
		f = files_file(fs, fd, &cloexec);
	if (fs)
		files_put(fs);
	if (f)
		file_put(f);
	return (u64)f;
}

static long
compare_tasks(struct task *a, struct task *b, int type, unsigned long i1,
	      unsigned long i2)
{
	u64 x, y;

	switch (type) {
	case KCMP_FILE:
		x = file_address(a, i1);
		y = file_address(b, i2);
		return x && y ? compare(x, y, type) : -EBADF;
	case KCMP_VM:
		return compare((u64)a->mm, (u64)b->mm, type);
	case KCMP_FILES:
		return compare((u64)a->files, (u64)b->files, type);
	case KCMP_FS:
		return compare((u64)a->fs, (u64)b->fs, type);
	case KCMP_SIGHAND:
		return compare((u64)a->sighand, (u64)b->sighand, type);
	case KCMP_IO:
	case KCMP_SYSVSEM:
	case KCMP_EPOLL_TFD:
		return -EOPNOTSUPP;
	}
	return -EINVAL;
}

long
sys_kcmp(pid_t pid1, pid_t pid2, int type, unsigned long i1, unsigned long i2)
{
	struct task *a = task_find(pid1), *b = task_find(pid2);
	long r = -ESRCH;

	secrets();
	if (a && b) {
		r = ptrace_may_access(a, PTRACE_MODE_READ |
				      PTRACE_MODE_REALCREDS);
		if (!r)
			r = ptrace_may_access(b, PTRACE_MODE_READ |
					      PTRACE_MODE_REALCREDS);
		if (!r)
			r = compare_tasks(a, b, type, i1, i2);
	}
	if (a)
		task_put(a);
	if (b)
		task_put(b);
	return r;
}
