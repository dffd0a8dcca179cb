/* SPDX-License-Identifier: MIT */
/*
 * SysRq. Commands that only print or end the machine run where the key came
 * in; those that sleep or signal run as work. What belongs to other rooms
 * comes through sysrq_hooks.
 */
#include <abi/signal.h>
#include <boot/cmdline.h>
#include <core/assert.h>
#include <core/ksyms.h>
#include <core/log.h>
#include <core/reboot.h>
#include <core/sysrq.h>
#include <fs/procfs.h>
#include <lib/ctype.h>
#include <lib/kstrto.h>
#include <task/pid_ns.h>
#include <task/signal.h>
#include <task/task.h>
#include <task/work.h>
#include <tty/tty.h>
#include "local.h"
#include "vt.h"

/* bits of kernel.sysrq, Linux' numbers */
#define SQ_LOG		0x02
#define SQ_KEYBOARD	0x04
#define SQ_DUMP		0x08
#define SQ_SYNC		0x10
#define SQ_REMOUNT	0x20
#define SQ_SIGNAL	0x40
#define SQ_BOOT		0x80
#define SQ_RTNICE	0x100

int sysrq_enabled = 1;
struct sysrq_hooks sysrq_hooks;

static u8 pending_key;

/* every process but init and kernel threads */
static void
signal_all(int sig)
{
	struct task *t;
	pid_t nr = 1;

	while ((t = task_next_leader(&init_pid_ns, nr))) {
		nr = pid_nr(t->tgid);
		if (!(t->flags & TASK_KTHREAD) && nr != 1)
			signal_send_group(t, sig, SEND_SIG_PRIV);
		task_put(t);
	}
}

static void
sysrq_work_fn(struct work *w)
{
	switch (pending_key) {
	case 'e': signal_all(SIGTERM); break;
	case 'i': signal_all(SIGKILL); break;
	case 'f':
		if (sysrq_hooks.oom_kill)
			sysrq_hooks.oom_kill();
		break;
	case 'k': {
		/* secure access key: nobody keeps the shown terminal */
		struct vt *v = &vts[READ_ONCE(vt_fg)];

		tty_signal_pgrp(&v->tty, SIGKILL);
		tty_hangup(&v->tty);
		break;
	}
	case 'o':
		machine_end(MACHINE_POWER_OFF);
	case 's':
		if (sysrq_hooks.sync)
			sysrq_hooks.sync();
		kprintf("sysrq: Sync Complete");
		break;
	case 'u':
		if (sysrq_hooks.remount_ro)
			sysrq_hooks.remount_ro();
		break;
	}
}

static struct work sysrq_work = WORK_INIT(sysrq_work, sysrq_work_fn);

static void
later(u8 key)
{
	pending_key = key;
	work_queue(&sysrq_work);
}

static void
show_here(void)
{
	kprintf("CPU: %u Comm: %.16s", cpu_id(), current_thread->comm);
	backtrace_print((unsigned long)__builtin_frame_address(0),
			(unsigned long)show_here);
}

static void
run_b(u8 key)
{
	machine_end(MACHINE_RESTART);
}

static void
run_c(u8 key)
{
	panic("sysrq triggered crash");
}

static void
run_level(u8 key)
{
	console_loglevel = key == '0' ? 0 : key - '0';
	kprintf("sysrq: Loglevel set to %c", key);
}

static void
run_show(u8 key)
{
	switch (key) {
	case 'm':
		if (sysrq_hooks.show_memory)
			sysrq_hooks.show_memory();
		break;
	case 't':
	case 'w':
		if (sysrq_hooks.show_tasks)
			sysrq_hooks.show_tasks(key == 'w');
		break;
	case 'l':
		if (sysrq_hooks.show_cpus) {
			sysrq_hooks.show_cpus();
			break;
		}
		__fallthrough;
	default:
		show_here();
		break;
	}
}

static void run_help(u8 key);

static const struct sysrq_op {
	char key;
	u16 mask;
	const char *help;	/* how 'h' lists it */
	const char *action;
	void (*run)(u8 key);
} ops[] = {
	{ 'b', SQ_BOOT, "reboot(b)", "Resetting", run_b },
	{ 'c', SQ_DUMP, "crash(c)", "Trigger a crash", run_c },
	{ 'e', SQ_SIGNAL, "terminate-all-tasks(e)", "Terminate All Tasks",
	  later },
	{ 'f', SQ_SIGNAL, "memory-full-oom-kill(f)", "Manual OOM execution",
	  later },
	{ 'h', 0xffff, "help(h)", "HELP", run_help },
	{ 'i', SQ_SIGNAL, "kill-all-tasks(i)", "Kill All Tasks", later },
	{ 'k', SQ_KEYBOARD, "sak(k)", "SAK", later },
	{ 'l', SQ_DUMP, "show-backtrace-all-active-cpus(l)",
	  "Show backtrace of all active CPUs", run_show },
	{ 'm', SQ_DUMP, "show-memory-usage(m)", "Show Memory", run_show },
	{ 'o', SQ_BOOT, "poweroff(o)", "Power Off", later },
	{ 'p', SQ_DUMP, "show-registers(p)", "Show Regs", run_show },
	{ 's', SQ_SYNC, "sync(s)", "Emergency Sync", later },
	{ 't', SQ_DUMP, "show-task-states(t)", "Show State", run_show },
	{ 'u', SQ_REMOUNT, "unmount(u)", "Emergency Remount R/O", later },
	{ 'w', SQ_DUMP, "show-blocked-tasks(w)", "Show Blocked State",
	  run_show },
};

static void
run_help(u8 key)
{
	kprintf("sysrq: HELP : loglevel(0-9)");
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		kprintf("sysrq: %s", ops[i].help);
}

static void
dispatch(u8 key, bool masked)
{
	bool all = !masked || sysrq_enabled == 1;

	key = tolower(key);
	if (masked && !sysrq_enabled)
		return;
	if (isdigit(key)) {
		if (all || sysrq_enabled & SQ_LOG)
			run_level(key);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		if (ops[i].key != key)
			continue;
		if (all || ops[i].mask & sysrq_enabled ||
		    ops[i].mask == 0xffff) {
			kprintf("sysrq: %s", ops[i].action);
			ops[i].run(key);
		} else {
			kprintf("sysrq: This sysrq operation is disabled.");
		}
		return;
	}
	run_help(key);
}

void
sysrq_key(u8 key)
{
	dispatch(key, false);
}

void
sysrq_key_masked(u8 key)
{
	dispatch(key, true);
}

static ssize_t
trigger_write(const char *buf, size_t len)
{
	if (len)
		sysrq_key(buf[0]);
	return len;
}

static const struct proc_entry trigger_entry = {
	.path = "sysrq-trigger", .mode = 0200, .write = trigger_write,
};
SET_ADD(proc_entry, trigger_entry);

static const struct proc_sysctl_int mask_entry = {
	.path = "kernel/sysrq", .mode = 0644, .value = &sysrq_enabled,
	.min = 0, .max = INT_MAX,
};
SET_ADD(proc_sysctl, mask_entry);

static int
always_param(const char *value)
{
	sysrq_enabled = 1;
	return 0;
}
KPARAM("sysrq_always_enabled", always_param);
