/* SPDX-License-Identifier: MIT */
/*
 * /proc/sys/kernel/sched_*: how much of a CPU real-time threads get, and the
 * length of a round-robin turn. See sched(7).
 *
 * The two limits depend on each other: `lock` makes test and change one.
 */
#include <lib/kstrto.h>
#include <sched/mutex.h>
#include <sched/sched.h>
#include "local.h"

static struct mutex lock = MUTEX_INIT(lock, RANK_FS);

/* an int with blanks around it; false: it is something else */
static bool
parse_int(const char *buf, int *out)
{
	char s[24];
	size_t n;
	s64 v;

	buf += strspn(buf, " \t");
	n = strcspn(buf, " \t\n");
	if (n >= sizeof(s) || buf[n + strspn(buf + n, " \t\n")])
		return false;
	memcpy(s, buf, n);
	s[n] = '\0';
	if (kstrtos64(s, 0, &v) || v < INT_MIN || v > INT_MAX)
		return false;
	*out = (int)v;
	return true;
}

static int
show_period(struct seq_buf *s)
{
	seq_printf(s, "%d\n", READ_ONCE(sched_rt_period_us));
	return 0;
}

static int
show_runtime(struct seq_buf *s)
{
	seq_printf(s, "%d\n", READ_ONCE(sched_rt_runtime_us));
	return 0;
}

/* NULL: stays */
static int
change_limits(const int *period, const int *runtime)
{
	int err;

	mutex_lock(&lock);
	err = sched_set_rt_limit(period ? *period : sched_rt_period_us,
				 runtime ? *runtime : sched_rt_runtime_us);
	mutex_unlock(&lock);
	return err;
}

static ssize_t
write_period(const char *buf, size_t len)
{
	int v, err = parse_int(buf, &v) ? change_limits(&v, NULL) : -EINVAL;

	return err ? err : (ssize_t)len;
}

static ssize_t
write_runtime(const char *buf, size_t len)
{
	int v, err = parse_int(buf, &v) ? change_limits(NULL, &v) : -EINVAL;

	return err ? err : (ssize_t)len;
}

static int
show_timeslice(struct seq_buf *s)
{
	seq_printf(s, "%lu\n", READ_ONCE(sched_rr_slice_ns) / NSEC_PER_MSEC);
	return 0;
}

/* 0 and less: the default */
static ssize_t
write_timeslice(const char *buf, size_t len)
{
	int v;

	if (!parse_int(buf, &v))
		return -EINVAL;
	WRITE_ONCE(sched_rr_slice_ns,
		   v > 0 ? (u64)v * NSEC_PER_MSEC : RR_SLICE_NS);
	return len;
}

static const struct proc_entry entry_period = {
	.path = "sys/kernel/sched_rt_period_us", .mode = 0644,
	.show = show_period, .write = write_period,
};
SET_ADD(proc_entry, entry_period);
static const struct proc_entry entry_runtime = {
	.path = "sys/kernel/sched_rt_runtime_us", .mode = 0644,
	.show = show_runtime, .write = write_runtime,
};
SET_ADD(proc_entry, entry_runtime);
static const struct proc_entry entry_timeslice = {
	.path = "sys/kernel/sched_rr_timeslice_ms", .mode = 0644,
	.show = show_timeslice, .write = write_timeslice,
};
SET_ADD(proc_entry, entry_timeslice);
