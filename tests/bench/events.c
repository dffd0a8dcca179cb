/* SPDX-License-Identifier: MIT */
/*
 * events - a TCG plugin for QEMU: counts what instruction counts hide.
 *
 * Each instruction is classified by its bytes when QEMU translates it, and
 * those of interest call count() when they are executed.  The bench program
 * (bench.h) marks the clock's readings and its finished rows by long NOPs that
 * no compiler makes: at MARK_NOW the counters are noted, and at MARK_ROW the
 * difference between the last two notes is one line of the output file:
 *
 *	cr3 invlpg swapgs wrmsr lock xsave io cpuid rdtsc hlt
 *
 * The rows' names are in the bench's output, in the same order.  The marks
 * also go to QEMU's log (-d plugin), where run-bench finds the accesses to
 * devices between them.  One vCPU only: the counters are plain.  Argument:
 * out=FILE.  Compiled by run-bench.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench_mark.h"
#include "plugin_api.h"

EXPORT int qemu_plugin_version = PLUGIN_API;

enum {
	EV_CR3, EV_INVLPG, EV_SWAPGS, EV_WRMSR, EV_LOCK, EV_XSAVE,
	EV_IO, EV_CPUID, EV_RDTSC, EV_HLT, EV_MAX,
	MARK_ANY_NOW = EV_MAX, MARK_ANY_ROW
};

static uint64_t counter[EV_MAX], note[2][EV_MAX];
static FILE *out;

static void
count(unsigned int vcpu, void *udata)
{
	(void)vcpu;
	counter[(uintptr_t)udata]++;
}

static void
mark_now(unsigned int vcpu, void *udata)
{
	(void)vcpu;
	(void)udata;
	memcpy(note[0], note[1], sizeof(note[0]));
	memcpy(note[1], counter, sizeof(note[1]));
	qemu_plugin_outs("bench: now\n");
}

static void
mark_row(unsigned int vcpu, void *udata)
{
	(void)vcpu;
	(void)udata;
	for (int i = 0; i < EV_MAX; i++)
		fprintf(out, "%llu%c", (unsigned long long)
			(note[1][i] - note[0][i]), i < EV_MAX - 1 ? ' ' : '\n');
	fflush(out);
	qemu_plugin_outs("bench: row\n");
}

/* the two-byte opcodes 0F op; n bytes from the ModRM byte on, rep the F3/F2
 * prefix or 0 */
static int
class_0f(const uint8_t *p, size_t n, int opsize, int rep)
{
	int op = p[0], modrm = n > 1 ? p[1] : 0;
	int mem = n > 1 && modrm >> 6 != 3, reg = modrm >> 3 & 7;

	switch (op) {
	case 0x01:
		if (modrm == 0xf8)
			return EV_SWAPGS;
		if (modrm == 0xf9)	/* rdtscp */
			return EV_RDTSC;
		return mem && reg == 7 ? EV_INVLPG : -1;
	case 0x22:
		return reg == 3 ? EV_CR3 : -1;
	case 0x30:
		return EV_WRMSR;
	case 0x31:
		return EV_RDTSC;
	case 0x38:
		return n > 1 && p[1] == 0x82 && opsize ? EV_INVLPG : -1;
	case 0xa2:
		return EV_CPUID;
	case 0xae:	/* fxsave fxrstor xsave xrstor xsaveopt */
		if (!mem || opsize || rep)
			return -1;
		return reg < 2 || (reg >= 4 && reg <= 6) ? EV_XSAVE : -1;
	case 0xc7:	/* xrstors xsavec xsaves */
		return mem && reg >= 3 && reg <= 5 ? EV_XSAVE : -1;
	}
	return -1;
}

static int
classify(const uint8_t *p, size_t n)
{
	int lock = 0, opsize = 0, rep = 0;

	if (n == sizeof(mark_now_bytes)) {
		if (!memcmp(p, mark_now_bytes, n))
			return MARK_ANY_NOW;
		if (!memcmp(p, mark_row_bytes, n))
			return MARK_ANY_ROW;
	}
	for (; n; p++, n--) {
		if (*p == 0xf0)
			lock = 1;
		else if (*p == 0x66)
			opsize = 1;
		else if (*p == 0xf2 || *p == 0xf3)
			rep = *p;
		else if (*p != 0x2e && *p != 0x36 && *p != 0x3e &&
			 *p != 0x26 && *p != 0x64 && *p != 0x65 && *p != 0x67)
			break;
	}
	if (n && *p >> 4 == 4) {	/* REX */
		p++;
		n--;
	}
	if (!n)
		return -1;
	if (lock)
		return EV_LOCK;
	if (*p == 0x0f && n > 1)
		return class_0f(p + 1, n - 1, opsize, rep);
	if ((*p == 0x86 || *p == 0x87) && n > 1 && p[1] >> 6 != 3)
		return EV_LOCK;		/* xchg with memory locks by itself */
	if ((*p >= 0xe4 && *p <= 0xe7) || (*p >= 0xec && *p <= 0xef) ||
	    (*p >= 0x6c && *p <= 0x6f))
		return EV_IO;
	if (*p == 0xf4)
		return EV_HLT;
	return -1;
}

static void
translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		size_t size = qemu_plugin_insn_size(insn);
		const uint8_t *p;
		int k;
#if PLUGIN_API >= 3
		uint8_t bytes[16];

		if (size > sizeof(bytes))
			size = sizeof(bytes);
		size = qemu_plugin_insn_data(insn, bytes, size);
		p = bytes;
#else
		p = qemu_plugin_insn_data(insn);
#endif
		k = classify(p, size);
		if (k < 0)
			continue;
		qemu_plugin_register_vcpu_insn_exec_cb(insn,
			k == MARK_ANY_NOW ? mark_now :
			k == MARK_ANY_ROW ? mark_row : count,
			QEMU_PLUGIN_CB_NO_REGS, (void *)(uintptr_t)k);
	}
}

static void
ended(qemu_plugin_id_t id, void *udata)
{
	(void)id;
	(void)udata;
	fclose(out);
}

EXPORT int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info,
		    int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4))
			out = fopen(argv[i] + 4, "w");
	if (!out) {
		fprintf(stderr, "events: no out=FILE that can be written\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}
