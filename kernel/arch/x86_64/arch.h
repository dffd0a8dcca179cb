/* SPDX-License-Identifier: MIT */
/* What the files of this folder share and nobody else needs. */
#ifndef ARCH_X86_64_ARCH_H
#define ARCH_X86_64_ARCH_H

#include <arch/cpu.h>
#include <arch/layout.h>
#include <arch/percpu.h>
#include <arch/regs.h>
#include <lib/types.h>

struct thread;

#define MSR_APIC_BASE		0x1b
#define MSR_TSC_DEADLINE	0x6e0
#define MSR_PAT			0x277
#define MSR_X2APIC		0x800
#define MSR_EFER		0xc0000080
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_CSTAR		0xc0000083
#define MSR_FMASK		0xc0000084
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102
#define MSR_TSC_AUX		0xc0000103

#define EFER_SCE	BIT(0)
#define EFER_NXE	BIT(11)

#define CR0_MP		BIT(1)
#define CR0_EM		BIT(2)
#define CR0_TS		BIT(3)
#define CR0_NE		BIT(5)
#define CR0_WP		BIT(16)
#define CR0_AM		BIT(18)
#define CR0_NW		BIT(29)
#define CR0_CD		BIT(30)
#define CR4_MCE		BIT(6)
#define CR4_PGE		BIT(7)
#define CR4_OSFXSR	BIT(9)
#define CR4_OSXMMEXCPT	BIT(10)
#define CR4_UMIP	BIT(11)
#define CR4_FSGSBASE	BIT(16)
#define CR4_PCIDE	BIT(17)
#define CR4_OSXSAVE	BIT(18)
#define CR4_SMEP	BIT(20)
#define CR4_SMAP	BIT(21)

/* Vectors. 0x20..0x2f 8259 (remapped), 0x30..0xef devices, then ours. */
#define VEC_PIC		0x20
#define VEC_DEV_FIRST	0x30
#define VEC_DEV_END	0xf0
#define VEC_TIMER	0xf0
#define VEC_RESCHED	0xf1
#define VEC_CALL	0xf2
#define VEC_TLB		0xf3
#define VEC_ERROR	0xf4
#define VEC_SPURIOUS	0xff

enum { IST_NMI = 1, IST_DF, IST_MC, IST_DB, IST_COUNT = 4 };

struct tss {
	u32 reserved0;
	u64 rsp0, rsp1, rsp2;		/* rsp0: entry.S knows the offset */
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3, iomap_base;
} __packed;
static_assert(sizeof(struct tss) == 104, "SDM 3A 8.7");
static_assert(offsetof(struct tss, rsp0) == 4, "entry.S");

/* The stacks of one CPU; each IST stack ends with a word for entry.S. */
struct cpu_stacks {
	u8 irq[IRQSTACK_SIZE];
	u8 nmi[2 * PAGE_SIZE], df[2 * PAGE_SIZE];
	u8 mc[PAGE_SIZE], db[PAGE_SIZE];
};

DECLARE_PERCPU(struct tss, cpu_tss);
DECLARE_PERCPU(u64, irq_stack_top);
DECLARE_PERCPU(u64, entry_scratch);
DECLARE_PERCPU(u32, fixup_trapno);	/* vector of the last fixup taken */

/* desc.c */
void desc_init_boot(void);
void desc_set_stacks(struct cpu_stacks *s);	/* this CPU's, then load TSS */
extern struct cpu_stacks boot_cpu_stacks;

/* alternative.c: there is and will be one CPU; irqs off. */
void alternatives_one_cpu(void);

/* cpu.c */
void cpu_detect(void);

/* trap.c */
void regs_print(const struct pt_regs *r);
void __cold oops(struct pt_regs *regs, const char *what, u32 vector, u64 err);

/* paging.c */
void paging_init_cpu(void);		/* PAT, PCID */
extern u64 cr4_pcide;			/* CR4_PCIDE when in use */

/* apic.c */
extern bool apic_on;			/* the boot CPU's LAPIC is in use */
void apic_want_x2apic(void);		/* an id above 254 was seen */
bool apic_init_boot(bool with_ioapic);
void apic_init_cpu(void);
void apic_eoi(void);
u32 apic_id_read(void);
u32 apic_read(u32 reg);
void apic_write(u32 reg, u32 v);
void apic_send_ipi(u32 apic_id, u32 vector);
bool apic_send_init(u32 apic_id, bool assert);
bool apic_send_sipi(u32 apic_id, u8 page);
void apic_send_nmi(u32 apic_id);
void apic_error_interrupt(void);
#define APIC_LVT_TIMER		0x320
#define APIC_TIMER_INIT		0x380
#define APIC_TIMER_COUNT	0x390
#define APIC_TIMER_DIV		0x3e0
#define APIC_LVT_MASKED		0x10000
#define APIC_LVT_DEADLINE	0x40000

/* smp.c */
void percpu_save_template(void);	/* memblock is up, mm is not */
void smp_ipi_call(void);
void smp_nmi(struct pt_regs *regs);
bool smp_nmi_expected(void);

/* ioapic.c, pic.c, mptable.c */
bool ioapic_init(void);			/* all that were found; false: none */
bool mptable_init(void);
extern bool pic_exists;
void pic_init(void);			/* remap and mask; probes */
void pic_use(void);			/* as the interrupt controller */
bool pic_spurious(u32 vector);

/* debugreg.c: DR7 as this CPU has it; debug_load: t's, irqs off */
DECLARE_PERCPU(u32, debug_dr7);
void debug_load(struct thread *t);
u64 debug_trap_dr6(struct pt_regs *regs);

/* irqentry.c */
void irq_entry(struct pt_regs *regs, u32 vector);

#endif
