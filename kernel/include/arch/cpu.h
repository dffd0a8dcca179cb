/* SPDX-License-Identifier: MIT */
/*
 * CPUID features in use, MSRs, control registers, TSC.
 * cpu_has() is a bit test on a word that is constant after boot.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <lib/types.h>

enum cpu_feature {
	CPU_FPU_FXSR, CPU_XSAVE, CPU_XSAVEOPT, CPU_XSAVEC, CPU_AVX, CPU_FSGSBASE, CPU_PCID,
	CPU_INVPCID, CPU_SMEP, CPU_SMAP, CPU_UMIP, CPU_RDRAND, CPU_RDSEED,
	CPU_ERMS, CPU_X2APIC, CPU_TSC_DEADLINE, CPU_TSC_INVARIANT, CPU_RDTSCP,
	CPU_NX, CPU_PGE, CPU_PDPE1GB, CPU_PAT, CPU_MTRR, CPU_HYPERVISOR, CPU_KVM,
	CPU_SYSCALL, CPU_CMPXCHG16B, CPU_ARAT, CPU_RDPID, CPU_LA57,
	CPU_XGETBV1, CPU_APIC,
	CPU_NR_FEATURES
};

struct cpu_info {
	char vendor[13];
	char model_name[49];
	u32 family, model, stepping;
	u32 cpuid_1_eax;
	u32 hwcap;		/* AT_HWCAP: CPUID 1 EDX */
	u32 hwcap2;		/* AT_HWCAP2: bit 1 = FSGSBASE usable */
	u8 phys_bits, virt_bits;
	u32 clflush_size, cache_kib;
	u32 apic_id;
};

extern u64 cpu_features;	/* bit per enum cpu_feature; boot CPU's, all agree */
extern struct cpu_info boot_cpu_info;

static __always_inline bool
cpu_has(enum cpu_feature f)
{
	return cpu_features >> f & 1;
}

/* cpu_flags_string - the words of /proc/cpuinfo's flags line into buf[len]. */
size_t cpu_flags_string(char *buf, size_t len);

/* cpu_place - package and core of a CPU, from its APIC id. Any context. */
struct cpu_place {
	u32 package, core;
	u32 siblings, cores;	/* CPUs and cores of the package in use */
};
void cpu_place(unsigned int cpu, struct cpu_place *out);

static __always_inline u64
rdmsr(u32 msr)
{
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return (u64)hi << 32 | lo;
}

static __always_inline void
wrmsr(u32 msr, u64 v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)v),
			 "d"((u32)(v >> 32)) : "memory");
}

static __always_inline u64
rdtsc(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (u64)hi << 32 | lo;
}

#define CR_OPS(n) \
static __always_inline u64 read_cr##n(void) \
{ u64 v; __asm__ volatile("mov %%cr" #n ", %0" : "=r"(v) : : "memory"); return v; } \
static __always_inline void write_cr##n(u64 v) \
{ __asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory"); }
CR_OPS(0)
CR_OPS(2)
CR_OPS(3)
CR_OPS(4)

/* cpu_feature_clear - `nopcid` and the like; before cpu_init_features(). */
void cpu_feature_clear(enum cpu_feature f);
/* cpu_hypervisor - CPUID 0x40000000's signature, "" on bare metal. */
const char *cpu_hypervisor(void);

struct cpuid_regs { u32 eax, ebx, ecx, edx; };
static inline struct cpuid_regs
cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx),
			 "=d"(r.edx) : "a"(leaf), "c"(subleaf));
	return r;
}

#endif
