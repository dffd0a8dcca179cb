/* SPDX-License-Identifier: MIT */
/*
 * Exceptions. From user mode: a signal to the thread, with the codes Linux
 * gives. From the kernel: a fixup from the exception table if the instruction
 * has one (user memory access, XRSTOR of user data), else an oops: registers,
 * backtrace, and the end of the task if it can be ended alone, of the machine
 * otherwise.
 *
 * Page faults at user addresses from the kernel go to mm_fault() only when the
 * code could sleep: interrupts on, no pagefault_disable(). With SMAP a fault
 * with RFLAGS.AC clear is not an uaccess routine's, so it is a bug even if the
 * address could be mapped.
 *
 * entry.S calls trap_*; interrupts are off at the call.
 */
#define LOG_MODULE arch
#include "arch.h"

#include <abi/signal.h>
#include <arch/fpu.h>
#include <arch/irqflags.h>
#include <arch/upcall.h>
#include <core/assert.h>
#include <core/irq.h>
#include <core/ksyms.h>
#include <core/log.h>
#include <lib/string.h>
#include <mm/uaccess.h>
#include <boot/cmdline.h>
#include <core/smp.h>
#include <sched/thread.h>

#define PF_PRESENT	BIT(0)
#define PF_WRITE	BIT(1)
#define PF_USER		BIT(2)
#define PF_FETCH	BIT(4)

#define DR6_STEP	BIT(14)

enum { T_DE, T_DB, T_NMI, T_BP, T_OF, T_BR, T_UD, T_NM, T_DF, T_CSO, T_TS,
	T_NP, T_SS, T_GP, T_PF, T_15, T_MF, T_AC, T_MC, T_XF };

#define ASSERT_PT(f, o) \
	static_assert(offsetof(struct pt_regs, f) == (o), "arch/regs.h")
ASSERT_PT(r15, PT_R15); ASSERT_PT(rbx, PT_RBX); ASSERT_PT(rax, PT_RAX);
ASSERT_PT(rdi, PT_RDI); ASSERT_PT(orig_rax, PT_ORIG_RAX);
ASSERT_PT(rip, PT_RIP); ASSERT_PT(rflags, PT_RFLAGS); ASSERT_PT(ss, PT_SS);
static_assert(sizeof(struct pt_regs) == PT_SIZE, "arch/regs.h");

static const char *const trap_names[] = {
	"divide error", "debug", "NMI", "int3", "overflow", "bounds",
	"invalid opcode", "device not available", "double fault",
	"coprocessor segment overrun", "invalid TSS", "segment not present",
	"stack segment", "general protection", "page fault", "reserved",
	"x87 floating point", "alignment check", "machine check",
	"SIMD floating point", "virtualization", "control protection",
};

DEFINE_PERCPU(u32, fixup_trapno);
void (*oops_exit_hook)(void) __ro_after_init;
static bool panic_on_oops;

void trap_page_fault_user(struct pt_regs *regs);
void trap_page_fault_kernel(struct pt_regs *regs);
void trap_user_exception(struct pt_regs *regs, u32 vector);
void trap_kernel_exception(struct pt_regs *regs, u32 vector);
void trap_paranoid(struct pt_regs *regs, u32 vector);
struct pt_regs *trap_bad_iret(struct pt_regs *bad);

static int
oops_param(const char *v)
{
	panic_on_oops = v && !strcmp(v, "panic");
	return 0;
}
KPARAM("oops", oops_param);

static const char *
trap_name(u32 vector)
{
	return vector < ARRAY_SIZE(trap_names) ? trap_names[vector] :
		"reserved";
}

void
regs_print(const struct pt_regs *r)
{
	struct thread *t = current_thread;

	kprintf("cpu %u thread %.16s rip %04lx:%pS\n", cpu_id(),
		t ? t->comm : "(none)", r->cs, (void *)r->rip);
	kprintf("rsp %04lx:%016lx rflags %08lx orig_rax %lx\n", r->ss, r->rsp,
		r->rflags, r->orig_rax);
	kprintf("rax %016lx rbx %016lx rcx %016lx\n", r->rax, r->rbx, r->rcx);
	kprintf("rdx %016lx rsi %016lx rdi %016lx\n", r->rdx, r->rsi, r->rdi);
	kprintf("rbp %016lx r8  %016lx r9  %016lx\n", r->rbp, r->r8, r->r9);
	kprintf("r10 %016lx r11 %016lx r12 %016lx\n", r->r10, r->r11, r->r12);
	kprintf("r13 %016lx r14 %016lx r15 %016lx\n", r->r13, r->r14, r->r15);
	kprintf("cr0 %08lx cr2 %016lx cr3 %08lx cr4 %08lx\n", read_cr0(),
		read_cr2(), read_cr3(), read_cr4());
}

static void
code_print(const struct pt_regs *r)
{
	static const char hex[] = "0123456789abcdef";
	char line[3 * 24 + 3];
	u8 code[24];
	unsigned int i, n = 0;

	if (kernel_read_nofault(code, (void *)(r->rip - 8), sizeof(code)))
		return;
	for (i = 0; i < sizeof(code); i++) {
		line[n++] = i == 8 ? '>' : ' ';
		line[n++] = hex[code[i] >> 4];
		line[n++] = hex[code[i] & 15];
	}
	line[n] = '\0';
	kprintf("code%s\n", line);
}

void
oops(struct pt_regs *regs, const char *what, u32 vector, u64 err)
{
	static u32 count;
	struct thread *t = current_thread;
	bool fatal = panic_on_oops || !oops_exit_hook || !t || t->kernel_only ||
		in_irq() || !(regs->rflags & RFLAGS_IF) ||
		this_cpu(pagefault_off);

	log_verbose();
	kprintf("Oops: %s (vector %u, error %04lx) #%u\n", what, vector, err,
		__atomic_add_fetch(&count, 1, __ATOMIC_RELAXED));
	regs_print(regs);
	code_print(regs);
	backtrace_print(regs->rbp, regs->rip);
	if (fatal)
		panic("%s", what);
	irq_enable();
	oops_exit_hook();
	panic("oops_exit_hook returned");
}

static bool
fixup(struct pt_regs *regs, u32 vector)
{
	unsigned long to = extable_find(regs->rip);

	if (!to)
		return false;
	this_cpu(fixup_trapno) = vector;
	regs->rip = to;
	regs->rflags &= ~RFLAGS_AC;
	return true;
}

/* A synchronous signal, remembered for sigcontext. */
static void
user_trap(int sig, int code, vaddr_t addr, u32 vector, u64 err)
{
	struct arch_thread *a = &current_thread->arch;

	a->trap_no = vector;
	a->error_code = err;
	signal_force(sig, code, addr, vector, err);
}

void
trap_page_fault_user(struct pt_regs *regs)
{
	vaddr_t addr = read_cr2();
	u64 err = regs->orig_rax;
	int r;

	if (likely(regs->rflags & RFLAGS_IF))
		irq_enable();
	regs->orig_rax = ~0UL;
	if (likely(addr < USER_MAX)) {
		r = mm_fault(regs, addr, err);
		if (likely(!r))
			return;
	} else {
		/* no telling what the kernel half looks like */
		r = SIGSEGV << 16 | SEGV_MAPERR;
		err |= PF_PRESENT;
	}
	current_thread->arch.cr2 = addr;
	user_trap(r >> 16, r & 0xffff, addr, T_PF, err);
}

static bool
stack_guard_hit(vaddr_t addr)
{
	struct thread *t = current_thread;
	vaddr_t low = t ? (vaddr_t)t->kstack : 0;

	return low && addr < low && addr >= low - PAGE_SIZE;
}

void
trap_page_fault_kernel(struct pt_regs *regs)
{
	vaddr_t addr = read_cr2();
	u64 err = regs->orig_rax;

	if (addr < USER_MAX) {
		if (cpu_has(CPU_SMAP) && !(regs->rflags & RFLAGS_AC)) {
			/* the rest of a batch whose first fault cleared AC */
			if (fixup(regs, T_PF))
				return;
			oops(regs, addr < PAGE_SIZE ? "NULL pointer" :
			     err & PF_FETCH ? "execution of user memory" :
			     "stray user memory access", T_PF, err);
			return;
		}
		if ((regs->rflags & RFLAGS_IF) && !this_cpu(pagefault_off) &&
		    !in_irq()) {
			irq_enable();
			if (likely(!mm_fault(regs, addr, err))) {
				irq_disable();
				return;
			}
			irq_disable();
		}
	}
	if (fixup(regs, T_PF))
		return;
	oops(regs, stack_guard_hit(addr) ? "kernel stack overflow" :
	     addr < PAGE_SIZE ? "NULL pointer" :
	     err & PF_FETCH ? "execution of non-executable memory" :
	     err & PF_PRESENT ? "page protection" : "unmapped address",
	     T_PF, err);
}

/* FPE_* from sticky exception bits that are not masked. */
static int
fpe_code(u32 status, u32 mask)
{
	u32 e = status & ~mask & 0x3f;

	return e & 0x01 ? FPE_FLTINV : e & 0x04 ? FPE_FLTDIV :
		e & 0x08 ? FPE_FLTOVF : e & 0x12 ? FPE_FLTUND :
		e & 0x20 ? FPE_FLTRES : 0;
}

static void
fpe_trap(struct pt_regs *regs, u32 vector)
{
	const struct { u16 cw, sw; u32 skip[5]; u32 mxcsr; } *f;
	int code;

	if (!current_thread->arch.fpu)
		return;
	fpu_flush(current_thread);
	f = current_thread->arch.fpu;
	code = vector == T_MF ? fpe_code(f->sw, f->cw) :
		fpe_code(f->mxcsr, f->mxcsr >> 7);
	if (!code)
		return;		/* cleared meanwhile: retry */
	user_trap(SIGFPE, code, regs->rip, vector, 0);
}

static void
debug_trap(struct pt_regs *regs)
{
	u64 dr6 = debug_trap_dr6(regs);

	user_trap(SIGTRAP, dr6 & DR6_STEP ? TRAP_TRACE : dr6 & 0xf ?
		  TRAP_HWBKPT : TRAP_BRKPT, regs->rip, T_DB, 0);
}

void
trap_user_exception(struct pt_regs *regs, u32 vector)
{
	u64 err = regs->orig_rax;

	irq_enable();
	regs->orig_rax = ~0UL;
	switch (vector) {
	case T_DE:
		user_trap(SIGFPE, FPE_INTDIV, regs->rip, vector, 0);
		break;
	case T_DB:
		debug_trap(regs);
		break;
	case T_BP:
		user_trap(SIGTRAP, SI_KERNEL, 0, vector, 0);
		break;
	case T_UD:
		user_trap(SIGILL, ILL_ILLOPN, regs->rip, vector, 0);
		break;
	case T_NM:		/* CR0.TS is never set by us: someone did */
		__asm__ volatile("clts");
		break;
	case T_CSO:
		user_trap(SIGFPE, SI_KERNEL, 0, vector, 0);
		break;
	case T_NP:
	case T_SS:
		user_trap(SIGBUS, SI_KERNEL, 0, vector, err);
		break;
	case T_MF:
	case T_XF:
		fpe_trap(regs, vector);
		break;
	case T_AC:
		user_trap(SIGBUS, BUS_ADRALN, 0, vector, err);
		break;
	case T_MC:
		panic("machine check in user mode at %lx", regs->rip);
	default:		/* #OF #BR #TS #GP #VE #CP */
		user_trap(SIGSEGV, SI_KERNEL, 0, vector, err);
		break;
	}
}

void
trap_kernel_exception(struct pt_regs *regs, u32 vector)
{
	if (fixup(regs, vector))
		return;
	oops(regs, trap_name(vector), vector, regs->orig_rax);
}

/*
 * IRET to user mode faulted with the user's registers loaded again. The frame
 * it was to pop still stands at bad->rsp, the top of the thread's stack, 48
 * bytes above where ours ends: move the registers back under it.
 */
struct pt_regs *
trap_bad_iret(struct pt_regs *bad)
{
	struct pt_regs *regs = thread_regs(current_thread);

	ASSERT(bad->rsp == (u64)&regs->rip);
	memmove(regs, bad, offsetof(struct pt_regs, rip));
	return regs;
}

/* On an IST stack: nothing here may sleep or fault. */
void
trap_paranoid(struct pt_regs *regs, u32 vector)
{
	switch (vector) {
	case T_NMI:
		if (smp_nmi_expected())
			smp_nmi(regs);
		else
			log_ratelimited(arch, LOG_ERR,
				"unexpected NMI at %pS, ignored\n",
				(void *)regs->rip);
		return;
	case T_DB:
		/* a kernel address in a debug register, or ICEBP: pass over */
		__asm__ volatile("movq %0, %%dr6" : : "r"(0xffff0ff0UL));
		regs->rflags &= ~RFLAGS_TF;
		return;
	case T_DF:
		log_panicking = true;
		kprintf("Oops: %s\n", stack_guard_hit(read_cr2()) ||
			stack_guard_hit(regs->rsp) ? "kernel stack overflow" :
			"double fault");
		regs_print(regs);
		backtrace_print(regs->rbp, regs->rip);
		panic("double fault");
	default:
		log_panicking = true;
		regs_print(regs);
		panic("machine check, MCG_STATUS %lx", rdmsr(0x17a));
	}
}
