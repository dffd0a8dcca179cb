/* SPDX-License-Identifier: MIT */
/*
 * Registers of a traced task: general ones in the order of struct
 * user_regs_struct, and debug registers.
 *
 * The task stands in a trap, so its registers are in the frame at the top of
 * its kernel stack, and segment bases and selectors where the switch put them.
 * What is written must not be able to hurt the kernel on the way back: of
 * RFLAGS only what programs can change; selectors of ring 3; bases below
 * USER_MAX. The instruction pointer may be anything: IRET checks it, and what
 * it refuses becomes the program's SIGSEGV (trap_bad_iret()).
 */
#include <abi/errno.h>
#include <arch/irqflags.h>
#include <arch/thread.h>
#include <mm/page.h>

#include "ptrace.h"

/* CF PF AF ZF SF TF DF OF NT RF AC: what POPF can change as well */
#define RFLAGS_USER	0x54dd5UL

#define OFF(f)	offsetof(struct user_regs_struct, f)
static_assert(OFF(fs_base) == sizeof(struct pt_regs), "the same order");

void
ptrace_get_regs(struct task *t, struct user_regs_struct *r)
{
	const struct arch_thread *a = &t->thread.arch;

	if (t == current)
		arch_user_sync();
	*(struct pt_regs *)r = *thread_regs(&t->thread);
	if (tif_test(&t->thread, TIF_FORCED_TF))
		r->flags &= ~RFLAGS_TF;
	r->fs_base = a->fs_base;
	r->gs_base = a->gs_base;
	r->ds = a->ds;
	r->es = a->es;
	r->fs = a->fs;
	r->gs = a->gs;
}

static int
set_flags(struct task *t, u64 v)
{
	struct pt_regs *regs = thread_regs(&t->thread);

	/* TF: whose is it now? */
	if (v & RFLAGS_TF)
		tif_clear(&t->thread, TIF_FORCED_TF);
	else if (tif_test(&t->thread, TIF_FORCED_TF))
		v |= RFLAGS_TF;
	regs->rflags = (regs->rflags & ~RFLAGS_USER) | (v & RFLAGS_USER);
	return 0;
}

static int
set_selector(u16 *s, u64 v)
{
	if (!arch_selector_ok(v))
		return -EIO;
	*s = v;
	return 0;
}

static int
set_base(u64 *base, u64 v)
{
	if (v >= USER_MAX)
		return -EIO;
	*base = v;
	return 0;
}

int
ptrace_set_reg(struct task *t, unsigned long off, u64 v)
{
	struct arch_thread *a = &t->thread.arch;

	switch (off) {
	case OFF(flags):
		return set_flags(t, v);
	case OFF(cs):
	case OFF(ss):
		/* IRET checks the rest; ring 3 it has to be */
		if (v > 0xffff || (v & 3) != 3)
			return -EIO;
		break;
	case OFF(fs_base):
		return set_base(&a->fs_base, v);
	case OFF(gs_base):
		return set_base(&a->gs_base, v);
	case OFF(ds):
		return set_selector(&a->ds, v);
	case OFF(es):
		return set_selector(&a->es, v);
	case OFF(fs):
		return set_selector(&a->fs, v);
	case OFF(gs):
		return set_selector(&a->gs, v);
	}
	((u64 *)thread_regs(&t->thread))[off / sizeof(u64)] = v;
	return 0;
}

int
ptrace_set_regs(struct task *t, const struct user_regs_struct *r, size_t len)
{
	const u64 *v = (const u64 *)r;
	int err = 0;

	for (size_t off = 0; !err && off < len; off += sizeof(u64))
		err = ptrace_set_reg(t, off, *v++);
	return err;
}

/* ---- debug registers ---- */

#define DR7_RESERVED	0xffffffff0000fc00UL
#define DR6_RESERVED	0xffff0ff0UL

static bool
dr7_enabled(u64 dr7, int i)
{
	return dr7 >> (2 * i) & 3;
}

/* Is what dr7 says of breakpoint i at addr possible? */
static bool
breakpoint_ok(u64 dr7, int i, u64 addr)
{
	static const u8 bytes[4] = { 1, 2, 8, 4 };
	unsigned int type = dr7 >> (16 + 4 * i) & 3;
	unsigned int len = bytes[dr7 >> (18 + 4 * i) & 3];

	if (type == 2 || (type == 0 && len != 1))
		return false;		/* I/O; an instruction has no length */
	return addr < USER_MAX && !(addr & (len - 1));
}

static void
debug_update(struct task *t)
{
	struct arch_thread *a = &t->thread.arch;
	u32 dr7 = 0;

	for (int i = 0; i < 4; i++)
		if (dr7_enabled(a->dr7_set, i))
			dr7 |= 2U << (2 * i) |
				(a->dr7_set & 0xfU << (16 + 4 * i));
	arch_debug_set(&t->thread, a->dr, dr7);
}

u64
ptrace_get_debugreg(struct task *t, unsigned int n)
{
	const struct arch_thread *a = &t->thread.arch;

	if (n < 4)
		return a->dr[n];
	if (n == 6)
		return a->dr6 ^ DR6_RESERVED;
	return n == 7 ? a->dr7_set : 0;
}

int
ptrace_set_debugreg(struct task *t, unsigned int n, u64 v)
{
	struct arch_thread *a = &t->thread.arch;

	if (n < 4) {
		if (v >= USER_MAX || (dr7_enabled(a->dr7_set, n) &&
				      !breakpoint_ok(a->dr7_set, n, v)))
			return -EINVAL;
		a->dr[n] = v;
	} else if (n == 6) {
		a->dr6 = v ^ DR6_RESERVED;
		return 0;
	} else if (n == 7) {
		v &= ~DR7_RESERVED;
		for (int i = 0; i < 4; i++)
			if (dr7_enabled(v, i) &&
			    !breakpoint_ok(v, i, a->dr[i]))
				return -EINVAL;
		a->dr7_set = v;
	} else {
		return -EIO;
	}
	debug_update(t);
	return 0;
}
