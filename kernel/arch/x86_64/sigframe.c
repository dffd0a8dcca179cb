/* SPDX-License-Identifier: MIT */
/*
 * The signal frame, as the x86_64 ABI fixed it (signal(7), <sys/ucontext.h>):
 * from high to low addresses, below the 128-byte red zone or at the top of the
 * alternate stack:
 *
 *	fpstate		XSAVE area and its end magic, 64-byte aligned
 *	siginfo, ucontext, return address: RSP + 8 is 16-byte aligned
 *
 * FPU registers are saved to and restored from user memory directly. That is
 * done with interrupts off, so that a page fault in it becomes a fixup and not
 * a sleep, after which the registers could be another thread's; the page is
 * then faulted in and the instruction tried again.
 *
 * On the way back nothing in the frame is trusted: XRSTOR faults on a bad
 * header or MXCSR and is fixed up, selectors are ours, of RFLAGS only the bits
 * a program can change by itself are taken, and IRET checks the address.
 */
#include "arch.h"

#include <abi/errno.h>
#include <arch/fpu.h>
#include <arch/irqflags.h>
#include <arch/sigframe.h>
#include <lib/string.h>
#include <mm/uaccess.h>
#include <sched/thread.h>

#define UC_FP_XSTATE		1
#define UC_SIGCONTEXT_SS	2
#define UC_STRICT_RESTORE_SS	4
#define FP_XSTATE_MAGIC1	0x46505853U
#define FP_XSTATE_MAGIC2	0x46505845U
#define FXSAVE_SIZE		512
#define XSAVE_MIN		576
#define XSTATE_FPSSE		3UL
#define RED_ZONE		128

/* CF PF AF ZF SF TF DF OF RF AC */
#define RFLAGS_USER		0x50dd5UL

struct abi_sigcontext {
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags;
	u16 cs, gs, fs, ss;
	u64 err, trapno, oldmask, cr2, fpstate, reserved[8];
};
static_assert(sizeof(struct abi_sigcontext) == 256, "ABI");

struct abi_ucontext {
	u64 flags, link;
	struct abi_stack stack;
	struct abi_sigcontext mc;
	u64 sigmask;
};
static_assert(offsetof(struct abi_ucontext, mc) == 40, "ABI");

struct rt_sigframe {
	u64 retaddr;
	struct abi_ucontext uc;
	struct abi_siginfo info;
};
static_assert(sizeof(struct rt_sigframe) == 440, "ABI");

/* The software bytes of the FXSAVE image, offset 464. */
struct fpx_sw {
	u32 magic1, extended_size;
	u64 xfeatures;
	u32 xstate_size, pad[7];
};
static_assert(sizeof(struct fpx_sw) == 48, "ABI");
#define FPX_SW_OFFSET	464

/* Bytes of fpstate on the user's stack. */
static u32
fpstate_size(void)
{
	return cpu_has(CPU_XSAVE) ? fpu_state_size + 4 : FXSAVE_SIZE;
}

u32
sigframe_max_size(void)
{
	return ALIGN_UP(fpstate_size() + 63, 64U) +
		ALIGN_UP((u32)sizeof(struct rt_sigframe) + 8 + 15, 16U);
}

/* One attempt; irqs off. 0, or the vector it faulted with. */
static u32
user_save(unsigned long fp)
{
	u32 bad = 0;

	if (cpu_has(CPU_XSAVE))
		__asm__ volatile(ASM_STAC "1:\txsave64 (%1)\n2:\t" ASM_CLAC
			".pushsection .text.fixup, \"ax\"\n3:\tmovl $1, %0\n\t"
			"jmp 2b\n\t.popsection\n\t" ASM_EXTABLE("1b", "3b")
			: "+r"(bad) : "r"(fp), "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile(ASM_STAC "1:\tfxsave64 (%1)\n2:\t" ASM_CLAC
			".pushsection .text.fixup, \"ax\"\n3:\tmovl $1, %0\n\t"
			"jmp 2b\n\t.popsection\n\t" ASM_EXTABLE("1b", "3b")
			: "+r"(bad) : "r"(fp) : "memory");
	return bad ? this_cpu(fixup_trapno) : 0;
}

static u32
user_load(unsigned long fp, u64 mask)
{
	u32 bad = 0;

	if (cpu_has(CPU_XSAVE) && mask != XSTATE_FPSSE + (1UL << 63))
		__asm__ volatile(ASM_STAC "1:\txrstor64 (%1)\n2:\t" ASM_CLAC
			".pushsection .text.fixup, \"ax\"\n3:\tmovl $1, %0\n\t"
			"jmp 2b\n\t.popsection\n\t" ASM_EXTABLE("1b", "3b")
			: "+r"(bad) : "r"(fp), "a"((u32)mask),
			  "d"((u32)(mask >> 32)) : "memory");
	else
		__asm__ volatile(ASM_STAC "1:\tfxrstor64 (%1)\n2:\t" ASM_CLAC
			".pushsection .text.fixup, \"ax\"\n3:\tmovl $1, %0\n\t"
			"jmp 2b\n\t.popsection\n\t" ASM_EXTABLE("1b", "3b")
			: "+r"(bad) : "r"(fp) : "memory");
	return bad ? this_cpu(fixup_trapno) : 0;
}

static int
fpstate_save(unsigned long fp)
{
	struct thread *t = current_thread;
	const u32 size = fpu_state_size;
	struct fpx_sw sw = { .magic1 = FP_XSTATE_MAGIC1,
		.extended_size = size + 4, .xfeatures = fpu_xcr0,
		.xstate_size = size };
	u64 header[8] = { 0 };
	int tries;

	if (!access_ok(fp, fpstate_size()))
		return -EFAULT;
	/* XSAVE updates one word of its header and leaves the rest */
	if (cpu_has(CPU_XSAVE) &&
	    copyout((void __user *)(fp + FXSAVE_SIZE), header, sizeof(header)))
		return -EFAULT;
	for (tries = 0;; tries++) {
		u32 bad;

		irq_disable();
		if (tif_test(t, TIF_FPU_LOAD))
			fpu_load(t);
		bad = user_save(fp);
		irq_enable();
		if (!bad)
			break;
		if (tries == 3 ||
		    fault_in_writeable((void __user *)fp, fpstate_size()))
			return -EFAULT;
	}
	if (!cpu_has(CPU_XSAVE)) {
		sw = (struct fpx_sw){ 0 };
	} else if (put_user(FP_XSTATE_MAGIC2, (u32 __user *)(fp + size))) {
		return -EFAULT;
	}
	return copyout((void __user *)(fp + FPX_SW_OFFSET), &sw, sizeof(sw));
}

/* Where the frame goes; 0 when it would leave the stack it belongs on. */
static unsigned long
frame_place(const struct sigframe_args *a, const struct pt_regs *regs,
	    unsigned long *fp)
{
	u64 base = a->altstack.ss_sp, size = a->altstack.ss_size;
	unsigned long sp = regs->rsp - RED_ZONE;
	bool on_alt = size && !(a->altstack.ss_flags & SS_DISABLE) &&
		regs->rsp > base && regs->rsp - base <= size;

	if (a->use_altstack && !on_alt) {
		sp = base + size;
		on_alt = true;
	} else if (!a->use_altstack) {
		on_alt = false;
	}
	sp = ALIGN_DOWN(sp - fpstate_size(), 64UL);
	*fp = sp;
	sp = ALIGN_DOWN(sp - sizeof(struct rt_sigframe), 16UL) - 8;
	if (on_alt && (sp <= base || sp - base > size))
		return 0;
	return sp;
}

int
sigframe_setup(const struct sigframe_args *a, struct pt_regs *regs)
{
	struct thread *t = current_thread;
	unsigned long fp, sp = frame_place(a, regs, &fp);
	struct rt_sigframe __user *frame = (struct rt_sigframe __user *)sp;
	struct {
		u64 retaddr;
		struct abi_ucontext uc;
	} f;
	struct abi_sigcontext *m = &f.uc.mc;

	if (!sp || !(a->sa_flags & SA_RESTORER) || fpstate_save(fp))
		return -EFAULT;
	f.retaddr = a->restorer;
	f.uc.flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS |
		(cpu_has(CPU_XSAVE) ? UC_FP_XSTATE : 0);
	f.uc.link = 0;
	f.uc.stack = a->altstack;
	m->r8 = regs->r8;
	m->r9 = regs->r9;
	m->r10 = regs->r10;
	m->r11 = regs->r11;
	m->r12 = regs->r12;
	m->r13 = regs->r13;
	m->r14 = regs->r14;
	m->r15 = regs->r15;
	m->rdi = regs->rdi;
	m->rsi = regs->rsi;
	m->rbp = regs->rbp;
	m->rbx = regs->rbx;
	m->rdx = regs->rdx;
	m->rax = regs->rax;
	m->rcx = regs->rcx;
	m->rsp = regs->rsp;
	m->rip = regs->rip;
	m->eflags = regs->rflags;
	m->cs = regs->cs;
	m->gs = 0;
	m->fs = 0;
	m->ss = regs->ss;
	m->err = t->arch.error_code;
	m->trapno = t->arch.trap_no;
	m->oldmask = a->oldmask;
	m->cr2 = t->arch.cr2;
	m->fpstate = fp;
	memset(m->reserved, 0, sizeof(m->reserved));
	f.uc.sigmask = a->oldmask;
	if (copyout(frame, &f, sizeof(f)))
		return -EFAULT;
	if ((a->sa_flags & SA_SIGINFO) &&
	    copyout(&frame->info, a->info, sizeof(*a->info)))
		return -EFAULT;

	regs->rdi = a->sig;
	regs->rsi = sp + offsetof(struct rt_sigframe, info);
	regs->rdx = sp + offsetof(struct rt_sigframe, uc);
	regs->rax = 0;
	regs->rip = a->handler;
	regs->rsp = sp;
	regs->cs = USER_CS;
	regs->ss = USER_DS;
	regs->rflags &= ~(RFLAGS_DF | RFLAGS_RF | RFLAGS_TF);
	/* undefined for the handler: as SYSRET wants them */
	regs->rcx = regs->rip;
	regs->r11 = regs->rflags;
	tif_own_set(t, TIF_IRET);
	return 0;
}

/* What of the components at fp is to be loaded; 0: plain FXSAVE image. */
static int
fpstate_mask(unsigned long fp, u64 *mask)
{
	struct fpx_sw sw;
	u32 magic2;

	*mask = 0;
	if (!cpu_has(CPU_XSAVE))
		return 0;
	if (copyin(&sw, (void __user *)(fp + FPX_SW_OFFSET), sizeof(sw)))
		return -EFAULT;
	if (sw.magic1 != FP_XSTATE_MAGIC1 || sw.xstate_size < XSAVE_MIN ||
	    sw.xstate_size > fpu_state_size ||
	    sw.xstate_size > sw.extended_size)
		return 0;
	if (get_user(magic2, (u32 __user *)(fp + sw.xstate_size)))
		return -EFAULT;
	if (magic2 == FP_XSTATE_MAGIC2)
		*mask = sw.xfeatures & fpu_xcr0;
	return 0;
}

static int
fpstate_restore(unsigned long fp)
{
	struct thread *t = current_thread;
	u64 mask;
	int tries, e = -EFAULT;

	if (!fp) {
		fpu_reset(t);
		return 0;
	}
	if (!access_ok(fp, FXSAVE_SIZE) || fpstate_mask(fp, &mask))
		goto bad;
	for (tries = 0; tries < 4; tries++) {
		u32 trap;

		irq_disable();
		/*
		 * Own the registers: initial state first, so that parts the
		 * frame does not hold are defined, whole when all are there.
		 */
		if (mask != fpu_xcr0)
			fpu_reset(t);
		if (tif_test(t, TIF_FPU_LOAD))
			fpu_load(t);
		trap = user_load(fp, mask ? mask :
				 XSTATE_FPSSE + (1UL << 63));
		irq_enable();
		if (!trap)
			return 0;
		if (trap != 14 || fault_in_readable((void __user *)fp,
				mask ? fpu_state_size : FXSAVE_SIZE))
			break;
	}
bad:
	fpu_reset(t);
	return e;
}

int
sigframe_restore(struct pt_regs *regs, u64 *mask, struct abi_stack *altstack)
{
	struct abi_ucontext uc;
	const struct abi_sigcontext *m = &uc.mc;

	/* the handler's return popped the restorer's address */
	if (copyin(&uc, (void __user *)(regs->rsp - 8 +
			offsetof(struct rt_sigframe, uc)), sizeof(uc)))
		return -EFAULT;
	*mask = uc.sigmask;
	*altstack = uc.stack;
	regs->r8 = m->r8;
	regs->r9 = m->r9;
	regs->r10 = m->r10;
	regs->r11 = m->r11;
	regs->r12 = m->r12;
	regs->r13 = m->r13;
	regs->r14 = m->r14;
	regs->r15 = m->r15;
	regs->rdi = m->rdi;
	regs->rsi = m->rsi;
	regs->rbp = m->rbp;
	regs->rbx = m->rbx;
	regs->rdx = m->rdx;
	regs->rax = m->rax;
	regs->rcx = m->rcx;
	regs->rsp = m->rsp;
	regs->rip = m->rip;
	regs->cs = USER_CS;
	regs->ss = USER_DS;
	regs->rflags = (regs->rflags & ~RFLAGS_USER) |
		(m->eflags & RFLAGS_USER);
	regs->orig_rax = ~0UL;		/* no restart */
	tif_own_set(current_thread, TIF_IRET);
	return fpstate_restore(m->fpstate);
}
