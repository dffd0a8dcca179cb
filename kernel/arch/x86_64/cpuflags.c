/* SPDX-License-Identifier: MIT */
/*
 * The flags line of /proc/cpuinfo: Linux's names of CPUID bits, in its order,
 * limited to what the processor reports. Bits the kernel does not let
 * programs use (XSAVE states it leaves off) stay in, as on Linux.
 */
#include <arch/cpu.h>
#include <lib/printf.h>
#include <lib/string.h>

struct flag_word {
	u32 leaf;
	u8 subleaf, reg;
	const char *names;	/* bit 0 first; "-" has no name */
};

static const struct flag_word words[] = {
	{ 1, 0, 3, "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca "
	  "cmov pat pse36 pn clflush - dts acpi mmx fxsr sse sse2 ss ht tm ia64 "
	  "pbe" },
	{ 0x80000001, 0, 3, "- - - - - - - - - - - syscall - - - - - - - mp nx "
	  "- mmxext - - fxsr_opt pdpe1gb rdtscp - lm 3dnowext 3dnow" },
	{ 0x80000007, 0, 3, "- - - - - - - - constant_tsc cpb" },
	{ 1, 0, 2, "pni pclmulqdq dtes64 monitor ds_cpl vmx smx est tm2 ssse3 "
	  "cid sdbg fma cx16 xtpr pdcm - pcid dca sse4_1 sse4_2 x2apic movbe "
	  "popcnt tsc_deadline_timer aes xsave - avx f16c rdrand hypervisor" },
	{ 0x80000001, 0, 2, "lahf_lm cmp_legacy svm extapic cr8_legacy abm "
	  "sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt - lwp fma4 "
	  "tce - nodeid_msr - tbm topoext perfctr_core perfctr_nb - bpext "
	  "ptsc perfctr_llc mwaitx" },
	{ 7, 0, 1, "fsgsbase tsc_adjust sgx bmi1 hle avx2 fdp_excptn_only smep "
	  "bmi2 erms invpcid rtm cqm - mpx rdt_a avx512f avx512dq rdseed adx "
	  "smap avx512ifma - clflushopt clwb intel_pt avx512pf avx512er "
	  "avx512cd sha_ni avx512bw avx512vl" },
	{ 0xd, 1, 0, "xsaveopt xsavec xgetbv1 xsaves" },
	{ 0x80000008, 0, 1, "clzero irperf xsaveerptr - rdpru - - - - wbnoinvd" },
	{ 6, 0, 0, "dtherm ida arat - pln - pts" },
	{ 7, 0, 2, "- avx512vbmi umip pku ospke waitpkg avx512_vbmi2 - gfni "
	  "vaes vpclmulqdq avx512_vnni avx512_bitalg tme avx512_vpopcntdq - "
	  "la57 - - - - - rdpid - bus_lock_detect cldemote - movdiri movdir64b "
	  "enqcmd sgx_lc" },
	{ 7, 0, 3, "- - avx512_4vnniw avx512_4fmaps fsrm - - - "
	  "avx512_vp2intersect - md_clear - - - serialize - tsxldtrk - pconfig "
	  "arch_lbr ibt - amx_bf16 avx512_fp16 amx_tile amx_int8 - - flush_l1d "
	  "arch_capabilities" },
};

size_t
cpu_flags_string(char *buf, size_t len)
{
	size_t n = 0;
	unsigned int i;

	if (len)
		buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		const struct flag_word *w = &words[i];
		const char *p = w->names;
		struct cpuid_regs r;
		u32 v;

		if (w->leaf > cpuid(w->leaf & 0x80000000, 0).eax)
			continue;
		r = cpuid(w->leaf, w->subleaf);
		v = w->reg == 0 ? r.eax : w->reg == 1 ? r.ebx :
			w->reg == 2 ? r.ecx : r.edx;
		for (; *p; v >>= 1) {
			size_t k = strcspn(p, " ");

			if ((v & 1) && *p != '-')
				n += scnprintf(buf + n, len - n, "%s%.*s",
					       n ? " " : "", (int)k, p);
			p += k;
			p += *p == ' ';
		}
	}
	return n;
}
