/* SPDX-License-Identifier: MIT */
/* System calls about the system: its names, log, memory, end; prctl(2). */
#include <abi/limits.h>
#include <abi/misc.h>
#include <core/log.h>
#include <core/random.h>
#include <core/reboot.h>
#include <core/time.h>
#include <dev/kmsg.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <syscall/entry.h>
#include <proc/proc.h>
#include <syscall/syscall.h>
#include <task/pid_ns.h>
#include <task/local.h>
#include <task/signal.h>
#include <task/uts.h>
#include <tty/tty.h>
#include <vfs/vfs.h>

/* ---- names ---- */

long
sys_uname(struct abi_utsname __user *out)
{
	struct abi_utsname u;

	uts_get(&u);
	/* PER_LINUX32 asks for the 32-bit machine name */
	if ((current->personality & 0xff) == 8)
		strscpy(u.machine, "i686", sizeof(u.machine));
	return copyout(out, &u, sizeof(u));
}

static long
set_name(size_t field, const char __user *u, int len)
{
	char tmp[HOST_NAME_MAX];

	if (!uts_may_set())
		return -EPERM;
	if (len < 0 || len > HOST_NAME_MAX)
		return -EINVAL;
	if (copyin(tmp, u, len))
		return -EFAULT;
	return uts_set(field, tmp, len);
}

long
sys_sethostname(const char __user *u, int len)
{
	return set_name(offsetof(struct abi_utsname, nodename), u, len);
}

long
sys_setdomainname(const char __user *u, int len)
{
	return set_name(offsetof(struct abi_utsname, domainname), u, len);
}

/* ---- figures ---- */

long
sys_sysinfo(struct abi_sysinfo __user *out)
{
	struct abi_sysinfo s = { .mem_unit = 1 };
	struct mem_stat m;
	u64 avg[3];

	mem_stat_get(&m);
	sched_loadavg(avg);
	s.uptime = clock_mono_ns() / NSEC_PER_SEC;
	for (int i = 0; i < 3; i++)
		s.loads[i] = avg[i] << (16 - 11);
	s.totalram = m.total * PAGE_SIZE;
	s.freeram = m.free * PAGE_SIZE;
	s.sharedram = m.shmem * PAGE_SIZE;
	s.bufferram = m.buffers * PAGE_SIZE;
	s.procs = min_t(u32, task_count(), 65535);
	return copyout(out, &s, sizeof(s));
}

long
sys_getrandom(void __user *buf, size_t len, unsigned int flags)
{
	u8 tmp[256];
	size_t done = 0, left;

	if (flags & ~7U || (flags & 6) == 6)	/* RANDOM and INSECURE exclude */
		return -EINVAL;
	len = min_t(size_t, len, INT_MAX);
	while (done < len) {
		size_t n = min(len - done, sizeof(tmp));

		random_bytes(tmp, n);
		left = raw_copyout((char __user *)buf + done, tmp, n);
		done += n - left;
		if (left) {
			if (!done)
				done = -EFAULT;
			break;
		}
		if (need_resched()) {
			if (signal_pending_current() && done)
				break;
			cond_resched();
		}
	}
	memset(tmp, 0, sizeof(tmp));
	barrier();
	return done;
}

/* ---- the log, syslog(2) ---- */

/* One record as "<prio>[    1.234567] text\n"; length. */
static size_t
format_record(const struct log_record *r, char *out, size_t size)
{
	return scnprintf(out, size, "<%u>[%5lu.%06lu] %.*s\n",
			 r->facility << 3 | min_t(u8, r->level, LOG_DEBUG),
			 r->ts_ns / NSEC_PER_SEC,
			 r->ts_ns % NSEC_PER_SEC / 1000, (int)r->len, r->text);
}

#define LOG_LINE 1100

/* Read whole records that fit, from *seq on. Bytes or -errno. */
static long
syslog_read(u64 *seq, char __user *buf, size_t len, u64 stop)
{
	struct log_record r = { 0 };
	char *text = kmalloc(2 * LOG_LINE, GFP_KERNEL), *line;
	size_t done = 0, n;
	u64 next;
	int e;

	if (!text)
		return -ENOMEM;
	line = text + LOG_LINE;
	while (*seq < stop) {
		r.text = text;
		r.text_max = LOG_LINE - 64;
		next = *seq;
		e = log_read(&next, &r);
		if (e == -EPIPE) {
			*seq = next;
			continue;
		}
		if (e)
			break;
		n = format_record(&r, line, LOG_LINE);
		if (done + n > len)
			break;
		if (copyout(buf + done, line, n)) {
			done = done ? done : (size_t)-EFAULT;
			break;
		}
		done += n;
		*seq = next;
	}
	kfree(text);
	return done;
}

/* First record so that all from it on fit len: for "read last". */
static u64
syslog_tail(u64 from, u64 stop, size_t len)
{
	struct log_record r = { 0 };
	char *text = kmalloc(2 * LOG_LINE, GFP_KERNEL);
	u64 seq = from, next;
	size_t total = 0;

	if (!text)
		return stop;
	/* two passes: what all take, then drop from the front */
	for (int pass = 0; pass < 2; pass++) {
		for (seq = from; seq < stop && (!pass || total > len);) {
			r.text = text;
			r.text_max = LOG_LINE - 64;
			next = seq;
			if (log_read(&next, &r) == 0) {
				size_t n = format_record(&r, text + LOG_LINE,
							 LOG_LINE);

				total = pass ? total - n : total + n;
			} else if (next <= seq) {
				break;
			}
			seq = next;
		}
	}
	kfree(text);
	return seq;
}

static u64
log_bytes(u64 from, u64 stop)
{
	struct log_record r = { 0 };
	char *text = kmalloc(2 * LOG_LINE, GFP_KERNEL);
	u64 total = 0, next;

	if (!text)
		return 0;
	while (from < stop) {
		r.text = text;
		r.text_max = LOG_LINE - 64;
		next = from;
		if (log_read(&next, &r) == 0)
			total += format_record(&r, text + LOG_LINE, LOG_LINE);
		else if (next <= from)
			break;
		from = next;
	}
	kfree(text);
	return total;
}

long
sys_syslog(int type, char __user *buf, int len)
{
	static int saved_level = -1;
	long r = 0;

	if (!((type == 3 || type == 10) && !dmesg_restrict) &&
	    !capable(CAP_SYSLOG) && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if ((type >= 2 && type <= 4) && (!buf || len < 0))
		return -EINVAL;
	switch (type) {
	case 0:		/* close */
	case 1:		/* open */
		return 0;
	case 2:		/* read: wait for something */
		if (!len)
			return 0;
		current->flags |= TASK_LOG_READER;
		r = log_wait_intr(kmsg_read_seq);
		if (r)
			return r;
		mutex_lock(&kmsg_lock);
		r = syslog_read(&kmsg_read_seq, buf, len, log_next_seq());
		mutex_unlock(&kmsg_lock);
		return r;
	case 3:		/* read all */
	case 4: {	/* read and clear */
		u64 stop = log_next_seq(), from;

		from = max(kmsg_clear_seq, log_first_seq());
		from = syslog_tail(from, stop, len);
		r = syslog_read(&from, buf, len, stop);
		if (type == 4 && r >= 0)
			kmsg_clear_seq = stop;
		return r;
	}
	case 5:		/* clear */
		kmsg_clear_seq = log_next_seq();
		return 0;
	case 6:		/* console off */
		if (saved_level < 0)
			saved_level = console_loglevel;
		console_loglevel = 1;
		return 0;
	case 7:		/* console on */
		if (saved_level >= 0)
			console_loglevel = saved_level;
		saved_level = -1;
		return 0;
	case 8:		/* console level */
		if (len < 1 || len > 8)
			return -EINVAL;
		console_loglevel = len;
		saved_level = -1;
		return 0;
	case 9:		/* size unread */
		return log_bytes(max(kmsg_read_seq, log_first_seq()),
				 log_next_seq());
	case 10:	/* size of the buffer */
		return log_buffer_size();
	}
	return -EINVAL;
}

/* ---- the end ---- */

static void
cad_handler(void)
{
	if (cad_enabled)
		machine_end(MACHINE_RESTART);
	if (init_task)
		signal_send_group(init_task, SIGINT, SEND_SIG_PRIV);
}

void
misc_init(void)
{
	ctrl_alt_del_set_handler(cad_handler);
}

/* reboot(2), "Behavior inside PID namespaces": its init seems to be killed */
static long
reboot_pid_ns(struct pid_ns *ns, u32 cmd)
{
	unsigned long f;

	switch (cmd) {
	case REBOOT_CMD_RESTART:
	case REBOOT_CMD_RESTART2:
		ns->end_signal = SIGHUP;
		break;
	case REBOOT_CMD_HALT:
	case REBOOT_CMD_POWER_OFF:
		ns->end_signal = SIGINT;
		break;
	default:
		return -EINVAL;
	}
	f = spin_lock_irqsave(&tasklist_lock);
	signal_send_group(ns->reaper, SIGKILL, SEND_SIG_PRIV);
	spin_unlock_irqrestore(&tasklist_lock, f);
	proc_exit(0);
}

long
sys_reboot(u32 magic1, u32 magic2, u32 cmd, void __user *arg)
{
	char text[256];

	struct pid_ns *ns = current_pid_ns();

	if (!ns_capable(ns->ns.owner, CAP_SYS_BOOT))
		return -EPERM;
	if (magic1 != REBOOT_MAGIC1 || (magic2 != REBOOT_MAGIC2 &&
	    magic2 != REBOOT_MAGIC2A && magic2 != REBOOT_MAGIC2B &&
	    magic2 != REBOOT_MAGIC2C))
		return -EINVAL;
	if (ns != &init_pid_ns)
		return reboot_pid_ns(ns, cmd);
	switch (cmd) {
	case REBOOT_CMD_CAD_ON:
		cad_enabled = true;
		return 0;
	case REBOOT_CMD_CAD_OFF:
		cad_enabled = false;
		return 0;
	case REBOOT_CMD_RESTART2:
		if (copyinstr(text, arg, sizeof(text)) == -EFAULT)
			return -EFAULT;
		text[sizeof(text) - 1] = '\0';
		log_notice(core, "Restarting system with command '%s'", text);
		machine_end(MACHINE_RESTART);
	case REBOOT_CMD_RESTART:
		log_notice(core, "Restarting system");
		machine_end(MACHINE_RESTART);
	case REBOOT_CMD_HALT:
		log_notice(core, "System halted");
		machine_end(MACHINE_HALT);
	case REBOOT_CMD_POWER_OFF:
		log_notice(core, "Power down");
		machine_end(MACHINE_POWER_OFF);
	}
	return -EINVAL;
}

long
sys_vhangup(void)
{
	return tty_vhangup_current();
}
