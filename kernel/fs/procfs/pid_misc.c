/* SPDX-License-Identifier: MIT */
/*
 * The smaller files of /proc/PID: limits, io, comm, sched, oom_*, links,
 * mounts.
 */
#include <lib/kstrto.h>
#include <lib/printf.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <task/pid_ns.h>
#include <task/cred.h>
#include <task/itimer.h>
#include <task/posix_timer.h>
#include <task/oom.h>
#include <vfs/mount.h>
#include <vfs/namei.h>
#include "local.h"

int
pid_show_limits(struct seq_buf *s, struct task *t, bool whole)
{
	static const struct { const char *name, *unit; } names[RLIM_NLIMITS] = {
		[RLIMIT_CPU] = { "Max cpu time", "seconds" },
		[RLIMIT_FSIZE] = { "Max file size", "bytes" },
		[RLIMIT_DATA] = { "Max data size", "bytes" },
		[RLIMIT_STACK] = { "Max stack size", "bytes" },
		[RLIMIT_CORE] = { "Max core file size", "bytes" },
		[RLIMIT_RSS] = { "Max resident set", "bytes" },
		[RLIMIT_NPROC] = { "Max processes", "processes" },
		[RLIMIT_NOFILE] = { "Max open files", "files" },
		[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
		[RLIMIT_AS] = { "Max address space", "bytes" },
		[RLIMIT_LOCKS] = { "Max file locks", "locks" },
		[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
		[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
		[RLIMIT_NICE] = { "Max nice priority", "" },
		[RLIMIT_RTPRIO] = { "Max realtime priority", "" },
		[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
	};

	seq_puts(s, "Limit                     Soft Limit           "
		 "Hard Limit           Units     \n");
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		const struct rlimit *l = &t->signal->rlim[i];
		u64 v[2] = { l->cur, l->max };

		seq_printf(s, "%-25s ", names[i].name);
		for (int k = 0; k < 2; k++) {
			if (v[k] == RLIM_INFINITY)
				seq_printf(s, "%-20s ", "unlimited");
			else
				seq_printf(s, "%-20lu ", v[k]);
		}
		if (names[i].unit[0])
			seq_printf(s, "%-10s\n", names[i].unit);
		else
			seq_putc(s, '\n');
	}
	return 0;
}

int
pid_show_io(struct seq_buf *s, struct task *t, bool whole)
{
	u64 v[6] = { 0 };
	unsigned long f = spin_lock_irqsave(&tasklist_lock);
	struct task *x;

	list_for_each_entry(x, &t->signal->threads, thread_link) {
		if (!whole && x != t)
			continue;
		v[0] += x->rchar;
		v[1] += x->wchar;
		v[2] += x->syscr;
		v[3] += x->syscw;
		v[4] += x->read_bytes;
		v[5] += x->write_bytes;
	}
	spin_unlock_irqrestore(&tasklist_lock, f);
	seq_printf(s, "rchar: %lu\nwchar: %lu\nsyscr: %lu\nsyscw: %lu\n"
		   "read_bytes: %lu\nwrite_bytes: %lu\n"
		   "cancelled_write_bytes: 0\n", v[0], v[1], v[2], v[3], v[4],
		   v[5]);
	return 0;
}

int
pid_show_comm(struct seq_buf *s, struct task *t, bool whole)
{
	char name[sizeof(t->thread.comm)];

	memcpy(name, t->thread.comm, sizeof(name));
	name[sizeof(name) - 1] = '\0';
	seq_puts(s, name);
	seq_putc(s, '\n');
	return 0;
}

ssize_t
pid_write_comm(struct task *t, char *s, size_t len)
{
	if (t->signal != current->signal)
		return -EINVAL;
	if (len && s[len - 1] == '\n')
		s[len - 1] = '\0';
	task_set_comm(t, s);
	return len;
}

/* ns on the CPU, ns waiting for it (not measured: 0), times scheduled */
int
pid_show_schedstat(struct seq_buf *s, struct task *t, bool whole)
{
	seq_printf(s, "%lu 0 %lu\n", thread_cpu_ns(&t->thread),
		   t->thread.nvcsw + t->thread.nivcsw);
	return 0;
}

static void
ms_line(struct seq_buf *s, const char *name, u64 ns)
{
	seq_printf(s, "%-45s:%14lu.%06lu\n", name, ns / NSEC_PER_MSEC,
		   ns % NSEC_PER_MSEC);
}

int
pid_show_sched(struct seq_buf *s, struct task *t, bool whole)
{
	struct thread *th = &t->thread;

	seq_printf(s, "%.15s (%d, #threads: %u)\n", th->comm,
		   pid_nr_ns(t->pid, s->pid_ns),
		   t->signal->nr_threads);
	seq_puts(s, "---------------------------------------------------------"
		 "----------\n");
	ms_line(s, "se.vruntime", th->se.vruntime);
	ms_line(s, "se.sum_exec_runtime", thread_cpu_ns(th));
	seq_printf(s, "%-45s:%21lu\n", "nr_switches", th->nvcsw + th->nivcsw);
	seq_printf(s, "%-45s:%21lu\n", "nr_voluntary_switches", th->nvcsw);
	seq_printf(s, "%-45s:%21lu\n", "nr_involuntary_switches", th->nivcsw);
	seq_printf(s, "%-45s:%21u\n", "se.load.weight", th->se.weight);
	seq_printf(s, "%-45s:%21u\n", "policy", th->policy);
	seq_printf(s, "%-45s:%21d\n", "prio",
		   th->rt_prio ? 99 - th->rt_prio : 120 + th->nice);
	return 0;
}

int
pid_show_personality(struct seq_buf *s, struct task *t, bool whole)
{
	seq_printf(s, "%08lx\n", t->personality);
	return 0;
}

int
pid_show_cgroup(struct seq_buf *s, struct task *t, bool whole)
{
	seq_puts(s, "0::/\n");
	return 0;
}

/* -- core dumps, core(5) -------------------------------------------------- */

int
pid_show_filter(struct seq_buf *s, struct task *t, bool whole)
{
	struct mm *m = task_get_mm(t);

	if (m) {
		seq_printf(s, "%08lx\n", mm_dump_filter(m));
		mm_put_user(m);
	}
	return 0;
}

ssize_t
pid_write_filter(struct task *t, char *s, size_t len)
{
	size_t n = strlen(s);
	struct mm *m;
	u64 v;

	while (n && strchr(" \t\n", s[n - 1]))
		s[--n] = '\0';
	if (kstrtou64(s, 0, &v) || v > U32_MAX)
		return -EINVAL;
	m = task_get_mm(t);
	if (!m)
		return -ESRCH;
	__atomic_and_fetch(&m->flags, ~MMF_DUMP_MASK, __ATOMIC_RELAXED);
	__atomic_or_fetch(&m->flags, v << MMF_DUMP_FILTER & MMF_DUMP_MASK,
			  __ATOMIC_RELAXED);
	mm_put_user(m);
	return len;
}

/* -- out of memory ------------------------------------------------------- */

int
pid_show_oom_score(struct seq_buf *s, struct task *t, bool whole)
{
	seq_printf(s, "%lu\n", oom_score(t->group_leader));
	return 0;
}

int
pid_show_oom_score_adj(struct seq_buf *s, struct task *t, bool whole)
{
	seq_printf(s, "%d\n", t->signal->oom_score_adj);
	return 0;
}

/* the old scale: -17 (never) to 15 */
int
pid_show_oom_adj(struct seq_buf *s, struct task *t, bool whole)
{
	int v = t->signal->oom_score_adj;

	seq_printf(s, "%d\n", v == 1000 ? 15 : v * 17 / 1000);
	return 0;
}

static ssize_t
set_oom(struct task *t, int v, size_t len)
{
	struct mm *m;

	if (v < t->signal->oom_score_adj && !capable(CAP_SYS_RESOURCE))
		return -EACCES;
	t->signal->oom_score_adj = v;
	m = task_get_mm(t);
	if (m) {
		m->oom_score_adj = v;
		mm_put_user(m);
	}
	return len;
}

static bool
number_in(char *s, int lo, int hi, int *out)
{
	size_t n = strlen(s);

	while (n && strchr(" \t\n", s[n - 1]))
		s[--n] = '\0';
	return !kstrtos32(s + strspn(s, " \t"), 0, out) && *out >= lo &&
	       *out <= hi;
}

ssize_t
pid_write_oom_score_adj(struct task *t, char *s, size_t len)
{
	int v;

	if (!number_in(s, -1000, 1000, &v))
		return -EINVAL;
	return set_oom(t, v, len);
}

ssize_t
pid_write_oom_adj(struct task *t, char *s, size_t len)
{
	int v;

	if (!number_in(s, -17, 15, &v))
		return -EINVAL;
	return set_oom(t, v == 15 ? 1000 : v * 1000 / 17, len);
}

/* -- links --------------------------------------------------------------- */

int
pid_link_exe(struct task *t, struct path *out)
{
	struct mm *m = task_get_mm(t);

	if (!m)
		return -ENOENT;
	if (!m->exe_file) {
		mm_put_user(m);
		return -ENOENT;
	}
	*out = m->exe_file->path;	/* the same for an mm's whole life */
	path_get(out);
	mm_put_user(m);
	return 0;
}

int
pid_link_cwd(struct task *t, struct path *out)
{
	return proc_task_fs(t, NULL, out, NULL) ? 0 : -ENOENT;
}

int
pid_link_root(struct task *t, struct path *out)
{
	return proc_task_fs(t, out, NULL, NULL) ? 0 : -ENOENT;
}

/* -- timers -------------------------------------------------------------- */

int
pid_show_timers(struct seq_buf *s, struct task *t, bool whole)
{
	static const char *const how[4] = { "signal", "none", "thread", "?" };
	struct posix_timer_info i;

	/* the newest first, as Linux has it */
	for (int id = INT_MAX; posix_timer_prev(t, id, &i); id = i.id - 1) {
		seq_printf(s, "ID: %d\nsignal: %d/%016lx\nnotify: %s/%s.%d\n"
			   "ClockID: %d\n", i.id, i.sig, i.value,
			   how[i.notify & 3],
			   i.notify & SIGEV_THREAD_ID ? "tid" : "pid",
			   i.target, i.clock);
		cond_resched();
	}
	return 0;
}

/* -- mounts -------------------------------------------------------------- */

static int
mounts_produce(struct file *f, struct seq_buf *s, int style)
{
	struct proc_text *x = f->private;
	u64 cursor = 0;
	size_t n;

	while (mount_show(&cursor, x->mnt_ns, &x->mnt_root, style,
			  s->buf + s->len, s->size - s->len, &n)) {
		if (n > s->size - s->len) {
			s->overflow = true;
			break;
		}
		s->len += n;
		cond_resched();
	}
	return 0;
}

static int
produce_mounts(struct file *f, struct seq_buf *s)
{
	return mounts_produce(f, s, MOUNT_SHOW_MOUNTS);
}

static int
produce_mountinfo(struct file *f, struct seq_buf *s)
{
	return mounts_produce(f, s, MOUNT_SHOW_INFO);
}

static int
produce_mountstats(struct file *f, struct seq_buf *s)
{
	return mounts_produce(f, s, MOUNT_SHOW_STATS);
}

/* the namespace and root that the process has now are shown from then on */
static int
mounts_open(struct file *f, int (*produce)(struct file *, struct seq_buf *))
{
	struct task *t = proc_task_get(f->inode);
	struct proc_text *x;
	struct mnt_ns *ns;
	struct path root;
	int err = -EINVAL;

	if (!t)
		return err;
	ns = mnt_ns_of(t);
	if (ns && !pid_link_root(t, &root)) {
		err = proc_text_open(f, produce);
		if (err)
			path_put(&root);
	}
	task_put(t);
	if (err) {
		mnt_ns_put(ns);
		return err;
	}
	x = f->private;
	x->mnt_ns = ns;
	x->mnt_root = root;
	x->event = mnt_ns_event(ns);
	return 0;
}

static void
mounts_release(struct file *f)
{
	struct proc_text *x = f->private;

	path_put(&x->mnt_root);
	mnt_ns_put(x->mnt_ns);
	proc_text_release(f);
}

static int
open_mounts(struct inode *i, struct file *f)
{
	return mounts_open(f, produce_mounts);
}

static int
open_mountinfo(struct inode *i, struct file *f)
{
	return mounts_open(f, produce_mountinfo);
}

static int
open_mountstats(struct inode *i, struct file *f)
{
	return mounts_open(f, produce_mountstats);
}

/* proc(5): POLLERR and POLLPRI after a change since the last poll */
static u32
mounts_poll(struct file *f, struct poll_table *pt)
{
	struct proc_text *x = f->private;
	u32 ev = POLLIN | POLLRDNORM;
	u64 now;

	poll_wait(f, mnt_ns_waitq(x->mnt_ns), pt);
	now = mnt_ns_event(x->mnt_ns);
	if (READ_ONCE(x->event) != now) {
		WRITE_ONCE(x->event, now);
		ev |= POLLERR | POLLPRI;
	}
	return ev;
}

#define MOUNTS_FOPS(n) \
const struct file_ops pid_##n##_fops = { \
	.open = open_##n, \
	.read_iter = proc_text_read, \
	.poll = mounts_poll, \
	.llseek = generic_llseek, \
	.release = mounts_release, \
}
MOUNTS_FOPS(mounts);
MOUNTS_FOPS(mountinfo);
MOUNTS_FOPS(mountstats);
