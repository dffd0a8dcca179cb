/* SPDX-License-Identifier: MIT */
/*
 * Switching threads and building the first stack frame of new ones.
 *
 * Kernel stack of a thread, from the top: struct pt_regs of its user half,
 * then what it is doing in the kernel. A new thread starts in thread_entry
 * (entry.S), as if it had called arch_switch() there.
 *
 * User segment bases and selectors live in the CPU while the thread runs; the
 * kernel uses GS only. With FSGSBASE a program changes its bases without
 * telling us, so they are read back at each switch; GS by the MSR, because a
 * pair of SWAPGS costs more than one RDMSR and doubles the swapgs count.
 */
#include "arch.h"

#include <abi/errno.h>
#include <arch/fpu.h>
#include <arch/irqflags.h>
#include <arch/thread.h>
#include <arch/upcall.h>
#include <lib/string.h>
#include <mm/uaccess.h>
#include <sched/thread.h>

/* entry.S knows these */
static_assert(TIF_EXIT_WORK == 0xff && TIF_EXIT_ANY == 0x030000ff, "entry.S");
static_assert(TIF_FPU_LOAD >> 24 == 1 && TIF_IRET >> 24 == 2, "entry.S");
static_assert(TIF_SYSCALL_WORK == 0x700, "entry.S");

#define ARCH_SET_GS	0x1001
#define ARCH_SET_FS	0x1002
#define ARCH_GET_FS	0x1003
#define ARCH_GET_GS	0x1004
#define ARCH_GET_CPUID	0x1011
#define ARCH_SET_CPUID	0x1012

/* the six registers switch_stack() pops, and where it returns to */
struct switch_frame {
	u64 r15, r14, r13, r12, rbx, rbp, rip;
};

struct thread *switch_stack(u64 *save, u64 load, struct thread *prev);
extern u8 thread_entry[];

/* the user GS base KERNEL_GS_BASE holds */
static DEFINE_PERCPU(u64, user_gs_base);

static __always_inline u64
rdfsbase(void)
{
	u64 v;

	__asm__ volatile("rdfsbase %0" : "=r"(v));
	return v;
}

static __always_inline void
wrfsbase(u64 v)
{
	__asm__ volatile("wrfsbase %0" : : "r"(v));
}

static __always_inline u32
selectors_used(void)
{
	u32 ds, es, fs, gs;

	__asm__ volatile("movl %%ds, %0\n\tmovl %%es, %1\n\t"
			 "movl %%fs, %2\n\tmovl %%gs, %3"
			 : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	return ds | es | fs | gs;
}

#define selectors_packed(t)	(*(const u64 *)&(t)->arch.ds)

/*
 * Some program has loaded a segment register. Loading FS or GS changes the
 * base, so this runs before the bases of next are written, and the kernel's
 * GS base is put back.
 */
static __noinline __cold void
switch_selectors(struct thread *prev, struct thread *next)
{
	struct arch_thread *p = &prev->arch;
	const struct arch_thread *n = &next->arch;
	u64 gs = this_cpu(percpu_self);

	if (!prev->kernel_only)
		__asm__ volatile("movw %%ds, %0\n\tmovw %%es, %1\n\t"
				 "movw %%fs, %2\n\tmovw %%gs, %3"
				 : "=m"(p->ds), "=m"(p->es), "=m"(p->fs),
				   "=m"(p->gs));
	/* only what programs can load by themselves: always valid here */
	__asm__ volatile("movw %0, %%ds\n\tmovw %1, %%es\n\t"
			 "movw %2, %%fs\n\tmovw %3, %%gs"
			 : : "m"(n->ds), "m"(n->es), "m"(n->fs), "m"(n->gs));
	wrmsr(MSR_GS_BASE, gs);
}

struct thread *
arch_switch(struct thread *prev, struct thread *next)
{
	bool fsgsbase = cpu_has(CPU_FSGSBASE);

	if (!prev->kernel_only) {
		if (prev->arch.fpu)
			fpu_switch_out(prev);
		if (fsgsbase) {
			u64 gs = rdmsr(MSR_KERNEL_GS_BASE);

			prev->arch.fs_base = rdfsbase();
			prev->arch.gs_base = gs;
			this_cpu(user_gs_base) = gs;
		}
	}
	if (!next->kernel_only) {
		if (unlikely(selectors_used() | selectors_packed(next)))
			switch_selectors(prev, next);
		if (fsgsbase)
			wrfsbase(next->arch.fs_base);
		else
			wrmsr(MSR_FS_BASE, next->arch.fs_base);
		if (this_cpu(user_gs_base) != next->arch.gs_base) {
			this_cpu(user_gs_base) = next->arch.gs_base;
			wrmsr(MSR_KERNEL_GS_BASE, next->arch.gs_base);
		}
	} else if (unlikely(!prev->kernel_only && selectors_used())) {
		switch_selectors(prev, next);
	}
	this_cpu(cpu_tss).rsp0 = (u64)next->kstack + KSTACK_SIZE;
	return switch_stack(&prev->arch.rsp, next->arch.rsp, prev);
}

static struct pt_regs *
first_frame(struct thread *t, void (*fn)(void *), void *arg)
{
	struct pt_regs *regs = thread_regs(t);
	struct switch_frame *f = (struct switch_frame *)regs - 1;

	*f = (struct switch_frame){ .rip = (u64)thread_entry,
		.r12 = (u64)fn, .r13 = (u64)arg };
	t->arch.rsp = (u64)f;
	return regs;
}

void
arch_thread_init_user(struct thread *t, const struct pt_regs *regs)
{
	struct pt_regs *r = first_frame(t, NULL, NULL);
	struct thread *cur = current_thread;

	*r = *regs;
	r->rax = 0;
	if (t->mm_arch || !cur->kernel_only) {
		/* bases as the parent has them now */
		t->arch.fs_base = cpu_has(CPU_FSGSBASE) ? rdfsbase() :
			cur->arch.fs_base;
		t->arch.gs_base = cpu_has(CPU_FSGSBASE) ?
			rdmsr(MSR_KERNEL_GS_BASE) : cur->arch.gs_base;
		__asm__ volatile("movw %%ds, %0\n\tmovw %%es, %1\n\t"
				 "movw %%fs, %2\n\tmovw %%gs, %3"
				 : "=m"(t->arch.ds), "=m"(t->arch.es),
				   "=m"(t->arch.fs), "=m"(t->arch.gs));
	}
}

void
arch_thread_init_kernel(struct thread *t, void (*fn)(void *), void *arg)
{
	struct pt_regs *r = first_frame(t, fn, arg);

	memset(r, 0, sizeof(*r));
	memset(&t->arch.fs_base, 0, 2 * sizeof(u64));
	t->arch.ds = t->arch.es = t->arch.fs = t->arch.gs = 0;
	t->arch.fpu_cpu = ~0U;
	if (t->arch.fpu)
		fpu_reset(t);
}

void
arch_thread_exec(struct pt_regs *regs, vaddr_t entry, vaddr_t sp)
{
	struct thread *t = current_thread;
	unsigned long f;
	u64 self;

	memset(regs, 0, sizeof(*regs));
	regs->rip = entry;
	regs->rsp = sp;
	regs->cs = USER_CS;
	regs->ss = USER_DS;
	regs->rflags = RFLAGS_IF;
	regs->orig_rax = ~0UL;
	/* what SYSRET leaves there; lets the exit path use it */
	regs->rcx = entry;
	regs->r11 = RFLAGS_IF;

	f = irq_save();
	if (selectors_used()) {
		t->arch.ds = t->arch.es = t->arch.fs = t->arch.gs = 0;
		switch_selectors(t, t);
		t->arch.ds = t->arch.es = t->arch.fs = t->arch.gs = 0;
		/* loading %gs clears its base: %gs:… is CPU 0's until wrmsr */
		self = this_cpu(percpu_self);
		__asm__ volatile("movl %0, %%ds\n\tmovl %0, %%es\n\t"
				 "movl %0, %%fs\n\tmovl %0, %%gs"
				 : : "r"(0));
		wrmsr(MSR_GS_BASE, self);
	}
	arch_set_tls(t, 0);
	t->arch.gs_base = 0;
	/* hardly any program has one, and to look is cheaper than to write */
	if (cpu_has(CPU_FSGSBASE) ? rdmsr(MSR_KERNEL_GS_BASE) :
	    this_cpu(user_gs_base))
		wrmsr(MSR_KERNEL_GS_BASE, 0);
	this_cpu(user_gs_base) = 0;
	t->arch.trap_no = t->arch.error_code = t->arch.cr2 = 0;
	tif_own_set(t, TIF_IRET);
	irq_restore(f);
	if (t->arch.fpu)
		fpu_reset(t);
}

void
arch_set_tls(struct thread *t, u64 base)
{
	t->arch.fs_base = base;
	if (t != current_thread)
		return;
	if (cpu_has(CPU_FSGSBASE))
		wrfsbase(base);
	else
		wrmsr(MSR_FS_BASE, base);
}

void
arch_user_sync(void)
{
	struct arch_thread *a = &current_thread->arch;

	__asm__ volatile("movw %%ds, %0\n\tmovw %%es, %1\n\t"
			 "movw %%fs, %2\n\tmovw %%gs, %3"
			 : "=m"(a->ds), "=m"(a->es), "=m"(a->fs), "=m"(a->gs));
	if (cpu_has(CPU_FSGSBASE)) {
		a->fs_base = rdfsbase();
		a->gs_base = rdmsr(MSR_KERNEL_GS_BASE);
	}
}

static void
set_user_gs(struct thread *t, u64 base)
{
	unsigned long f = irq_save();

	t->arch.gs_base = base;
	this_cpu(user_gs_base) = base;
	wrmsr(MSR_KERNEL_GS_BASE, base);
	irq_restore(f);
}

long
arch_prctl_call(int code, unsigned long addr)
{
	struct thread *t = current_thread;
	bool live = cpu_has(CPU_FSGSBASE);

	switch (code) {
	case ARCH_SET_FS:
		if (addr >= USER_MAX)
			return -EPERM;
		arch_set_tls(t, addr);
		return 0;
	case ARCH_SET_GS:
		if (addr >= USER_MAX)
			return -EPERM;
		set_user_gs(t, addr);
		return 0;
	case ARCH_GET_FS:
		return put_user(live ? rdfsbase() : t->arch.fs_base,
				(u64 __user *)addr);
	case ARCH_GET_GS:
		return put_user(live ? rdmsr(MSR_KERNEL_GS_BASE) :
				t->arch.gs_base, (u64 __user *)addr);
	case ARCH_GET_CPUID:
		return 1;
	case ARCH_SET_CPUID:
		return -ENODEV;		/* no CPUID faulting */
	default:
		return -EINVAL;
	}
}
