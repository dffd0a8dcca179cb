/* SPDX-License-Identifier: MIT */
/*
 * Descriptor tables: a GDT and a TSS per CPU, one IDT for all. The GDT has
 * Linux's selector numbers, which programs can see; its entry 15 holds the
 * CPU number as a limit, for the vDSO's getcpu (LSL works on any CPU).
 *
 * There is no 32-bit code segment for programs, though SYSRET's layout has a
 * place for one: code in it could do SYSCALL, which AMD's processors take to
 * the address in MSR_CSTAR, in ring 0.
 */
#include "arch.h"

#include <arch/init.h>
#include <boot/sections.h>
#include <lib/string.h>

#define GDT_TSS		8
#define GDT_CPU		15
#define GDT_COUNT	16

struct idt_gate {
	u16 offset_lo, selector;
	u8 ist, type;
	u16 offset_mid;
	u32 offset_hi, reserved;
};
static_assert(sizeof(struct idt_gate) == 16, "SDM 3A 6.14.1");

struct desc_ptr {
	u16 limit;
	u64 base;
} __packed;

DEFINE_PERCPU(struct tss, cpu_tss) __aligned(64);
DEFINE_PERCPU(u64, irq_stack_top);
DEFINE_PERCPU(u64, entry_scratch);
static DEFINE_PERCPU(u64, cpu_gdt[GDT_COUNT]) __aligned(64);

struct cpu_stacks boot_cpu_stacks __aligned(PAGE_SIZE);
static struct idt_gate idt[256] __aligned(PAGE_SIZE) __ro_after_init;

extern void *const entry_trap_table[32];
extern u8 entry_irq_stubs[];

static const u64 gdt_template[GDT_COUNT] = {
	[KERNEL_CS / 8] = 0x00af9b000000ffff,
	[KERNEL_DS / 8] = 0x00cf93000000ffff,
	[USER_DS / 8] = 0x00cff3000000ffff,
	[USER_CS / 8] = 0x00affb000000ffff,
};

static __init void
idt_set(unsigned int vec, const void *entry, u8 ist, u8 dpl)
{
	u64 a = (u64)entry;

	idt[vec] = (struct idt_gate){
		.offset_lo = a, .offset_mid = a >> 16, .offset_hi = a >> 32,
		.selector = KERNEL_CS, .ist = ist, .type = 0x8e | dpl << 5,
	};
}

static __init void
idt_init(void)
{
	unsigned int i;

	for (i = 0; i < 32; i++)
		idt_set(i, entry_trap_table[i], 0, i == 3 || i == 4 ? 3 : 0);
	for (; i < 256; i++)
		idt_set(i, entry_irq_stubs + (i - 32) * 16, 0, 0);
	idt[1].ist = IST_DB;
	idt[2].ist = IST_NMI;
	idt[8].ist = IST_DF;
	idt[18].ist = IST_MC;
}

/* An IST stack's last 16 bytes: the GS base entry.S loads, and padding. */
static u64
ist_top(u8 *stack, size_t size)
{
	u64 *top = (u64 *)(stack + size - 16);

	top[0] = this_cpu(percpu_self);
	return (u64)top;
}

void
desc_set_stacks(struct cpu_stacks *s)
{
	struct tss *tss = this_cpu_ptr(cpu_tss);

	this_cpu(irq_stack_top) = (u64)(s->irq + sizeof(s->irq));
	tss->ist[IST_NMI - 1] = ist_top(s->nmi, sizeof(s->nmi));
	tss->ist[IST_DF - 1] = ist_top(s->df, sizeof(s->df));
	tss->ist[IST_MC - 1] = ist_top(s->mc, sizeof(s->mc));
	tss->ist[IST_DB - 1] = ist_top(s->db, sizeof(s->db));
	tss->iomap_base = sizeof(*tss);
}

/*
 * Context: E on its CPU, GS base valid, stacks set. Segment registers become
 * null but CS and SS; that would clear the GS base, so it is written again.
 */
void
desc_init_cpu(void)
{
	u64 *gdt = *this_cpu_ptr(cpu_gdt), t = (u64)this_cpu_ptr(cpu_tss);
	u64 gs = this_cpu(percpu_self);
	struct desc_ptr p = { sizeof(cpu_gdt) - 1, (u64)gdt };

	memcpy(gdt, gdt_template, sizeof(gdt_template));
	gdt[GDT_TSS] = (sizeof(struct tss) - 1) | (t & 0xffffff) << 16 |
		0x89UL << 40 | (t >> 24 & 0xff) << 56;
	gdt[GDT_TSS + 1] = t >> 32;
	/* DPL 3 data; the CPU number is the limit's low 12 bits, node 0 */
	gdt[GDT_CPU] = 0x0040f50000000000UL | this_cpu(percpu_cpu_id);

	__asm__ volatile(
		"lgdt %0\n\t"
		"pushq %1\n\t"
		"leaq 1f(%%rip), %%rax\n\t"
		"pushq %%rax\n\t"
		"lretq\n"
		"1:\tmovl %k2, %%ss\n\t"
		"xorl %%eax, %%eax\n\t"
		"movl %%eax, %%ds\n\t"
		"movl %%eax, %%es\n\t"
		"movl %%eax, %%fs\n\t"
		"movl %%eax, %%gs\n\t"
		: : "m"(p), "i"(KERNEL_CS), "r"(KERNEL_DS) : "rax", "memory");
	wrmsr(MSR_GS_BASE, gs);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	wrmsr(MSR_FS_BASE, 0);
	__asm__ volatile("lldt %w0\n\tltr %w1" : : "r"(0), "r"(GDT_TSS * 8));
	p = (struct desc_ptr){ sizeof(idt) - 1, (u64)idt };
	__asm__ volatile("lidt %0" : : "m"(p));
}

__init void
desc_init_boot(void)
{
	idt_init();
	desc_set_stacks(&boot_cpu_stacks);
	desc_init_cpu();
}
