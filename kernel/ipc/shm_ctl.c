// SPDX-License-Identifier: MIT
/*
 * shmctl(2), and the list /proc/sysvipc/shm.
 *
 * SHM_LOCK is counted against RLIMIT_MEMLOCK by user; as nothing is ever
 * swapped out, that is all there is to do.
 */
#include <ipc/sysv.h>
#include <mm/pagecache.h>
#include <task/rlimit.h>
#include <vfs/file.h>
#include "local.h"

static inline struct ipc_ids *
shm_ids(void)
{
	return &current_ipc_ns()->ids[IPC_SHM];
}

u64
shm_resident(const struct shm_seg *s)
{
	return READ_ONCE(s->file->mapping->nr_pages);
}

int
shm_stat(int id, int cmd, struct abi_shmid_ds *out)
{
	struct ipc_perm *p;
	struct shm_seg *s;
	int r = 0;

	if (cmd == IPC_STAT) {
		r = ipc_lock(shm_ids(), id, &p);
		if (r)
			return r;
	} else {
		p = ipc_lock_index(shm_ids(), id);
		if (!p)
			return -EINVAL;
		r = p->id;
	}
	s = shm_seg(p);
	if (cmd != SHM_STAT_ANY && ipc_access(p, 0400))
		r = -EACCES;
	*out = (struct abi_shmid_ds){
		.shm_segsz = s->size, .shm_atime = s->atime,
		.shm_dtime = s->dtime, .shm_ctime = s->ctime,
		.shm_cpid = pid_nr_here(s->cpid),
		.shm_lpid = pid_nr_here(s->lpid),
		.shm_nattch = s->nattch,
	};
	ipc_perm_stat(p, &out->shm_perm);
	spin_unlock(&p->lock);
	return r;
}

int
shm_set_perm(int id, const struct abi_ipc_perm *in)
{
	struct ipc_perm *p;
	int err = ipc_lock(shm_ids(), id, &p);

	if (err)
		return err;
	err = ipc_owner(p);
	if (!err)
		err = ipc_perm_set(p, in);
	if (!err)
		shm_seg(p)->ctime = ipc_now();
	spin_unlock(&p->lock);
	return err;
}

int
shm_rmid(int id)
{
	struct ipc_perm *p;
	int err = ipc_lock(shm_ids(), id, &p);

	if (err)
		return err;
	err = ipc_owner(p);
	if (!err && !shm_seg(p)->nattch) {
		shm_destroy(shm_seg(p));
		return 0;
	}
	if (!err) {
		p->mode |= SHM_DEST;
		ipc_forget_key(shm_ids(), p);
	}
	spin_unlock(&p->lock);
	return err;
}

/* count s's pages as locked by user u, unless that is too many */
static bool
charge_lock(struct shm_seg *s, struct user_count *u)
{
	u64 n = atomic64_add_return(&u->locked_pages, s->pages);
	u64 max = rlimit_cur(RLIMIT_MEMLOCK);

	if (max == RLIM_INFINITY || n <= max >> PAGE_SHIFT ||
	    capable(CAP_IPC_LOCK))
		return true;
	atomic64_sub(&u->locked_pages, s->pages);
	return false;
}

static int
lock_locked(struct shm_seg *s, struct user_count **u)
{
	if (s->perm.mode & SHM_LOCKED)
		return 0;
	if (!charge_lock(s, *u))
		return -ENOMEM;
	s->perm.mode |= SHM_LOCKED;
	swap(s->locker, *u);
	return 0;
}

static void
unlock_locked(struct shm_seg *s, struct user_count **u)
{
	if (!(s->perm.mode & SHM_LOCKED))
		return;
	s->perm.mode &= ~SHM_LOCKED;
	if (s->locker)
		atomic64_sub(&s->locker->locked_pages, s->pages);
	swap(s->locker, *u);
}

int
shm_lock(int id, bool lock)
{
	uid_t euid = current_cred()->euid;
	struct user_count *u = NULL;
	struct ipc_perm *p;
	int err;

	if (lock) {
		u = user_get(current_cred()->uid);
		if (!u)
			return -ENOMEM;
	}
	err = ipc_lock(shm_ids(), id, &p);
	if (err)
		goto out;
	if (!ns_capable(current_ipc_ns()->common.owner, CAP_IPC_LOCK)) {
		if (euid != p->uid && euid != p->cuid)
			err = -EPERM;
		else if (lock && !rlimit_cur(RLIMIT_MEMLOCK))
			err = -EPERM;
	}
	if (!err && lock)
		err = lock_locked(shm_seg(p), &u);
	else if (!err)
		unlock_locked(shm_seg(p), &u);
	spin_unlock(&p->lock);
out:
	if (u)
		user_put(u);
	return err;
}

int
shm_limits(struct abi_shminfo *out)
{
	struct ipc_ns *ns = current_ipc_ns();

	*out = (struct abi_shminfo){
		.shmmax = ns->shmmax, .shmmin = 1, .shmmni = ns->shmmni,
		.shmseg = ns->shmmni, .shmall = ns->shmall,
	};
	return max(READ_ONCE(ns->ids[IPC_SHM].max_idx), 0);
}

int
shm_usage(struct abi_shm_info *out)
{
	struct ipc_ns *ns = current_ipc_ns();
	struct ipc_ids *ids = &ns->ids[IPC_SHM];

	memset(out, 0, sizeof(*out));	/* its hole too */
	out->used_ids = ids->in_use;
	out->shm_tot = atomic64_read(&ns->shm_pages);
	for (int i = 0; i <= READ_ONCE(ids->max_idx); i++) {
		struct ipc_perm *p = ipc_lock_index(ids, i);

		if (p) {
			out->shm_rss += shm_resident(shm_seg(p));
			spin_unlock(&p->lock);
		}
		cond_resched();
	}
	return max(READ_ONCE(ids->max_idx), 0);
}

static int
show_shm(struct seq_buf *b)
{
	struct ipc_ids *ids = shm_ids();

	seq_puts(b, "       key      shmid perms                  size  cpid"
		 "  lpid nattch   uid   gid  cuid  cgid      atime      dtime"
		 "      ctime                   rss                  swap\n");
	for (int i = 0; i <= READ_ONCE(ids->max_idx) && !b->overflow; i++) {
		struct ipc_perm *p = ipc_lock_index(ids, i);
		struct shm_seg *s = shm_seg(p);

		if (p) {
			seq_printf(b, "%10d %10d  %4o %21lu %5u %5u  %5lu %5u "
				   "%5u %5u %5u %10ld %10ld %10ld %21lu %21lu\n",
				   p->key, p->id, p->mode, s->size,
				   pid_nr_here(s->cpid),
				   pid_nr_here(s->lpid), s->nattch,
				   ipc_show_uid(p->uid), ipc_show_gid(p->gid),
				   ipc_show_uid(p->cuid),
				   ipc_show_gid(p->cgid), s->atime, s->dtime, s->ctime,
				   shm_resident(s) << PAGE_SHIFT, 0UL);
			spin_unlock(&p->lock);
		}
		cond_resched();
	}
	return 0;
}
static const struct proc_entry entry_shm = {
	.path = "sysvipc/shm", .mode = 0444, .show = show_shm,
};
SET_ADD(proc_entry, entry_shm);
