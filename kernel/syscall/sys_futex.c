/* SPDX-License-Identifier: MIT */
/*
 * futex(2), set_robust_list(2), get_robust_list(2): arguments in, inner halves
 * in task/futex.c. The order of checks is Linux's: the timeout is read first,
 * then the clock flag, then the operation is looked at.
 */
#include <abi/errno.h>
#include <abi/time.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <sched/rcu.h>
#include <syscall/sys_futex.h>
#include <syscall/syscall.h>
#include <task/ptrace.h>
#include <task/futex.h>
#include <task/task.h>

/* absolute monotonic ns from the user's timeout; NSEC_MAX when out of range */
static int
deadline_get(const struct abi_timespec __user *ut, int op, nsec_t *out)
{
	struct abi_timespec ts;
	nsec_t now = clock_mono_ns(), ns, real;

	if (copyin(&ts, ut, sizeof(ts)))
		return -EFAULT;
	if (ts.tv_sec < 0 || (u64)ts.tv_nsec >= NSEC_PER_SEC)
		return -EINVAL;
	if (ts.tv_sec >= (s64)(NSEC_MAX / NSEC_PER_SEC)) {
		*out = NSEC_MAX - 1;	/* for ever, but with a deadline */
		return 0;
	}
	ns = (u64)ts.tv_sec * NSEC_PER_SEC + (u64)ts.tv_nsec;
	if ((op & FUTEX_CMD_MASK) == FUTEX_WAIT) {
		*out = ns > NSEC_MAX - 1 - now ? NSEC_MAX - 1 : now + ns;
	} else if ((op & FUTEX_CLOCK_REALTIME) ||
		   (op & FUTEX_CMD_MASK) == FUTEX_LOCK_PI) {
		real = clock_real_ns();
		*out = ns <= real ? 0 : now + (ns - real);
	} else {
		*out = ns;
	}
	return 0;
}

static bool
has_timeout(int cmd)
{
	switch (cmd) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
	case FUTEX_WAIT_REQUEUE_PI:
		return true;
	default:
		return false;
	}
}

long
sys_futex(u32 __user *uaddr, int op, u32 val,
	  const struct abi_timespec __user *timeout, u32 __user *uaddr2,
	  u32 val3)
{
	u32 val2 = (u32)(unsigned long)timeout;
	u32 flags = op & FUTEX_PRIVATE_FLAG;
	int cmd = op & FUTEX_CMD_MASK;
	vaddr_t a = (vaddr_t)uaddr, a2 = (vaddr_t)uaddr2;
	nsec_t deadline = NSEC_MAX;
	int err;

	if (timeout && has_timeout(cmd)) {
		err = deadline_get(timeout, op, &deadline);
		if (err)
			return err;
	}
	if ((op & FUTEX_CLOCK_REALTIME) && cmd != FUTEX_WAIT_BITSET &&
	    cmd != FUTEX_WAIT_REQUEUE_PI && cmd != FUTEX_LOCK_PI2)
		return -ENOSYS;
	switch (cmd) {
	case FUTEX_WAIT:
		return futex_wait(a, flags, val, deadline,
				  FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAIT_BITSET:
		return futex_wait(a, flags, val, deadline, val3);
	case FUTEX_WAKE:
		return futex_wake(a, flags, (int)val, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(a, flags, (int)val, val3);
	case FUTEX_REQUEUE:
		return futex_requeue(a, flags, a2, (int)val, (int)val2, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(a, flags, a2, (int)val, (int)val2, &val3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(a, flags, a2, (int)val, (int)val2, val3);
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return futex_lock_pi(a, flags, deadline, false);
	case FUTEX_TRYLOCK_PI:
		return futex_lock_pi(a, flags, NSEC_MAX, true);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(a, flags);
	case FUTEX_WAIT_REQUEUE_PI:
		return futex_wait_requeue_pi(a, flags, val, deadline, a2);
	case FUTEX_CMP_REQUEUE_PI:
		return futex_cmp_requeue_pi(a, flags, a2, (int)val, (int)val2,
					    val3);
	default:
		/* FUTEX_FD, and what is not known */
		return syscall_refused("operation", (u32)op, -ENOSYS);
	}
}

/* ---- futex_waitv(2) ---- */

static int
waitv_words(const struct abi_futex_waitv __user *u, u32 nr,
	    struct futex_wait_one *out)
{
	struct abi_futex_waitv w;

	for (u32 i = 0; i < nr; i++) {
		if (copyin(&w, u + i, sizeof(w)))
			return -EFAULT;
		if ((w.flags & ~FUTEX_PRIVATE_FLAG) != FUTEX_32 || w.reserved)
			return -EINVAL;
		if (w.val >> 32)
			return -EINVAL;
		out[i] = (struct futex_wait_one){ w.uaddr, (u32)w.val,
			w.flags & FUTEX_PRIVATE_FLAG };
	}
	return 0;
}

long
sys_futex_waitv(const struct abi_futex_waitv __user *u, unsigned int nr,
		unsigned int flags, const struct abi_timespec __user *timeout,
		int clock)
{
	nsec_t deadline = NSEC_MAX;
	struct futex_wait_one *f;
	long r;

	if (flags || !nr || nr > FUTEX_WAITV_MAX || !u)
		return -EINVAL;
	if (timeout) {
		if (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)
			return -EINVAL;
		r = deadline_get(timeout, FUTEX_WAIT_BITSET |
				 (clock == CLOCK_REALTIME ?
				  FUTEX_CLOCK_REALTIME : 0), &deadline);
		if (r)
			return r;
	}
	f = kmalloc(nr * sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	r = waitv_words(u, nr, f);
	if (!r)
		r = futex_wait_many(f, nr, deadline);
	kfree(f);
	return r;
}

long
sys_set_robust_list(struct abi_robust_list_head __user *head, size_t len)
{
	if (len != sizeof(*head))
		return -EINVAL;
	current->robust_list = (vaddr_t)head;
	return 0;
}

long
sys_get_robust_list(pid_t pid,
		    struct abi_robust_list_head __user *__user *head,
		    size_t __user *len)
{
	struct task *t = current;
	vaddr_t list;

	if (pid) {
		t = task_find(pid);
		if (!t)
			return -ESRCH;
		if (ptrace_may_access(t, PTRACE_MODE_READ |
				      PTRACE_MODE_REALCREDS)) {
			task_put(t);
			return -EPERM;
		}
	}
	list = t->robust_list;
	if (pid)
		task_put(t);
	if (put_user(sizeof(struct abi_robust_list_head), len))
		return -EFAULT;
	return put_user(list, (u64 __user *)head);
}
