/* SPDX-License-Identifier: MIT */
/*
 * The local APIC timer as clock event: one-shot countdown, or TSC deadline
 * where the CPU has it and the TSC is the clock. The countdown also serves as
 * the reference of last resort for the TSC's rate: hypervisors run it at a
 * known 1 GHz.
 */
#include "arch.h"

#include <core/clock.h>
#include <lib/muldiv.h>
#include <lib/string.h>

#define DIV_1		0xb
#define HV_BUS_KHZ	1000000		/* KVM's and QEMU's bus clock */

static u64 ticks_per_ns_32;	/* 32 fraction bits */
static u64 tsc_per_ns_32;
static bool deadline_mode;

static u64
count_read(void)
{
	return 0xffffffffU - apic_read(APIC_TIMER_COUNT);
}

struct clocksource lapic_reference = {
	.name = "lapic",
	.read = count_read,
	.mask = 0xffffffff,
	.hz = HV_BUS_KHZ * 1000UL,
};

bool
lapic_timer_available(void)
{
	return apic_on;
}

u64
lapic_timer_khz_known(void)
{
	const char *hv = cpu_hypervisor();

	if (cpu_has(CPU_KVM) || !strncmp(hv, "TCGTCGTCGTCG", 12))
		return HV_BUS_KHZ;
	if (cpuid(0, 0).eax >= 0x15) {
		u32 crystal = cpuid(0x15, 0).ecx;

		if (crystal)
			return crystal / 1000;
	}
	return 0;
}

void
lapic_timer_measure_start(void)
{
	apic_write(APIC_TIMER_DIV, DIV_1);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VEC_TIMER);
	apic_write(APIC_TIMER_INIT, 0xffffffff);
}

u32
lapic_timer_measure_read(void)
{
	return count_read();
}

static void
oneshot_program(u64 delta_ns)
{
	u64 t = mul_shift_u64(delta_ns, ticks_per_ns_32, 32);

	apic_write(APIC_TIMER_INIT, t ? min_t(u64, t, 0xffffffff) : 1);
}

static void
deadline_program(u64 delta_ns)
{
	wrmsr(MSR_TSC_DEADLINE,
	      rdtsc() + mul_shift_u64(delta_ns, tsc_per_ns_32, 32));
}

static struct clockevent lapic_event = {
	.name = "lapic",
	.program = oneshot_program,
	.rating = 100,
};

void
lapic_timer_init_cpu(void)
{
	apic_write(APIC_TIMER_DIV, DIV_1);
	apic_write(APIC_TIMER_INIT, 0);
	apic_write(APIC_LVT_TIMER, VEC_TIMER |
		   (deadline_mode ? APIC_LVT_DEADLINE : 0));
	/* SDM 3A 10.5.4.1: order the mode change before the first deadline */
	if (deadline_mode)
		__asm__ volatile("mfence" : : : "memory");
}

void
lapic_timer_setup(u64 khz, u64 tsc_rate_khz)
{
	deadline_mode = cpu_has(CPU_TSC_DEADLINE) && tsc_rate_khz;
	if (deadline_mode) {
		tsc_per_ns_32 = mul_div_u64(tsc_rate_khz, 1UL << 32, 1000000);
		lapic_event.name = "lapic-deadline";
		lapic_event.program = deadline_program;
		lapic_event.rating = 150;
		lapic_event.max_ns = 1UL << 40;		/* 18 minutes */
	} else if (khz) {
		ticks_per_ns_32 = mul_div_u64(khz, 1UL << 32, 1000000);
		lapic_event.max_ns = mul_div_u64(0xfffffff0, 1000000, khz);
	} else {
		return;
	}
	lapic_timer_init_cpu();
	clockevent_register(&lapic_event);
}
