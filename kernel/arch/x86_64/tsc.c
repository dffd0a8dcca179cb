/* SPDX-License-Identifier: MIT */
/*
 * What CPUID says about the TSC's rate, and kvmclock.
 *
 * kvmclock (KVM's CPUID 0x40000001 bits 0 and 3) gives the rate of the TSC
 * exactly, and the wall clock at boot. With the "stable" bits the TSC itself
 * is then the clock; without, the per-CPU pages it keeps up to date are, read
 * under their version count and never allowed to go back.
 */
#include "arch.h"

#include <arch/atomic.h>
#include <arch/paging.h>
#include <core/clock.h>
#include <lib/muldiv.h>

#define KVM_FEATURES		0x40000001
#define KVM_CLOCKSOURCE2	BIT(3)
#define KVM_STABLE		BIT(24)
#define MSR_KVM_WALL		0x4b564d00
#define MSR_KVM_TIME		0x4b564d01
#define PVTI_STABLE		BIT(0)

struct pv_time {
	u32 version, pad0;
	u64 tsc, system_ns;
	u32 mul;
	s8 shift;
	u8 flags, pad[2];
};
static_assert(sizeof(struct pv_time) == 32, "KVM msr.rst");

struct pv_wall {
	u32 version, sec, nsec;
};

/* aligned so that none crosses a page: the host maps one page */
static DEFINE_PERCPU(struct pv_time, pv_time) __aligned(32);
static struct pv_wall pv_wall __aligned(16);
static u64 pv_last;
static bool use_kvmclock __ro_after_init;

u64
tsc_khz_cpuid(void)
{
	u32 top = cpuid(0, 0).eax;
	struct cpuid_regs r;

	if (cpu_has(CPU_HYPERVISOR) &&
	    cpuid(0x40000000, 0).eax >= 0x40000010 &&
	    cpuid(0x40000000, 0).eax < 0x40010000) {
		r = cpuid(0x40000010, 0);
		if (r.eax > 100000 && r.eax < 20000000)
			return r.eax;
	}
	if (top >= 0x15) {
		r = cpuid(0x15, 0);
		if (r.eax && r.ebx && r.ecx)
			return mul_div_u64(r.ecx, r.ebx, r.eax) / 1000;
		/* ratio without crystal: nominal frequency is close to it */
		if (r.eax && r.ebx && top >= 0x16 &&
		    (cpuid(0x16, 0).eax & 0xffff))
			return (cpuid(0x16, 0).eax & 0xffff) * 1000UL;
	}
	return 0;
}

void
kvmclock_init_cpu(void)
{
	if (use_kvmclock)
		wrmsr(MSR_KVM_TIME, kpage_phys((vaddr_t)
			this_cpu_ptr(pv_time)) | 1);
}

static u64
pv_read(void)
{
	const volatile struct pv_time *p = this_cpu_ptr(pv_time);
	u64 ns, last;
	u32 v;

	do {
		u64 d;

		v = p->version & ~1U;
		smp_rmb();
		d = rdtsc() - p->tsc;
		d = p->shift >= 0 ? d << p->shift : d >> -p->shift;
		ns = p->system_ns + mul_shift_u64(d, p->mul, 32);
		smp_rmb();
	} while (v != p->version);
	last = READ_ONCE(pv_last);
	do {
		if (ns <= last)
			return last;
	} while (!__atomic_compare_exchange_n(&pv_last, &last, ns, false,
			__ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return ns;
}

static struct clocksource kvm_source = {
	.name = "kvm-clock",
	.read = pv_read,
	.mask = U64_MAX,
	.hz = NSEC_PER_SEC,
	.rating = 250,
};

__init u64
kvmclock_init(u64 *wall_ns)
{
	const volatile struct pv_time *p = this_cpu_ptr(pv_time);
	u32 features, v;
	u64 khz;

	*wall_ns = 0;
	if (!cpu_has(CPU_KVM))
		return 0;
	features = cpuid(KVM_FEATURES, 0).eax;
	if (!(features & KVM_CLOCKSOURCE2))
		return 0;
	use_kvmclock = true;
	kvmclock_init_cpu();
	if (!p->version || !p->mul)
		return 0;
	/* kHz = 10^6 * 2^32 / mul, shifted back */
	khz = mul_div_u64(1000000, 1UL << 32, p->mul);
	khz = p->shift >= 0 ? khz >> p->shift : khz << -p->shift;
	wrmsr(MSR_KVM_WALL, virt_to_phys(&pv_wall));
	v = READ_ONCE(pv_wall.version);
	if (v && !(v & 1))
		*wall_ns = (u64)pv_wall.sec * NSEC_PER_SEC + pv_wall.nsec +
			pv_read();
	if (!(features & KVM_STABLE) || !(p->flags & PVTI_STABLE)) {
		if (!cpu_has(CPU_TSC_INVARIANT))
			clocksource_register(&kvm_source);
	}
	return khz;
}
