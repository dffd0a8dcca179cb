// SPDX-License-Identifier: MIT
/*
 * System calls of System V IPC, svipc(7): arguments in, results out. Commands
 * of semctl with one number take it from the union's word.
 */
#include <abi/ipc.h>
#include <abi/time.h>
#include <core/time.h>
#include <ipc/sysv.h>
#include <mm/slab.h>
#include <syscall/entry.h>
#include <task/task.h>

#define OPS_FAST	8	/* semop's operations that need no allocation */

/* ---- shared memory ---- */

long
sys_shmget(s32 key, size_t size, int flags)
{
	return shm_get(key, size, flags);
}

long
sys_shmat(int id, unsigned long addr, int flags)
{
	vaddr_t at = 0;
	int err = shm_attach(id, addr, flags, &at);

	return err ? err : (long)at;
}

long
sys_shmdt(unsigned long addr)
{
	return shm_detach(addr);
}

static long
shm_infos(int cmd, void __user *buf)
{
	struct abi_shm_info use;
	struct abi_shminfo lim;
	int r;

	if (cmd == IPC_INFO) {
		r = shm_limits(&lim);
		return copyout(buf, &lim, sizeof(lim)) ? -EFAULT : r;
	}
	r = shm_usage(&use);
	return copyout(buf, &use, sizeof(use)) ? -EFAULT : r;
}

long
sys_shmctl(int id, int cmd, void __user *buf)
{
	struct abi_shmid_ds ds;
	long r;

	if (cmd < 0 || id < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case SHM_INFO:
		return shm_infos(cmd, buf);
	case IPC_STAT:
	case SHM_STAT:
	case SHM_STAT_ANY:
		r = shm_stat(id, cmd, &ds);
		return r >= 0 && copyout(buf, &ds, sizeof(ds)) ? -EFAULT : r;
	case IPC_SET:
		if (copyin(&ds, buf, sizeof(ds)))
			return -EFAULT;
		return shm_set_perm(id, &ds.shm_perm);
	case IPC_RMID:
		return shm_rmid(id);
	case SHM_LOCK:
	case SHM_UNLOCK:
		return shm_lock(id, cmd == SHM_LOCK);
	}
	return -EINVAL;
}

/* ---- semaphores ---- */

long
sys_semget(s32 key, int nsems, int flags)
{
	return sem_get(key, nsems, flags);
}

static long
do_semop(int id, const struct abi_sembuf __user *uops, u32 n,
	 const struct abi_timespec *ts)
{
	struct abi_sembuf fast[OPS_FAST], *ops = fast;
	nsec_t deadline = NSEC_MAX, now, ns;
	long r = -EFAULT;

	if (id < 0)
		return -EINVAL;
	if (n > (u32)sem_limit_ops())
		return -E2BIG;
	if (n < 1)
		return -EINVAL;
	if (n > OPS_FAST) {
		ops = kvmalloc(n * sizeof(*ops), GFP_KERNEL);
		if (!ops)
			return -ENOMEM;
	}
	if (copyin(ops, uops, n * sizeof(*ops)))
		goto out;
	r = -EINVAL;
	if (ts) {
		if (ts->tv_sec < 0 || (u64)ts->tv_nsec >= NSEC_PER_SEC)
			goto out;
		now = clock_mono_ns();
		ns = ts->tv_sec >= (s64)(NSEC_MAX / NSEC_PER_SEC) ? NSEC_MAX :
			(u64)ts->tv_sec * NSEC_PER_SEC + (u64)ts->tv_nsec;
		deadline = ns > NSEC_MAX - now ? NSEC_MAX : now + ns;
	}
	r = sem_op(id, ops, n, deadline);
out:
	if (ops != fast)
		kvfree(ops);
	return r;
}

long
sys_semop(int id, const struct abi_sembuf __user *ops, u32 n)
{
	return do_semop(id, ops, n, NULL);
}

long
sys_semtimedop(int id, const struct abi_sembuf __user *ops, u32 n,
	       const struct abi_timespec __user *timeout)
{
	struct abi_timespec ts;

	if (timeout && copyin(&ts, timeout, sizeof(ts)))
		return -EFAULT;
	return do_semop(id, ops, n, timeout ? &ts : NULL);
}

static long
get_all(int id, u16 __user *to)
{
	u16 *v;
	long n = sem_get_all(id, &v);

	if (n < 0)
		return n;
	n = copyout(to, v, n * sizeof(*v));
	kvfree(v);
	return n;
}

static long
set_all(int id, const u16 __user *from)
{
	long n = sem_count(id);
	u16 *v;

	if (n < 0)
		return n;
	v = kvmalloc(n * sizeof(*v), GFP_KERNEL);
	if (!v)
		return -ENOMEM;
	n = copyin(v, from, n * sizeof(*v)) ? -EFAULT :
		sem_set_all(id, v, n);
	kvfree(v);
	return n;
}

long
sys_semctl(int id, int num, int cmd, unsigned long arg)
{
	void __user *p = (void __user *)arg;
	struct abi_seminfo info;
	struct abi_semid_ds ds;
	long r;

	if (id < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case SEM_INFO:
		r = sem_info(cmd, &info);
		return copyout(p, &info, sizeof(info)) ? -EFAULT : r;
	case IPC_STAT:
	case SEM_STAT:
	case SEM_STAT_ANY:
		r = sem_stat(id, cmd, &ds);
		return r >= 0 && copyout(p, &ds, sizeof(ds)) ? -EFAULT : r;
	case IPC_SET:
		if (copyin(&ds, p, sizeof(ds)))
			return -EFAULT;
		return sem_set_perm(id, &ds.sem_perm);
	case IPC_RMID:
		return sem_rmid(id);
	case GETVAL:
	case GETPID:
	case GETNCNT:
	case GETZCNT:
		return sem_one(id, num, cmd);
	case SETVAL:
		return sem_set_one(id, num, (int)arg);
	case GETALL:
		return get_all(id, p);
	case SETALL:
		return set_all(id, p);
	}
	return -EINVAL;
}

/* ---- message queues ---- */

long
sys_msgget(s32 key, int flags)
{
	return msg_get(key, flags);
}

long
sys_msgsnd(int id, const struct abi_msgbuf __user *buf, size_t size, int flags)
{
	struct ipc_msg *m;
	long r = -EFAULT;
	s64 type;

	if (get_user(type, &buf->mtype))
		return -EFAULT;
	if (size > msg_limit_size() || id < 0 || type < 1)
		return -EINVAL;
	m = msg_alloc(size);
	if (!m)
		return -ENOMEM;
	m->type = type;
	if (!copyin(m->text, buf->mtext, size))
		r = msg_send(id, m, flags);
	if (r)
		msg_free(m);
	return r;
}

long
sys_msgrcv(int id, struct abi_msgbuf __user *buf, size_t size, s64 type,
	   int flags)
{
	struct ipc_msg *m;
	long r;

	if (id < 0 || (ssize_t)size < 0)
		return -EINVAL;
	r = msg_receive(id, size, type, flags, &m);
	if (r)
		return r;
	r = min(size, m->len);
	if (put_user(m->type, &buf->mtype) || copyout(buf->mtext, m->text, r))
		r = -EFAULT;
	msg_free(m);
	return r;
}

long
sys_msgctl(int id, int cmd, void __user *buf)
{
	struct abi_msginfo info;
	struct abi_msqid_ds ds;
	long r;

	if (cmd < 0 || id < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case MSG_INFO:
		r = msg_info(cmd, &info);
		return copyout(buf, &info, sizeof(info)) ? -EFAULT : r;
	case IPC_STAT:
	case MSG_STAT:
	case MSG_STAT_ANY:
		r = msg_stat(id, cmd, &ds);
		return r >= 0 && copyout(buf, &ds, sizeof(ds)) ? -EFAULT : r;
	case IPC_SET:
		if (copyin(&ds, buf, sizeof(ds)))
			return -EFAULT;
		return msg_set_perm(id, &ds.msg_perm, ds.msg_qbytes);
	case IPC_RMID:
		return msg_rmid(id);
	}
	return -EINVAL;
}
