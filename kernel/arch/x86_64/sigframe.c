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
 * The rest of the frame is written and read a word at a time between one STAC
 * and one CLAC; words that fault are noted in an error number.
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

/*
 * The software bytes of the FXSAVE image: u32 magic1, size with magic2; u64
 * components; u32 size without; 28 bytes of zeros.
 */
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

/*
 * A word of user memory, range checked by the caller, between USER_BEGIN() and
 * USER_END(). A fault that cannot be resolved sets e; the accesses after it
 * then fail as well, as AC is clear.
 */
#define USER_BEGIN()	__asm__ volatile(ASM_STAC : : : "memory")
#define USER_END()	__asm__ volatile(ASM_CLAC : : : "memory")
#define USER_FIXUP(more) \
	"2:\n.pushsection .text.fixup, \"ax\"\n3:\tmovl %3, %0\n\t" more \
	"jmp 2b\n\t.popsection\n\t" ASM_EXTABLE("1b", "3b")
#define USER_PUT(e, v, at) \
	__asm__ volatile("1:\tmovq %1, %2\n" USER_FIXUP("") : "+r"(e) \
		: "er"((u64)(v)), "m"(*(u64 *)(at)), "i"(-EFAULT))
#define USER_PUT32(e, v, at) \
	__asm__ volatile("1:\tmovl %1, %2\n" USER_FIXUP("") : "+r"(e) \
		: "ir"((u32)(v)), "m"(*(u32 *)(at)), "i"(-EFAULT))
#define USER_GET(e, v, at) do { \
	u64 v_; \
	__asm__ volatile("1:\tmovq %2, %1\n" USER_FIXUP("xorl %k1, %k1\n\t") \
		: "+r"(e), "=&r"(v_) : "m"(*(u64 *)(at)), "i"(-EFAULT)); \
	(v) = v_; } while (0)

/* What XSAVE leaves to us: a clean header, the software bytes, the magic. */
static __always_inline int
fpstate_prepare(unsigned long fp)
{
	unsigned long header = fp + FXSAVE_SIZE, sw = fp + FPX_SW_OFFSET;
	bool xsave = cpu_has(CPU_XSAVE);
	u32 size = fpu_state_size;
	int e = 0;

	if (xsave) {
#pragma GCC unroll 8
		for (int i = 0; i < 64; i += 8)
			USER_PUT(e, 0, header + i);
		USER_PUT32(e, FP_XSTATE_MAGIC2, fp + size);
	}
	USER_PUT(e, xsave ? FP_XSTATE_MAGIC1 | (u64)(size + 4) << 32 : 0, sw);
	USER_PUT(e, xsave ? fpu_xcr0 : 0, sw + 8);
	USER_PUT(e, xsave ? size : 0, sw + 16);
#pragma GCC unroll 3
	for (int i = 24; i < 48; i += 8)
		USER_PUT(e, 0, sw + i);
	return e;
}

static int
fpstate_save(unsigned long fp)
{
	struct thread *t = current_thread;

	for (int tries = 0;; tries++) {
		u32 bad;

		irq_disable();
		if (tif_test(t, TIF_FPU_LOAD))
			fpu_load(t);
		bad = user_save(fp);
		irq_enable();
		if (likely(!bad))
			return 0;
		if (tries == 3 ||
		    fault_in_writeable((void __user *)fp, fpstate_size()))
			return -EFAULT;
	}
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

/* retaddr and ucontext; the caller has opened user memory */
static __always_inline int
frame_put(const struct sigframe_args *a, const struct pt_regs *regs,
	  unsigned long sp, unsigned long fp)
{
	struct thread *t = current_thread;
	struct rt_sigframe *f = (struct rt_sigframe *)sp;
	struct abi_sigcontext *m = &f->uc.mc;
	int e = 0;

	USER_PUT(e, a->restorer, &f->retaddr);
	USER_PUT(e, UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS |
		 (cpu_has(CPU_XSAVE) ? UC_FP_XSTATE : 0), &f->uc.flags);
	USER_PUT(e, 0, &f->uc.link);
	USER_PUT(e, a->altstack.ss_sp, &f->uc.stack.ss_sp);
	USER_PUT(e, (u32)a->altstack.ss_flags, &f->uc.stack.ss_flags);
	USER_PUT(e, a->altstack.ss_size, &f->uc.stack.ss_size);
	USER_PUT(e, regs->r8, &m->r8);
	USER_PUT(e, regs->r9, &m->r9);
	USER_PUT(e, regs->r10, &m->r10);
	USER_PUT(e, regs->r11, &m->r11);
	USER_PUT(e, regs->r12, &m->r12);
	USER_PUT(e, regs->r13, &m->r13);
	USER_PUT(e, regs->r14, &m->r14);
	USER_PUT(e, regs->r15, &m->r15);
	USER_PUT(e, regs->rdi, &m->rdi);
	USER_PUT(e, regs->rsi, &m->rsi);
	USER_PUT(e, regs->rbp, &m->rbp);
	USER_PUT(e, regs->rbx, &m->rbx);
	USER_PUT(e, regs->rdx, &m->rdx);
	USER_PUT(e, regs->rax, &m->rax);
	USER_PUT(e, regs->rcx, &m->rcx);
	USER_PUT(e, regs->rsp, &m->rsp);
	USER_PUT(e, regs->rip, &m->rip);
	USER_PUT(e, regs->rflags, &m->eflags);
	/* cs, and gs and fs, which are 0, and ss */
	USER_PUT(e, (u16)regs->cs | (u64)(u16)regs->ss << 48, &m->cs);
	USER_PUT(e, t->arch.error_code, &m->err);
	USER_PUT(e, t->arch.trap_no, &m->trapno);
	USER_PUT(e, a->oldmask, &m->oldmask);
	USER_PUT(e, t->arch.cr2, &m->cr2);
	USER_PUT(e, fp, &m->fpstate);
#pragma GCC unroll 8
	for (int i = 0; i < 8; i++)
		USER_PUT(e, 0, &m->reserved[i]);
	USER_PUT(e, a->oldmask, &f->uc.sigmask);
	return e;
}

int
sigframe_setup(const struct sigframe_args *a, struct pt_regs *regs)
{
	struct thread *t = current_thread;
	unsigned long fp, sp = frame_place(a, regs, &fp);
	int err;

	if (!sp || !(a->sa_flags & SA_RESTORER) || sp > fp ||
	    !access_ok(sp, fp - sp + fpstate_size()))
		return -EFAULT;
	USER_BEGIN();
	err = fpstate_prepare(fp) | frame_put(a, regs, sp, fp);
	USER_END();
	if (err || fpstate_save(fp))
		return -EFAULT;
	if (a->sa_flags & SA_SIGINFO &&
	    copyout((void __user *)(sp + offsetof(struct rt_sigframe, info)),
		    a->info, sizeof(*a->info)))
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
	u64 sw[3];			/* struct fpx_sw up to xstate_size */
	u32 magic2, size;
	int e = 0;

	*mask = 0;
	if (!cpu_has(CPU_XSAVE))
		return 0;
	USER_BEGIN();
#pragma GCC unroll 3
	for (int i = 0; i < 3; i++)
		USER_GET(e, sw[i], fp + FPX_SW_OFFSET + i * 8);
	USER_END();
	size = sw[2];
	if (e)
		return e;
	if ((u32)sw[0] != FP_XSTATE_MAGIC1 || size < XSAVE_MIN ||
	    size > fpu_state_size || size > sw[0] >> 32)
		return 0;
	if (get_user(magic2, (u32 __user *)(fp + size)))
		return -EFAULT;
	if (magic2 == FP_XSTATE_MAGIC2)
		*mask = sw[1] & fpu_xcr0;
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
	/* the handler's return popped the restorer's address */
	struct rt_sigframe *f = (struct rt_sigframe *)(regs->rsp - 8);
	struct abi_sigcontext *m = &f->uc.mc;
	unsigned long fp;
	u64 rflags, ss_flags;
	int e = 0;

	if (!access_ok(f, sizeof(*f)))
		return -EFAULT;
	USER_BEGIN();
	USER_GET(e, *mask, &f->uc.sigmask);
	USER_GET(e, altstack->ss_sp, &f->uc.stack.ss_sp);
	USER_GET(e, ss_flags, &f->uc.stack.ss_flags);
	USER_GET(e, altstack->ss_size, &f->uc.stack.ss_size);
	USER_GET(e, regs->r8, &m->r8);
	USER_GET(e, regs->r9, &m->r9);
	USER_GET(e, regs->r10, &m->r10);
	USER_GET(e, regs->r11, &m->r11);
	USER_GET(e, regs->r12, &m->r12);
	USER_GET(e, regs->r13, &m->r13);
	USER_GET(e, regs->r14, &m->r14);
	USER_GET(e, regs->r15, &m->r15);
	USER_GET(e, regs->rdi, &m->rdi);
	USER_GET(e, regs->rsi, &m->rsi);
	USER_GET(e, regs->rbp, &m->rbp);
	USER_GET(e, regs->rbx, &m->rbx);
	USER_GET(e, regs->rdx, &m->rdx);
	USER_GET(e, regs->rax, &m->rax);
	USER_GET(e, regs->rcx, &m->rcx);
	USER_GET(e, regs->rip, &m->rip);
	USER_GET(e, rflags, &m->eflags);
	USER_GET(e, fp, &m->fpstate);
	USER_GET(e, regs->rsp, &m->rsp);
	USER_END();
	if (e)
		return e;
	altstack->ss_flags = ss_flags;
	regs->cs = USER_CS;
	regs->ss = USER_DS;
	regs->rflags = (regs->rflags & ~RFLAGS_USER) | (rflags & RFLAGS_USER);
	regs->orig_rax = ~0UL;		/* no restart */
	tif_own_set(current_thread, TIF_IRET);
	return fpstate_restore(fp);
}
