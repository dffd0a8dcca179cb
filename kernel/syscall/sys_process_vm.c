/* SPDX-License-Identifier: MIT */
/*
 * process_vm_readv(2), process_vm_writev(2): memory of another process, by way
 * of a page-sized buffer. A part that was done is reported even when the rest
 * fails; an error only when nothing was.
 */
#include <abi/errno.h>
#include <abi/limits.h>
#include <mm/iov_iter.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <sched/sched.h>
#include <syscall/sys_mm.h>
#include <task/ptrace.h>

#define FAST_SEGS	8

/* one remote segment: bytes done, short at an error or when local is full */
static size_t
transfer(struct mm *m, vaddr_t addr, size_t len, struct iov_iter *local,
	 char *buf, bool write)
{
	size_t done = 0;

	while (done < len && local->count) {
		size_t n = min(len - done, min(local->count, PAGE_SIZE -
					((addr + done) & ~PAGE_MASK)));
		ssize_t got;

		if (write) {
			size_t have = copy_from_iter(buf, n, local);

			if (!have)
				break;
			got = mm_access(m, addr + done, buf, have, true);
			if (got < 0)
				got = 0;
			done += got;
			if ((size_t)got < have || have < n)
				break;
		} else {
			got = mm_access(m, addr + done, buf, n, false);
			if (got <= 0)
				break;
			got = copy_to_iter(buf, got, local);
			done += got;
			if ((size_t)got < n)
				break;
		}
		cond_resched();
	}
	return done;
}

static long
move_segments(struct mm *m, struct iov_iter *local, const struct iovec *rv,
	      size_t nr, bool write)
{
	size_t total = 0;
	char *buf = kmalloc(PAGE_SIZE, GFP_KERNEL);

	if (!buf)
		return -ENOMEM;
	for (size_t i = 0; i < nr && local->count; i++) {
		size_t want = min(rv[i].len, local->count);
		size_t n = transfer(m, (vaddr_t)rv[i].base, want, local, buf,
				    write);

		total += n;
		if (n < want) {
			if (!total) {
				kfree(buf);
				return -EFAULT;
			}
			break;
		}
	}
	kfree(buf);
	return total;
}

static long
process_vm(pid_t pid, const struct iovec __user *lvec, unsigned long nr_local,
	   const struct iovec __user *rvec, unsigned long nr_remote,
	   unsigned long flags, bool write)
{
	struct iovec fast[FAST_SEGS], *lalloc = NULL, *rv = NULL;
	struct iov_iter local;
	struct task *t;
	struct mm *m;
	long r;

	if (flags || nr_local > IOV_MAX || nr_remote > IOV_MAX)
		return -EINVAL;
	r = iter_import(&local, write ? ITER_SOURCE : ITER_DEST, lvec,
			nr_local, fast, FAST_SEGS, &lalloc);
	if (r <= 0 || !nr_remote)
		goto out;
	r = -ENOMEM;
	rv = kmalloc(nr_remote * sizeof(*rv), GFP_KERNEL);
	if (!rv)
		goto out;
	r = -EFAULT;
	if (copyin(rv, rvec, nr_remote * sizeof(*rv)))
		goto out;
	r = -EINVAL;
	for (unsigned long i = 0; i < nr_remote; i++)
		if ((ssize_t)rv[i].len < 0)
			goto out;
	r = -ESRCH;
	t = task_find(pid);
	if (!t)
		goto out;
	m = task_get_mm(t);
	if (m) {
		r = -EPERM;
		if (!ptrace_may_access(t, PTRACE_MODE_ATTACH |
				       PTRACE_MODE_REALCREDS))
			r = move_segments(m, &local, rv, nr_remote, write);
		mm_put_user(m);
	}
	task_put(t);
out:
	kfree(rv);
	kfree(lalloc);
	return r;
}

long
sys_process_vm_readv(pid_t pid, const struct iovec __user *local,
		     unsigned long nr_local, const struct iovec __user *remote,
		     unsigned long nr_remote, unsigned long flags)
{
	return process_vm(pid, local, nr_local, remote, nr_remote, flags,
			  false);
}

long
sys_process_vm_writev(pid_t pid, const struct iovec __user *local,
		      unsigned long nr_local, const struct iovec __user *remote,
		      unsigned long nr_remote, unsigned long flags)
{
	return process_vm(pid, local, nr_local, remote, nr_remote, flags,
			  true);
}
