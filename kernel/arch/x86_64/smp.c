/* SPDX-License-Identifier: MIT */
/*
 * Processors: which there are, starting them, calling functions on them,
 * stopping them.
 *
 * Starting. One at a time: its per-CPU area (copy of the image's .percpu), its
 * stacks and run queue are made, a page below 1 MiB gets the trampoline, then
 * INIT and two start-up IPIs (SDM 3A 8.4.4), each wait bounded. A CPU that
 * does not come up is left out. nr_cpus grows when a CPU is on line; numbers
 * have no gaps.
 *
 * Calls. The caller owns one node for each target in its own per-CPU array and
 * pushes it on the target's lock-free list; an IPI goes out if the list was
 * empty. It then waits, with interrupts on, for the count of nodes not done.
 * IPIs get lost on some hypervisors, so the wait sends again from time to time.
 *
 * Stopping is by NMI, so that it works on a CPU that has interrupts off.
 */
#define LOG_MODULE smp
#include "arch.h"

#include <abi/errno.h>
#include <arch/fpu.h>
#include <arch/init.h>
#include <arch/irqchip.h>
#include <arch/irqflags.h>
#include <arch/paging.h>
#include <boot/bootinfo.h>
#include <boot/cmdline.h>
#include <boot/sections.h>
#include <core/assert.h>
#include <core/clock.h>
#include <core/irq.h>
#include <core/log.h>
#include <core/smp.h>
#include <core/spinlock.h>
#include <core/timer.h>
#include <lib/kstrto.h>
#include <lib/llist.h>
#include <lib/string.h>
#include <mm/memblock.h>
#include <mm/page.h>
#include <mm/slab.h>
#include <mm/vmap.h>
#include <sched/sched.h>

unsigned int nr_cpus = 1;
unsigned int nr_cpus_possible = 1;
unsigned long cpu_online_mask[(CONFIG_MAX_CPUS + 63) / 64] = { 1 };
unsigned long percpu_offset[CONFIG_MAX_CPUS] __ro_after_init;
DEFINE_PERCPU(unsigned long, percpu_self);
DEFINE_PERCPU(u32, percpu_cpu_id);

static u32 apic_ids[CONFIG_MAX_CPUS] __ro_after_init;	/* by CPU number */
static u32 found_ids[CONFIG_MAX_CPUS] __initdata;
static unsigned int nr_found __initdata;
static unsigned int nr_ignored __initdata;
static u32 stop_requested;		/* CPUs stop at an NMI */

u32
cpu_apic_id(unsigned int cpu)
{
	return apic_ids[cpu];
}

__init void
arch_lapic_found(u32 apic_id, bool usable)
{
	unsigned int i;

	if (!usable)
		return;
	for (i = 0; i < nr_found; i++) {
		if (found_ids[i] == apic_id)
			return;
	}
	if (nr_found == CONFIG_MAX_CPUS) {
		nr_ignored++;
		return;
	}
	found_ids[nr_found++] = apic_id;
	if (apic_id > 254)
		apic_want_x2apic();
}

bool
smp_nmi_expected(void)
{
	return READ_ONCE(stop_requested);
}

void
smp_nmi(struct pt_regs *regs)
{
	(void)regs;
#if CONFIG_SMP
	clear_bit(cpu_id(), cpu_online_mask);
	for (;;)
		__asm__ volatile("cli\n\thlt");
#endif
}

#if CONFIG_SMP
#define WAIT_START_US	100000		/* for a CPU to come up */
#define RESEND_TICKS	(1UL << 24)	/* TSC ticks before an IPI is repeated */

struct call_node {
	struct llist_node link;
	void (*fn)(void *arg);
	void *arg;
	u32 *pending;
};

static DEFINE_PERCPU(struct llist_head, call_queue);
static DEFINE_PERCPU(struct call_node *, call_nodes);
static DEFINE_PERCPU(struct cpu_stacks *, cpu_stacks);
static char *percpu_template __initdata;
static paddr_t trampoline_page __initdata;
static struct call_node boot_call_nodes[CONFIG_MAX_CPUS];

static unsigned int max_cpus __initdata = CONFIG_MAX_CPUS;
static u32 ap_started;			/* cpu number + 1 of the newest CPU */

extern u8 trampoline_start[], trampoline_end[], trampoline_data[];

void smp_ap_start(unsigned long cpu);

static int
nosmp_param(const char *v)
{
	(void)v;
	max_cpus = 1;
	return 0;
}
KPARAM("nosmp", nosmp_param);

static int
maxcpus_param(const char *v)
{
	u32 n;

	if (!v || kstrtou32(v, 0, &n))
		return -EINVAL;
	max_cpus = n ? n : 1;
	return 0;
}
KPARAM("maxcpus", maxcpus_param);

void
smp_send_resched(unsigned int cpu)
{
	apic_send_ipi(apic_ids[cpu], VEC_RESCHED);
}

void
smp_ipi_call(void)
{
	struct llist_node *p, *next;

	p = llist_reverse(llist_del_all(this_cpu_ptr(call_queue)));
	for (; p; p = next) {
		struct call_node *n = llist_entry(p, struct call_node, link);
		u32 *pending = n->pending;

		next = p->next;		/* the node is the caller's after fn */
		n->fn(n->arg);
		__atomic_sub_fetch(pending, 1, __ATOMIC_RELEASE);
	}
}

static void
call_resend(void)
{
	for_each_cpu(c) {
		if (c != cpu_id() && !llist_empty(&per_cpu(call_queue, c)))
			apic_send_ipi(apic_ids[c], VEC_CALL);
	}
}

void
smp_call(const unsigned long *mask, void (*fn)(void *), void *arg)
{
	struct call_node *nodes = this_cpu(call_nodes);
	unsigned long to[ARRAY_SIZE(cpu_online_mask)];
	u32 pending = 0;
	u64 since;

	if (nr_cpus == 1)
		return;
	ASSERT(!irq_disabled() && !in_irq());
	spin_debug_smp_call();
	/* a copy: the targets of a flush clear their bits as we go */
	for (unsigned int i = 0; i < ARRAY_SIZE(to); i++)
		to[i] = READ_ONCE(mask[i]);
	for_each_cpu(c) {
		if (c != cpu_id() && test_bit(c, to))
			pending++;
	}
	if (!pending)
		return;
	for_each_cpu(c) {
		struct call_node *n = &nodes[c];

		if (c == cpu_id() || !test_bit(c, to))
			continue;
		n->fn = fn;
		n->arg = arg;
		n->pending = &pending;
		if (llist_add(&n->link, &per_cpu(call_queue, c)))
			apic_send_ipi(apic_ids[c], VEC_CALL);
	}
	for (since = rdtsc(); __atomic_load_n(&pending, __ATOMIC_ACQUIRE);) {
		cpu_relax();
		if (rdtsc() - since > RESEND_TICKS) {
			call_resend();
			since = rdtsc();
		}
	}
}

void
smp_stop_others(void)
{
	unsigned int i;

	if (nr_cpus == 1 || __atomic_exchange_n(&stop_requested, 1,
						__ATOMIC_SEQ_CST))
		return;
	for_each_cpu(c) {
		if (c != cpu_id())
			apic_send_nmi(apic_ids[c]);
	}
	for (i = 0; i < 1000; i++) {
		bool all = true;

		for_each_cpu(c) {
			if (c != cpu_id() && test_bit(c, cpu_online_mask))
				all = false;
		}
		if (all)
			return;
		udelay(100);
	}
}

/* A page below 1 MiB for the trampoline: usable memory, not the first page. */
static __init paddr_t
trampoline_place(void)
{
	paddr_t best = 0;
	u32 i;

	for (i = 0; i < boot_info.nr_map; i++) {
		const struct boot_mem_range *r = &boot_info.map[i];
		paddr_t end = min_t(u64, r->end, 0xa0000) & ~(PAGE_SIZE - 1);

		if (r->type == BOOT_MEM_USABLE && end > r->start &&
		    end - PAGE_SIZE >= r->start && end - PAGE_SIZE > best)
			best = end - PAGE_SIZE;
	}
	return best;
}

/*
 * The boot CPU works in the image's own copy, so what the others start from
 * is put aside before anything but arch has used per-CPU data.
 */
__init void
percpu_save_template(void)
{
	size_t size = __percpu_end - __percpu_start;

	if (max_cpus < 2)
		return;
	percpu_template = phys_to_virt(memblock_alloc(size, 64));
	memcpy(percpu_template, __percpu_start, size);
	trampoline_page = trampoline_place();
	if (trampoline_page)
		memblock_reserve(trampoline_page, PAGE_SIZE);
}

static __init bool
ap_prepare(unsigned int cpu)
{
	size_t size = __percpu_end - __percpu_start;
	unsigned int order = 0;
	struct page *p;
	struct call_node *nodes;
	struct cpu_stacks *stacks;
	u8 *kstack;
	char *area;

	while (PAGE_SIZE << order < size)
		order++;
	p = page_alloc(order, GFP_KERNEL);
	nodes = kzalloc(sizeof(*nodes) * CONFIG_MAX_CPUS, GFP_KERNEL);
	stacks = vmalloc(sizeof(*stacks));
	kstack = kstack_alloc();
	if (!p || !nodes || !stacks || !kstack)
		return false;
	area = page_to_virt(p);
	memcpy(area, percpu_template, size);
	percpu_offset[cpu] = (unsigned long)(area - __percpu_start);
	per_cpu(percpu_self, cpu) = percpu_offset[cpu];
	per_cpu(percpu_cpu_id, cpu) = cpu;
	per_cpu(call_nodes, cpu) = nodes;
	per_cpu(cpu_stacks, cpu) = stacks;
	sched_init_cpu(cpu);
	sched_idle_thread(cpu)->kstack = kstack;
	return true;
}

/* irqs off on the new CPU, nobody else uses TSC synchronisation's words */
static u64 sync_last;
static u32 sync_stage;
static u64 sync_warp;
static struct spinlock sync_lock = SPINLOCK_INIT(RANK_NONE);

/*
 * Both CPUs take turns reading their TSC under one lock: it must never be seen
 * to go back. Some hundred rounds show an offset as large as a lock transfer.
 */
static void
tsc_sync_rounds(void)
{
	unsigned int i;

	for (i = 0; i < 500; i++) {
		u64 t, last;

		spin_lock(&sync_lock);
		last = sync_last;
		t = rdtsc();
		sync_last = t;
		if (t < last && last - t > sync_warp)
			sync_warp = last - t;
		spin_unlock(&sync_lock);
	}
}

static bool
sync_wait(u32 stage)
{
	u64 start = rdtsc(), limit = (tsc_khz() ? tsc_khz() : 1000000) * 500;

	while (READ_ONCE(sync_stage) < stage) {
		if (rdtsc() - start > limit)
			return false;
		cpu_relax();
	}
	return true;
}

static __init void
tsc_sync_check(void)
{
	if (!sync_wait(1))
		return;
	__atomic_store_n(&sync_stage, 2, __ATOMIC_RELEASE);
	tsc_sync_rounds();
	sync_wait(3);
}

static bool
ap_wait(unsigned int cpu, u32 us)
{
	for (; us; us -= min_t(u32, us, 50)) {
		if (__atomic_load_n(&ap_started, __ATOMIC_ACQUIRE) == cpu + 1)
			return true;
		udelay(50);
	}
	return false;
}

static __init bool
ap_boot(unsigned int cpu, u32 apic_id, u8 page)
{
	unsigned int i;

	apic_send_init(apic_id, true);
	udelay(200);
	apic_send_init(apic_id, false);
	udelay(cpu_has(CPU_HYPERVISOR) ? 100 : 10000);
	for (i = 0; i < 2; i++) {
		apic_send_sipi(apic_id, page);
		if (ap_wait(cpu, i ? WAIT_START_US : 300))
			return true;
	}
	/* emulated and loaded machines are slow, not dead */
	return ap_wait(cpu, 10 * WAIT_START_US);
}

static __init void
ap_add(unsigned int cpu, u32 apic_id, paddr_t page, u64 *data, paddr_t cr3)
{
	if (!ap_prepare(cpu)) {
		log_err(smp, "no memory for cpu %u\n", cpu);
		return;
	}
	apic_ids[cpu] = apic_id;
	data[0] = cr3;
	data[1] = (u64)sched_idle_thread(cpu)->kstack + KSTACK_SIZE;
	data[2] = (u64)smp_ap_start;
	data[3] = cpu;
	sync_stage = 0;
	sync_last = 0;
	if (!ap_boot(cpu, apic_id, page >> PAGE_SHIFT)) {
		log_err(smp, "processor with APIC id %u does not start\n",
			apic_id);
		return;
	}
	tsc_sync_check();
	set_bit(cpu, cpu_online_mask);
	__atomic_store_n(&nr_cpus, cpu + 1, __ATOMIC_RELEASE);
}

static __init void
start_all(void)
{
	size_t len = trampoline_end - trampoline_start;
	paddr_t place = trampoline_page;
	struct page *pml4;
	u8 *low;
	unsigned int i;

	this_cpu(call_nodes) = boot_call_nodes;
	if (!apic_on)
		return;
	apic_ids[0] = apic_id_read();
	if (nr_ignored)
		log_warn(smp, "%u processors above the limit of %u ignored\n",
			 nr_ignored, CONFIG_MAX_CPUS);
	if (nr_found < 2 || max_cpus < 2 || !percpu_template)
		return;
	pml4 = page_alloc(0, GFP_KERNEL | GFP_DMA32 | GFP_ZERO);
	if (!place || !pml4) {
		log_err(smp, "no low memory to start processors\n");
		return;
	}
	/*
	 * The identity map's large pages share directories with the direct map,
	 * which have no NX of their own.
	 */
	memcpy(page_to_virt(pml4), kernel_pml4, PAGE_SIZE);
	*(u64 *)page_to_virt(pml4) = kimage_to_phys(boot_ident_pdpt) |
		PTE_P | PTE_W | PTE_A;
	low = phys_to_virt(place);
	memcpy(low, trampoline_start, len);
	for (i = 0; i < nr_found && nr_cpus < max_cpus; i++) {
		if (found_ids[i] != apic_ids[0])
			ap_add(nr_cpus, found_ids[i], place,
			       (u64 *)(low + (trampoline_data -
				trampoline_start)), page_to_phys(pml4));
	}
	page_free(pml4, 0);
	nr_cpus_possible = nr_cpus;
	if (sync_warp)
		clock_tsc_unstable("processors disagree");
	log_info(smp, "smp: %u processors on line", nr_cpus);
}

__init void
smp_boot(void)
{
	unsigned long f;

	start_all();
	if (nr_cpus > 1)
		return;
	f = irq_save();
	alternatives_one_cpu();
	irq_restore(f);
}

/* On the new CPU: its idle thread's stack, the trampoline's tables and GDT. */
void
smp_ap_start(unsigned long cpu)
{
	wrmsr(MSR_GS_BASE, percpu_offset[cpu]);
	write_cr3(virt_to_phys(kernel_pml4));
	cpu_init_features();
	fpu_init_cpu();
	desc_set_stacks(this_cpu(cpu_stacks));
	desc_init_cpu();
	apic_init_cpu();
	kvmclock_init_cpu();
	lapic_timer_init_cpu();
	__atomic_store_n(&ap_started, (u32)cpu + 1, __ATOMIC_RELEASE);
	__atomic_store_n(&sync_stage, 1, __ATOMIC_RELEASE);
	if (sync_wait(2)) {
		tsc_sync_rounds();
		__atomic_store_n(&sync_stage, 3, __ATOMIC_RELEASE);
	}
	while (__atomic_load_n(&nr_cpus, __ATOMIC_ACQUIRE) <= cpu)
		cpu_relax();
	sched_idle_loop();
}
#else
__init void
percpu_save_template(void)
{
}

void
smp_boot(void)
{
	if (apic_on)
		apic_ids[0] = apic_id_read();
}

void
smp_send_resched(unsigned int cpu)
{
	(void)cpu;
}

void
smp_call(const unsigned long *mask, void (*fn)(void *), void *arg)
{
	(void)mask;
	(void)fn;
	(void)arg;
}

void
smp_stop_others(void)
{
}
#endif
