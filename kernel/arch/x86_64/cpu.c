/* SPDX-License-Identifier: MIT */
/*
 * What the processor can do. The boot CPU's CPUID becomes cpu_features (what
 * the kernel uses) once; every CPU then sets its control registers to match.
 * A processor that came up with less than the boot CPU would be a broken
 * machine; we do not look for it.
 */
#include "arch.h"

#include <arch/init.h>
#include <lib/string.h>

u64 cpu_features __ro_after_init;
struct cpu_info boot_cpu_info __ro_after_init;

static u64 features_off __initdata;
static char hypervisor[13] __ro_after_init;

extern u8 entry_syscall[];

struct feature_bit {
	u32 leaf;
	u8 subleaf, reg, bit, feature;	/* reg: 0 eax .. 3 edx */
};

static const struct feature_bit feature_bits[] = {
	{ 1, 0, 3, 24, CPU_FPU_FXSR }, { 1, 0, 2, 26, CPU_XSAVE },
	{ 1, 0, 2, 28, CPU_AVX }, { 1, 0, 2, 17, CPU_PCID },
	{ 1, 0, 2, 30, CPU_RDRAND }, { 1, 0, 2, 21, CPU_X2APIC },
	{ 1, 0, 2, 24, CPU_TSC_DEADLINE }, { 1, 0, 2, 31, CPU_HYPERVISOR },
	{ 1, 0, 2, 13, CPU_CMPXCHG16B }, { 1, 0, 3, 13, CPU_PGE },
	{ 1, 0, 3, 16, CPU_PAT }, { 1, 0, 3, 12, CPU_MTRR },
	{ 1, 0, 3, 9, CPU_APIC },
	{ 6, 0, 0, 2, CPU_ARAT },
	{ 7, 0, 1, 0, CPU_FSGSBASE }, { 7, 0, 1, 7, CPU_SMEP },
	{ 7, 0, 1, 9, CPU_ERMS }, { 7, 0, 1, 10, CPU_INVPCID },
	{ 7, 0, 1, 18, CPU_RDSEED }, { 7, 0, 1, 20, CPU_SMAP },
	{ 7, 0, 2, 2, CPU_UMIP }, { 7, 0, 2, 16, CPU_LA57 },
	{ 7, 0, 2, 22, CPU_RDPID },
	{ 0xd, 1, 0, 0, CPU_XSAVEOPT }, { 0xd, 1, 0, 1, CPU_XSAVEC },
	{ 0xd, 1, 0, 2, CPU_XGETBV1 },
	{ 0x80000001, 0, 3, 11, CPU_SYSCALL },
	{ 0x80000001, 0, 3, 20, CPU_NX }, { 0x80000001, 0, 3, 26, CPU_PDPE1GB },
	{ 0x80000001, 0, 3, 27, CPU_RDTSCP },
	{ 0x80000007, 0, 3, 8, CPU_TSC_INVARIANT },
};

/* CPUID, zero for a leaf this CPU has not. */
static struct cpuid_regs
cpuid_safe(u32 leaf, u32 subleaf)
{
	u32 top = cpuid(leaf & 0x80000000, 0).eax;

	if (leaf > top || (top ^ leaf) & 0x80000000)
		return (struct cpuid_regs){ 0, 0, 0, 0 };
	return cpuid(leaf, subleaf);
}

static u32
cpuid_reg(const struct cpuid_regs *r, unsigned int i)
{
	return i == 0 ? r->eax : i == 1 ? r->ebx : i == 2 ? r->ecx : r->edx;
}

__init void
cpu_feature_clear(enum cpu_feature f)
{
	features_off |= BIT(f);
	cpu_features &= ~BIT(f);
}

const char *
cpu_hypervisor(void)
{
	return hypervisor;
}

static __init void
detect_features(void)
{
	struct cpuid_regs r = { 0, 0, 0, 0 };
	u32 leaf = ~0U, sub = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(feature_bits); i++) {
		const struct feature_bit *b = &feature_bits[i];

		if (b->leaf != leaf || b->subleaf != sub) {
			leaf = b->leaf;
			sub = b->subleaf;
			r = cpuid_safe(leaf, sub);
		}
		if (cpuid_reg(&r, b->reg) >> b->bit & 1)
			cpu_features |= BIT(b->feature);
	}
	cpu_features &= ~features_off;
	if (!cpu_has(CPU_XSAVE))
		cpu_features &= ~(BIT(CPU_XSAVEOPT) | BIT(CPU_XSAVEC) |
				  BIT(CPU_XGETBV1) | BIT(CPU_AVX));
}

static __init void
detect_identity(void)
{
	struct cpu_info *c = &boot_cpu_info;
	struct cpuid_regs r = cpuid(0, 0);
	u32 i, name[12] = { 0 };
	const char *s = (const char *)name;

	memcpy(c->vendor, &r.ebx, 4);
	memcpy(c->vendor + 4, &r.edx, 4);
	memcpy(c->vendor + 8, &r.ecx, 4);
	r = cpuid(1, 0);
	c->cpuid_1_eax = r.eax;
	c->family = r.eax >> 8 & 15;
	c->model = r.eax >> 4 & 15;
	c->stepping = r.eax & 15;
	if (c->family == 15)
		c->family += r.eax >> 20 & 0xff;
	if (c->family >= 6)
		c->model |= r.eax >> 12 & 0xf0;
	c->hwcap = r.edx;
	c->apic_id = r.ebx >> 24;
	c->clflush_size = (r.ebx >> 8 & 0xff) * 8;
	if (!c->clflush_size)
		c->clflush_size = 64;
	for (i = 0; i < 3; i++) {
		r = cpuid_safe(0x80000002 + i, 0);
		memcpy(name + i * 4, &r, 16);
	}
	while (*s == ' ')
		s++;
	strlcpy(c->model_name, s, min_t(size_t, sizeof(c->model_name),
			(size_t)((const char *)name + 48 - s) + 1));
	r = cpuid_safe(0x80000008, 0);
	c->phys_bits = r.eax & 0xff ? r.eax & 0xff : 36;
	c->virt_bits = 48;
	r = cpuid_safe(0x80000006, 0);
	c->cache_kib = r.ecx >> 16;
	if (cpu_has(CPU_HYPERVISOR)) {
		r = cpuid(0x40000000, 0);
		memcpy(hypervisor, &r.ebx, 4);
		memcpy(hypervisor + 4, &r.ecx, 4);
		memcpy(hypervisor + 8, &r.edx, 4);
		if (!memcmp(hypervisor, "KVMKVMKVM\0\0\0", 12))
			cpu_features |= BIT(CPU_KVM);
	}
	if (cpu_has(CPU_FSGSBASE))
		c->hwcap2 |= BIT(1);
}

static u64
cr4_wanted(void)
{
	u64 v = CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_MCE;

	if (cpu_has(CPU_PGE))
		v |= CR4_PGE;
	if (cpu_has(CPU_XSAVE))
		v |= CR4_OSXSAVE;
	if (cpu_has(CPU_FSGSBASE))
		v |= CR4_FSGSBASE;
	if (cpu_has(CPU_SMEP))
		v |= CR4_SMEP;
	if (cpu_has(CPU_SMAP))
		v |= CR4_SMAP;
	if (cpu_has(CPU_UMIP))
		v |= CR4_UMIP;
	return v;
}

void
cpu_init_features(void)
{
	write_cr0((read_cr0() & ~(CR0_EM | CR0_TS | CR0_CD | CR0_NW)) |
		  CR0_MP | CR0_NE | CR0_WP | CR0_AM);
	write_cr4(read_cr4() | cr4_wanted());
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | EFER_NXE);
	/* SYSRET: CS = this + 16, SS = this + 8; SYSCALL: SS = CS + 8 */
	wrmsr(MSR_STAR, (u64)USER_CS32 << 48 | (u64)KERNEL_CS << 32);
	wrmsr(MSR_LSTAR, (u64)entry_syscall);
	wrmsr(MSR_CSTAR, 0);
	/* TF IF DF IOPL NT RF AC ID and the status flags: all cleared */
	wrmsr(MSR_FMASK, 0x257fd5);
	if (cpu_has(CPU_RDTSCP))
		wrmsr(MSR_TSC_AUX, this_cpu(percpu_cpu_id));
	paging_init_cpu();
}

__init void
cpu_detect(void)
{
	detect_features();
	detect_identity();
}
