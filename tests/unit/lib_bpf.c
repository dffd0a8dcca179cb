/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF: what the checker takes and refuses, what programs compute, and
 * random programs, which must be refused or end inside their memory.
 */
#include <abi/errno.h>
#include <lib/bpf.h>
#include <lib/string.h>
#include "check.h"
#include "host.h"

void test_bpf_refused(void);
void test_bpf_memory(void);
void test_bpf_arithmetic(void);
void test_bpf_loads(void);
void test_bpf_jumps(void);
int fuzz_bpf(const u8 *data, size_t len);

#define S(c, v)		{ .code = (c), .k = (v) }
#define J(c, v, t, f)	{ .code = (c), .k = (v), .jt = (t), .jf = (f) }
#define RETK(v)		S(BPF_RET | BPF_K, v)
#define RETA		S(BPF_RET | BPF_A, 0)

static u16 scratch[BPF_MAXINSNS];
static struct abi_sock_filter prog[BPF_MAXINSNS + 1];

static const u8 packet[] = { 0x45, 1, 2, 3, 0x80, 5, 6, 7 };
static const struct bpf_data data = {
	.load = bpf_load_packet, .bytes = packet, .len = sizeof(packet),
};

#define CK(...) ({ \
	const struct abi_sock_filter p_[] = { __VA_ARGS__ }; \
	bpf_check(p_, ARRAY_SIZE(p_), scratch); })
/* the value a program must be allowed to return */
#define RUN(...) ({ \
	const struct abi_sock_filter p_[] = { __VA_ARGS__ }; \
	ALWAYS(bpf_check(p_, ARRAY_SIZE(p_), scratch) == 0); \
	bpf_run(p_, &data); })

void
test_bpf_refused(void)
{
	CHECK(bpf_check(prog, 0, scratch) == -EINVAL);
	for (u32 i = 0; i < BPF_MAXINSNS + 1; i++)
		prog[i] = (struct abi_sock_filter)RETK(1);
	CHECK(bpf_check(prog, BPF_MAXINSNS, scratch) == 0);
	CHECK(bpf_check(prog, BPF_MAXINSNS + 1, scratch) == -EINVAL);
	CHECK(CK(S(BPF_LD | BPF_IMM, 1)) == -EINVAL);
	CHECK(CK(S(0xffff, 1), RETA) == -EINVAL);
	CHECK(CK(S(BPF_ALU | BPF_DIV | BPF_K, 0), RETA) == -EINVAL);
	CHECK(CK(S(BPF_ALU | BPF_MOD | BPF_K, 0), RETA) == -EINVAL);
	CHECK(CK(S(BPF_ALU | BPF_LSH | BPF_K, 32), RETA) == -EINVAL);
	CHECK(CK(S(BPF_ALU | BPF_LSH | BPF_K, 31), RETA) == 0);
	CHECK(CK(S(BPF_ST, 16), RETA) == -EINVAL);
	CHECK(CK(S(BPF_ST, 15), RETA) == 0);
	CHECK(CK(S(BPF_JMP | BPF_JA, 1), RETA) == -EINVAL);
	CHECK(CK(S(BPF_JMP | BPF_JA, 0xffffffff), RETA) == -EINVAL);
	CHECK(CK(S(BPF_JMP | BPF_JA, 0), RETA) == 0);
	CHECK(CK(J(BPF_JMP | BPF_JEQ, 0, 1, 0), RETA) == -EINVAL);
	CHECK(CK(J(BPF_JMP | BPF_JEQ, 0, 0, 1), RETA) == -EINVAL);
	CHECK(CK(J(BPF_JMP | BPF_JEQ, 0, 0, 0), RETA) == 0);
	CHECK(CK(S(BPF_LD | BPF_W | BPF_ABS, (u32)SKF_AD_OFF), RETA) == 0);
	CHECK(CK(S(BPF_LD | BPF_W | BPF_ABS, (u32)SKF_AD_OFF + 1), RETA) ==
	      -EINVAL);
	CHECK(CK(S(BPF_LD | BPF_W | BPF_ABS, (u32)SKF_AD_OFF + 64), RETA) ==
	      -EINVAL);
}

void
test_bpf_memory(void)
{
	CHECK(CK(S(BPF_LD | BPF_MEM, 3), RETA) == -EINVAL);
	CHECK(CK(S(BPF_ST, 3), S(BPF_LD | BPF_MEM, 3), RETA) == 0);
	/* written on one path only */
	CHECK(CK(J(BPF_JMP | BPF_JEQ, 0, 0, 1), S(BPF_ST, 3),
		 S(BPF_LD | BPF_MEM, 3), RETA) == -EINVAL);
	/* written on both */
	CHECK(CK(J(BPF_JMP | BPF_JEQ, 0, 0, 2), S(BPF_ST, 3),
		 S(BPF_JMP | BPF_JA, 1), S(BPF_STX, 3),
		 S(BPF_LDX | BPF_MEM, 3), RETA) == 0);
	CHECK(RUN(S(BPF_LD | BPF_IMM, 7), S(BPF_ST, 0),
		  S(BPF_LDX | BPF_IMM, 9), S(BPF_STX, 15),
		  S(BPF_LD | BPF_MEM, 15), RETA) == 9);
}

void
test_bpf_arithmetic(void)
{
#define OP(op, a, k) RUN(S(BPF_LD | BPF_IMM, a), \
			 S(BPF_ALU | (op) | BPF_K, k), RETA)
#define OPX(op, a, x) RUN(S(BPF_LD | BPF_IMM, a), S(BPF_LDX | BPF_IMM, x), \
			  S(BPF_ALU | (op) | BPF_X, 77), RETA)
	CHECK(OP(BPF_ADD, 0xffffffff, 2) == 1);
	CHECK(OP(BPF_SUB, 1, 2) == 0xffffffff);
	CHECK(OP(BPF_MUL, 0x10000, 0x10001) == 0x10000);
	CHECK(OP(BPF_DIV, 0xffffffff, 2) == 0x7fffffff);
	CHECK(OP(BPF_MOD, 17, 5) == 2);
	CHECK(OP(BPF_OR, 5, 2) == 7);
	CHECK(OP(BPF_AND, 5, 4) == 4);
	CHECK(OP(BPF_XOR, 5, 4) == 1);
	CHECK(OP(BPF_LSH, 1, 31) == 0x80000000);
	CHECK(OP(BPF_RSH, 0x80000000, 31) == 1);
	CHECK(OPX(BPF_DIV, 9, 0) == 0);
	CHECK(OPX(BPF_MOD, 9, 0) == 0);
	CHECK(OPX(BPF_DIV, 9, 2) == 4);
	CHECK(OPX(BPF_LSH, 1, 33) == 2);
	CHECK(RUN(S(BPF_LD | BPF_IMM, 1), S(BPF_ALU | BPF_NEG, 0), RETA) ==
	      0xffffffff);
	CHECK(RUN(S(BPF_LD | BPF_IMM, 6), S(BPF_MISC | BPF_TAX, 0),
		  S(BPF_LD | BPF_IMM, 0), S(BPF_MISC | BPF_TXA, 0), RETA) == 6);
}

void
test_bpf_loads(void)
{
	CHECK(RUN(S(BPF_LD | BPF_W | BPF_ABS, 0), RETA) == 0x45010203);
	CHECK(RUN(S(BPF_LD | BPF_H | BPF_ABS, 1), RETA) == 0x0102);
	CHECK(RUN(S(BPF_LD | BPF_B | BPF_ABS, 7), RETA) == 7);
	CHECK(RUN(S(BPF_LD | BPF_W | BPF_ABS, 5), RETK(1)) == 0);
	CHECK(RUN(S(BPF_LD | BPF_B | BPF_ABS, 8), RETK(1)) == 0);
	CHECK(RUN(S(BPF_LD | BPF_W | BPF_LEN, 0), RETA) == 8);
	CHECK(RUN(S(BPF_LDX | BPF_IMM, 2), S(BPF_LD | BPF_H | BPF_IND, 2),
		  RETA) == 0x8005);
	CHECK(RUN(S(BPF_LDX | BPF_IMM, 0xffffffff),
		  S(BPF_LD | BPF_B | BPF_IND, 2), RETA) == 1);
	CHECK(RUN(S(BPF_LDX | BPF_B | BPF_MSH, 0), S(BPF_MISC | BPF_TXA, 0),
		  RETA) == 20);
	CHECK(RUN(S(BPF_LD | BPF_IMM, 5), S(BPF_LDX | BPF_IMM, 6),
		  S(BPF_LD | BPF_W | BPF_ABS,
		    (u32)SKF_AD_OFF + SKF_AD_ALU_XOR_X), RETA) == 3);
}

void
test_bpf_jumps(void)
{
#define IF(op, a, v) RUN(S(BPF_LD | BPF_IMM, a), \
			 J(BPF_JMP | (op) | BPF_K, v, 0, 1), RETK(1), RETK(2))
	CHECK(IF(BPF_JEQ, 3, 3) == 1);
	CHECK(IF(BPF_JEQ, 3, 4) == 2);
	CHECK(IF(BPF_JGT, 3, 3) == 2);
	CHECK(IF(BPF_JGE, 3, 3) == 1);
	CHECK(IF(BPF_JGT, 0x80000000, 1) == 1);
	CHECK(IF(BPF_JSET, 6, 2) == 1);
	CHECK(IF(BPF_JSET, 6, 1) == 2);
	CHECK(RUN(S(BPF_JMP | BPF_JA, 1), RETK(1), RETK(2)) == 2);
	CHECK(RUN(S(BPF_LDX | BPF_IMM, 4), S(BPF_LD | BPF_IMM, 4),
		  J(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1), RETK(1), RETK(2)) == 1);
}

int
fuzz_bpf(const u8 *bytes, size_t len)
{
	u32 n = min_t(size_t, len / sizeof(prog[0]), BPF_MAXINSNS);
	struct bpf_data d = {
		.load = bpf_load_packet, .bytes = bytes, .len = len,
	};

	memcpy(prog, bytes, n * sizeof(prog[0]));
	if (n && bpf_check(prog, n, scratch)) {
		/* closer to one that is taken */
		static const u16 codes[] = { BPF_ST, BPF_LD | BPF_MEM,
			BPF_JMP | BPF_JEQ, BPF_JMP | BPF_JA, BPF_RET | BPF_A,
			BPF_ALU | BPF_DIV | BPF_X, BPF_LD | BPF_B | BPF_IND,
			BPF_LDX | BPF_B | BPF_MSH, BPF_STX, BPF_LDX | BPF_MEM };

		for (u32 i = 0; i < n; i++) {
			u32 left = n - i - 1;

			prog[i].code = codes[prog[i].code % ARRAY_SIZE(codes)];
			if (i == n - 1)
				prog[i].code = BPF_RET | BPF_A;
			if (prog[i].code == (BPF_JMP | BPF_JEQ) && left) {
				prog[i].jt %= left;
				prog[i].jf %= left;
			} else if (prog[i].code == (BPF_JMP | BPF_JA) && left) {
				prog[i].k %= left;
			} else {
				prog[i].k %= BPF_MEMWORDS;
			}
		}
	}
	if (!bpf_check(prog, n, scratch))
		(void)bpf_run(prog, &d);
	return 0;
}
