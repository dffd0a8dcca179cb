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
#include <proc/seccomp.h>
#include <syscall/entry.h>
#include <syscall/sys_seccomp.h>
#include <syscall/utsname.h>
#include <task/local.h>
#include <task/signal.h>
#include <tty/tty.h>
#include <vfs/vfs.h>

/* ---- names ---- */

struct abi_utsname utsname = {
	.sysname = "Linux",
	.nodename = "(none)",
	.release = CONFIG_UNAME_RELEASE,
	.version = CONFIG_UNAME_VERSION,
	.machine = "x86_64",
	.domainname = "(none)",
};
static struct rwsem uts_sem = RWSEM_INIT(uts_sem, RANK_OBJECT);

void
utsname_get(struct abi_utsname *out)
{
	rwsem_read_lock(&uts_sem);
	*out = utsname;
	rwsem_read_unlock(&uts_sem);
}

int
utsname_set(char *field, const char *s, size_t len)
{
	if (len > HOST_NAME_MAX)
		return -EINVAL;
	rwsem_write_lock(&uts_sem);
	memcpy(field, s, len);
	memset(field + len, 0, 65 - len);
	rwsem_write_unlock(&uts_sem);
	return 0;
}

long
sys_uname(struct abi_utsname __user *out)
{
	struct abi_utsname u;

	utsname_get(&u);
	/* PER_LINUX32 asks for the 32-bit machine name */
	if ((current->personality & 0xff) == 8)
		strscpy(u.machine, "i686", sizeof(u.machine));
	return copyout(out, &u, sizeof(u));
}

static long
set_name(char *field, const char __user *u, int len)
{
	char tmp[HOST_NAME_MAX];

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (len < 0 || len > HOST_NAME_MAX)
		return -EINVAL;
	if (copyin(tmp, u, len))
		return -EFAULT;
	return utsname_set(field, tmp, len);
}

long
sys_sethostname(const char __user *u, int len)
{
	return set_name(utsname.nodename, u, len);
}

long
sys_setdomainname(const char __user *u, int len)
{
	return set_name(utsname.domainname, u, len);
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

long
sys_reboot(u32 magic1, u32 magic2, u32 cmd, void __user *arg)
{
	char text[256];

	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	if (magic1 != REBOOT_MAGIC1 || (magic2 != REBOOT_MAGIC2 &&
	    magic2 != REBOOT_MAGIC2A && magic2 != REBOOT_MAGIC2B &&
	    magic2 != REBOOT_MAGIC2C))
		return -EINVAL;
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

/* ---- prctl(2) ---- */

static long
prctl_ambient(unsigned long op, unsigned long cap)
{
	const struct cred *o = current_cred();
	struct cred *c;

	if (op == PR_CAP_AMBIENT_CLEAR_ALL ? cap : cap > CAP_LAST_CAP)
		return -EINVAL;
	if (op == PR_CAP_AMBIENT_IS_SET)
		return o->cap_ambient >> cap & 1;
	if (op < PR_CAP_AMBIENT_RAISE || op > PR_CAP_AMBIENT_CLEAR_ALL)
		return -EINVAL;
	if (op == PR_CAP_AMBIENT_RAISE &&
	    (!(o->cap_permitted >> cap & 1) ||
	     !(o->cap_inheritable >> cap & 1) ||
	     (o->securebits & SECBIT_NO_CAP_AMBIENT_RAISE)))
		return -EPERM;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (op == PR_CAP_AMBIENT_RAISE)
		c->cap_ambient |= BIT(cap);
	else if (op == PR_CAP_AMBIENT_LOWER)
		c->cap_ambient &= ~BIT(cap);
	else
		c->cap_ambient = 0;
	cred_commit(c);
	return 0;
}

/* may current's securebits become v? capabilities(7), "securebits" */
static bool
securebits_ok(u32 old, unsigned long v)
{
	return !(((old & SECBITS_LOCKS) >> 1) & (old ^ v)) &&
		!(old & SECBITS_LOCKS & ~v) &&
		!(v & ~(unsigned long)(SECBITS_ALL | SECBITS_LOCKS)) &&
		capable(CAP_SETPCAP);
}

/* 0 when prctl_cred() may do op with v */
static int
prctl_cred_check(int op, unsigned long v)
{
	u32 old = current_cred()->securebits;

	switch (op) {
	case PR_SET_KEEPCAPS:
		if (v > 1)
			return -EINVAL;
		return old & SECBIT_KEEP_CAPS_LOCKED ? -EPERM : 0;
	case PR_CAPBSET_DROP:
		if (!capable(CAP_SETPCAP))
			return -EPERM;
		return v > CAP_LAST_CAP ? -EINVAL : 0;
	default:
		return securebits_ok(old, v) ? 0 : -EPERM;
	}
}

/* Change a copy of the credentials: bounding set or securebits. */
static long
prctl_cred(int op, unsigned long v)
{
	struct cred *c;
	int err = prctl_cred_check(op, v);

	if (err)
		return err;
	c = cred_prepare();
	if (!c)
		return -ENOMEM;
	if (op == PR_CAPBSET_DROP)
		c->cap_bset &= ~BIT(v);
	else if (op == PR_SET_SECUREBITS)
		c->securebits = v;
	else if (v)
		c->securebits |= SECBIT_KEEP_CAPS;
	else
		c->securebits &= ~SECBIT_KEEP_CAPS;
	cred_commit(c);
	return 0;
}

long
sys_prctl(int op, unsigned long a2, unsigned long a3, unsigned long a4,
	  unsigned long a5)
{
	struct task *t = current;
	char name[16] = { 0 };
	long r;

	switch (op) {
	case PR_SET_PDEATHSIG:
		if (a2 > NSIG)
			return -EINVAL;
		t->pdeath_signal = a2;
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user(t->pdeath_signal, (int __user *)a2);
	case PR_GET_DUMPABLE:
		return t->mm->flags & 3;
	case PR_SET_DUMPABLE:
		if (a2 > 1)
			return -EINVAL;
		__atomic_and_fetch(&t->mm->flags, ~3UL, __ATOMIC_RELAXED);
		__atomic_or_fetch(&t->mm->flags, a2, __ATOMIC_RELAXED);
		return 0;
	case PR_GET_KEEPCAPS:
		return !!(current_cred()->securebits & SECBIT_KEEP_CAPS);
	case PR_GET_TIMING:
		return 0;
	case PR_SET_TIMING:
		return a2 ? -EINVAL : 0;
	case PR_SET_NAME:
		r = copyinstr(name, (const char __user *)a2, sizeof(name));
		if (r == -EFAULT)
			return r;
		name[15] = '\0';
		task_set_comm(t, name);
		return 0;
	case PR_GET_NAME:
		return copyout((void __user *)a2, t->thread.comm,
			       sizeof(t->thread.comm));
	case PR_CAPBSET_READ:
		return a2 > CAP_LAST_CAP ? -EINVAL :
			(long)(current_cred()->cap_bset >> a2 & 1);
	case PR_CAPBSET_DROP:
	case PR_SET_KEEPCAPS:
	case PR_SET_SECUREBITS:
		return prctl_cred(op, a2);
	case PR_GET_SECUREBITS:
		return current_cred()->securebits;
	case PR_GET_SECCOMP:
		return t->seccomp_mode;
	case PR_SET_SECCOMP:
		return prctl_set_seccomp(a2, (void __user *)a3);
	case PR_SET_SYSCALL_USER_DISPATCH:
		return syscall_dispatch_set(t, a2, a3, a4, a5);
	case PR_GET_TSC:
		return put_user(1, (int __user *)a2);
	case PR_SET_TIMERSLACK:
		t->timer_slack_ns = (long)a2 <= 0 ? 50000 : a2;
		return 0;
	case PR_GET_TIMERSLACK:
		return t->timer_slack_ns;
	case PR_SET_CHILD_SUBREAPER:
		t->signal->child_subreaper = !!a2;
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return put_user((int)t->signal->child_subreaper,
				(int __user *)a2);
	case PR_SET_NO_NEW_PRIVS:
		if (a2 != 1 || a3 || a4 || a5)
			return -EINVAL;
		t->no_new_privs = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return a2 || a3 || a4 || a5 ? -EINVAL : t->no_new_privs;
	case PR_GET_TID_ADDRESS:
		return put_user(t->clear_child_tid, (u64 __user *)a2);
	case PR_CAP_AMBIENT:
		return a4 || a5 ? -EINVAL : prctl_ambient(a2, a3);
	}
	return -EINVAL;
}
