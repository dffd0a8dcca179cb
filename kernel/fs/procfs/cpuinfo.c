/* SPDX-License-Identifier: MIT */
/* /proc/cpuinfo, stat, interrupts, uptime, loadavg: processors and time. */
#include <arch/cpu.h>
#include <core/irq.h>
#include <core/smp.h>
#include <core/time.h>
#include <lib/printf.h>
#include <mm/slab.h>
#include <sched/sched.h>
#include <task/pid_ns.h>
#include "local.h"

#define NS_PER_TICK	(NSEC_PER_SEC / HZ_USER)
#define FLAGS_MAX	2048

static int
show_cpuinfo(struct seq_buf *s)
{
	const struct cpu_info *c = &boot_cpu_info;
	struct cpu_place at;
	u64 khz = tsc_khz();
	char *flags = kmalloc(FLAGS_MAX, GFP_KERNEL);

	if (!flags)
		return -ENOMEM;
	cpu_flags_string(flags, FLAGS_MAX);
	for_each_cpu(cpu) {
		seq_printf(s, "processor\t: %u\nvendor_id\t: %s\n"
			   "cpu family\t: %u\nmodel\t\t: %u\n"
			   "model name\t: %s\nstepping\t: %u\n", cpu,
			   c->vendor, c->family, c->model,
			   c->model_name[0] ? c->model_name : "unknown",
			   c->stepping);
		if (khz)
			seq_printf(s, "cpu MHz\t\t: %lu.%03lu\n", khz / 1000,
				   khz % 1000);
		if (c->cache_kib)
			seq_printf(s, "cache size\t: %u KB\n", c->cache_kib);
		cpu_place(cpu, &at);
		seq_printf(s, "physical id\t: %u\nsiblings\t: %u\n"
			   "core id\t\t: %u\ncpu cores\t: %u\n", at.package,
			   at.siblings, at.core, at.cores);
		seq_printf(s, "apicid\t\t: %u\ninitial apicid\t: %u\n"
			   "fpu\t\t: yes\nfpu_exception\t: yes\n"
			   "cpuid level\t: %u\nwp\t\t: yes\n"
			   "flags\t\t: %s\n", cpu_apic_id(cpu),
			   cpu_apic_id(cpu), cpuid(0, 0).eax, flags);
		if (khz)	/* what a delay loop of two instructions makes */
			seq_printf(s, "bogomips\t: %lu.%02lu\n", khz / 500,
				   khz % 500 / 5);
		seq_printf(s, "clflush size\t: %u\ncache_alignment\t: %u\n"
			   "address sizes\t: %u bits physical, "
			   "%u bits virtual\npower management:\n\n",
			   c->clflush_size, c->clflush_size, c->phys_bits,
			   c->virt_bits);
	}
	kfree(flags);
	return 0;
}

static void
put_cpu(struct seq_buf *s, const struct cpu_stat *st)
{
	/* iowait, steal and guest times are not told apart: 0 */
	seq_printf(s, " %lu %lu %lu %lu 0 %lu %lu 0 0 0\n",
		   st->user_ns / NS_PER_TICK, st->nice_ns / NS_PER_TICK,
		   st->system_ns / NS_PER_TICK, st->idle_ns / NS_PER_TICK,
		   st->irq_ns / NS_PER_TICK, st->softirq_ns / NS_PER_TICK);
}

static int
show_stat(struct seq_buf *s)
{
	struct cpu_stat sum = { 0 }, st;
	struct irq_stat is;

	for_each_cpu(c) {
		sched_cpu_stat(c, &st);
		sum.user_ns += st.user_ns;
		sum.nice_ns += st.nice_ns;
		sum.system_ns += st.system_ns;
		sum.idle_ns += st.idle_ns;
		sum.irq_ns += st.irq_ns;
		sum.softirq_ns += st.softirq_ns;
	}
	seq_puts(s, "cpu ");
	put_cpu(s, &sum);
	for_each_cpu(c) {
		sched_cpu_stat(c, &st);
		seq_printf(s, "cpu%u", c);
		put_cpu(s, &st);
	}
	seq_printf(s, "intr %lu", irq_total());
	for (unsigned int i = 0; irq_stat_get(i, &is); i++) {
		u64 n = 0;

		for_each_cpu(c)
			n += is.per_cpu[c];
		seq_printf(s, " %lu", n);
	}
	seq_printf(s, "\nctxt %lu\nbtime %lu\nprocesses %lu\n"
		   "procs_running %u\nprocs_blocked %u\n", sched_nr_switches(),
		   (clock_real_ns() - clock_mono_ns()) / NSEC_PER_SEC,
		   task_forks(), sched_nr_running(), sched_nr_blocked());
	return 0;
}

static int
show_interrupts(struct seq_buf *s)
{
	struct irq_stat is;

	seq_puts(s, "    ");
	for_each_cpu(c)
		seq_printf(s, "       CPU%-3u", c);
	seq_putc(s, '\n');
	for (unsigned int i = 0; irq_stat_get(i, &is); i++) {
		seq_printf(s, "%3u: ", is.gsi);
		for_each_cpu(c)
			seq_printf(s, "%10lu ", is.per_cpu[c]);
		seq_printf(s, " %8s  %3u      %s\n", is.chip, is.gsi, is.name);
	}
	return 0;
}

static int
show_uptime(struct seq_buf *s)
{
	u64 up = clock_mono_ns() / (NSEC_PER_SEC / 100);
	u64 idle = sched_idle_total_ns() / (NSEC_PER_SEC / 100);

	seq_printf(s, "%lu.%02lu %lu.%02lu\n", up / 100, up % 100, idle / 100,
		   idle % 100);
	return 0;
}

static int
show_loadavg(struct seq_buf *s)
{
	u64 avg[3];

	sched_loadavg(avg);
	for (int i = 0; i < 3; i++) {
		u64 v = avg[i] + (1 << 11) / 200;	/* rounded to 1/100 */

		seq_printf(s, "%lu.%02lu ", v >> 11,
			   (v & ((1 << 11) - 1)) * 100 >> 11);
	}
	seq_printf(s, "%u/%u %d\n", sched_nr_running(), task_count(),
		   READ_ONCE(s->pid_ns->cursor));
	return 0;
}

static const struct proc_entry cpuinfo = {
	.path = "cpuinfo", .mode = 0444, .show = show_cpuinfo,
};
static const struct proc_entry stat = {
	.path = "stat", .mode = 0444, .show = show_stat,
};
static const struct proc_entry interrupts = {
	.path = "interrupts", .mode = 0444, .show = show_interrupts,
};
static const struct proc_entry uptime = {
	.path = "uptime", .mode = 0444, .show = show_uptime,
};
static const struct proc_entry loadavg = {
	.path = "loadavg", .mode = 0444, .show = show_loadavg,
};
SET_ADD(proc_entry, cpuinfo);
SET_ADD(proc_entry, stat);
SET_ADD(proc_entry, interrupts);
SET_ADD(proc_entry, uptime);
SET_ADD(proc_entry, loadavg);
