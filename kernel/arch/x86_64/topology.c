/* SPDX-License-Identifier: MIT */
/*
 * Where a CPU sits, read off its APIC id: [package][core][thread], fields
 * whose widths CPUID gives. Leaf 0xb has them (SDM 3A 9.9.3); older
 * processors say how many ids a package has (leaf 1) and how many cores (leaf
 * 4, on AMD 0x80000008), the rest being threads.
 */
#include <arch/cpu.h>
#include <core/smp.h>
#include <lib/bitops.h>

struct id_widths { u8 thread, package; };	/* bits below core, package */

static struct id_widths
widths_old(void)
{
	u32 ids = 1, cores = 1, w;
	struct cpuid_regs r = cpuid(1, 0);

	if (r.edx >> 28 & 1)
		ids = max(r.ebx >> 16 & 0xff, 1U);
	if (cpuid(0x80000000, 0).eax >= 0x80000008 &&
	    boot_cpu_info.vendor[0] == 'A') {
		r = cpuid(0x80000008, 0);
		cores = (r.ecx & 0xff) + 1;
		w = r.ecx >> 12 & 15;
		if (w)
			return (struct id_widths){ 0, w };
	} else if (cpuid(0, 0).eax >= 4 && (cpuid(4, 0).eax & 31)) {
		cores = (cpuid(4, 0).eax >> 26) + 1;
	}
	ids = roundup_pow2(max(ids, cores));
	return (struct id_widths){ __ffs(ids / min_t(u32, ids,
			roundup_pow2(cores))), __ffs(ids) };
}

static struct id_widths
widths(void)
{
	struct id_widths w = { 0, 0 };
	struct cpuid_regs r;
	u32 type, i;

	if (cpuid(0, 0).eax < 0xb || !cpuid(0xb, 0).ebx)
		return widths_old();
	for (i = 0; i < 8; i++) {
		r = cpuid(0xb, i);
		type = r.ecx >> 8 & 0xff;
		if (!type)
			break;
		if (type == 1)
			w.thread = r.eax & 31;
		w.package = r.eax & 31;
	}
	return w;
}

void
cpu_place(unsigned int cpu, struct cpu_place *out)
{
	struct id_widths w = widths();
	u32 id = cpu_apic_id(cpu), core = id >> w.thread;

	*out = (struct cpu_place){ .package = id >> w.package,
		.core = core & (BIT(w.package - w.thread) - 1) };
	for_each_cpu(c) {
		u32 other = cpu_apic_id(c);
		bool first = true;

		if (other >> w.package != out->package)
			continue;
		out->siblings++;
		for_each_cpu(b) {
			if (b >= c)
				break;
			if (cpu_apic_id(b) >> w.thread == other >> w.thread)
				first = false;
		}
		out->cores += first;
	}
}
