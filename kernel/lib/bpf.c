/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF: an accumulator A, an index X, sixteen words of memory, forward
 * jumps only - so a program of n instructions ends within n steps and needs no
 * other bound.
 *
 * The checker accepts what the interpreter knows, and nothing else; the
 * interpreter relies on it for jump targets and memory words. Division by an X
 * of 0 and loads outside of the data end the program with 0, shifts by X count
 * modulo 32, as the man pages and Linux have it.
 */
#include <abi/errno.h>
#include <lib/bpf.h>
#include <lib/string.h>

static bool
code_known(u16 c)
{
	switch (c) {
	case BPF_LD | BPF_W | BPF_ABS: case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS: case BPF_LD | BPF_W | BPF_IND:
	case BPF_LD | BPF_H | BPF_IND: case BPF_LD | BPF_B | BPF_IND:
	case BPF_LD | BPF_W | BPF_LEN: case BPF_LD | BPF_IMM:
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_W | BPF_LEN: case BPF_LDX | BPF_B | BPF_MSH:
	case BPF_LDX | BPF_IMM: case BPF_LDX | BPF_MEM:
	case BPF_ST: case BPF_STX:
	case BPF_ALU | BPF_ADD | BPF_K: case BPF_ALU | BPF_ADD | BPF_X:
	case BPF_ALU | BPF_SUB | BPF_K: case BPF_ALU | BPF_SUB | BPF_X:
	case BPF_ALU | BPF_MUL | BPF_K: case BPF_ALU | BPF_MUL | BPF_X:
	case BPF_ALU | BPF_DIV | BPF_K: case BPF_ALU | BPF_DIV | BPF_X:
	case BPF_ALU | BPF_MOD | BPF_K: case BPF_ALU | BPF_MOD | BPF_X:
	case BPF_ALU | BPF_OR | BPF_K: case BPF_ALU | BPF_OR | BPF_X:
	case BPF_ALU | BPF_AND | BPF_K: case BPF_ALU | BPF_AND | BPF_X:
	case BPF_ALU | BPF_XOR | BPF_K: case BPF_ALU | BPF_XOR | BPF_X:
	case BPF_ALU | BPF_LSH | BPF_K: case BPF_ALU | BPF_LSH | BPF_X:
	case BPF_ALU | BPF_RSH | BPF_K: case BPF_ALU | BPF_RSH | BPF_X:
	case BPF_ALU | BPF_NEG:
	case BPF_JMP | BPF_JA:
	case BPF_JMP | BPF_JEQ | BPF_K: case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K: case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K: case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K: case BPF_JMP | BPF_JSET | BPF_X:
	case BPF_RET | BPF_K: case BPF_RET | BPF_A:
	case BPF_MISC | BPF_TAX: case BPF_MISC | BPF_TXA:
		return true;
	}
	return false;
}

/* socket(7)'s extensions but the two that search netlink attributes */
static bool
extension_ok(u32 k)
{
	k -= (u32)SKF_AD_OFF;
	return k < SKF_AD_MAX && !(k & 3) && k != 12 && k != 16;
}

/* one instruction by itself; left: how many follow it */
static bool
insn_ok(const struct abi_sock_filter *i, u32 left)
{
	if (!code_known(i->code))
		return false;
	switch (i->code) {
	case BPF_ALU | BPF_DIV | BPF_K:
	case BPF_ALU | BPF_MOD | BPF_K:
		return i->k != 0;
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
		return i->k < 32;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return i->k < BPF_MEMWORDS;
	case BPF_JMP | BPF_JA:
		return i->k < left;
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS:
		return i->k < (u32)SKF_AD_OFF || extension_ok(i->k);
	}
	if (BPF_CLASS(i->code) == BPF_JMP)
		return i->jt < left && i->jf < left;
	return true;
}

/*
 * On every path to an instruction, which words have been written: scratch[pc]
 * is the intersection over the jumps to it. Jumps only go forward, so one pass
 * sees all of them before it gets there.
 */
static bool
memory_ok(const struct abi_sock_filter *p, u32 n, u16 *scratch)
{
	u16 have = 0;

	memset(scratch, 0xff, n * sizeof(*scratch));
	for (u32 pc = 0; pc < n; pc++) {
		have &= scratch[pc];
		switch (p[pc].code) {
		case BPF_ST:
		case BPF_STX:
			have |= 1U << p[pc].k;
			break;
		case BPF_LD | BPF_MEM:
		case BPF_LDX | BPF_MEM:
			if (!(have & (1U << p[pc].k)))
				return false;
			break;
		case BPF_JMP | BPF_JA:
			scratch[pc + 1 + p[pc].k] &= have;
			have = 0xffff;
			break;
		default:
			if (BPF_CLASS(p[pc].code) != BPF_JMP)
				break;
			scratch[pc + 1 + p[pc].jt] &= have;
			scratch[pc + 1 + p[pc].jf] &= have;
			have = 0xffff;
			break;
		}
	}
	return true;
}

int
bpf_check(const struct abi_sock_filter *p, u32 n, u16 *scratch)
{
	if (n == 0 || n > BPF_MAXINSNS)
		return -EINVAL;
	for (u32 i = 0; i < n; i++)
		if (!insn_ok(&p[i], n - i - 1))
			return -EINVAL;
	if (BPF_CLASS(p[n - 1].code) != BPF_RET)
		return -EINVAL;
	return memory_ok(p, n, scratch) ? 0 : -EINVAL;
}

bool
bpf_load_packet(const struct bpf_data *d, u32 off, u32 size, u32 *out)
{
	const u8 *b = d->bytes;

	if (off > d->len || size > d->len - off)
		return false;
	b += off;
	if (size == 4)
		*out = (u32)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
	else
		*out = size == 2 ? (u32)b[0] << 8 | b[1] : b[0];
	return true;
}

/* A op v; false: division by 0 */
static inline bool
alu(u16 code, u32 *a, u32 v)
{
	switch (code & 0xf0) {
	case BPF_ADD: *a += v; break;
	case BPF_SUB: *a -= v; break;
	case BPF_MUL: *a *= v; break;
	case BPF_OR: *a |= v; break;
	case BPF_AND: *a &= v; break;
	case BPF_XOR: *a ^= v; break;
	case BPF_LSH: *a <<= v & 31; break;
	case BPF_RSH: *a >>= v & 31; break;
	case BPF_NEG: *a = -*a; break;
	case BPF_DIV:
		if (!v)
			return false;
		*a /= v;
		break;
	case BPF_MOD:
		if (!v)
			return false;
		*a %= v;
		break;
	}
	return true;
}

static inline bool
jump_taken(u16 code, u32 a, u32 v)
{
	switch (code & 0xf0) {
	case BPF_JEQ: return a == v;
	case BPF_JGT: return a > v;
	case BPF_JGE: return a >= v;
	default: return a & v;		/* JSET */
	}
}

static inline u32
size_of(u16 code)
{
	return code & BPF_B ? 1 : code & BPF_H ? 2 : 4;
}

u32
bpf_run(const struct abi_sock_filter *p, const struct bpf_data *d)
{
	u32 a = 0, x = 0, mem[BPF_MEMWORDS], v;

	for (;; p++) {
		switch (p->code) {
		case BPF_RET | BPF_K:
			return p->k;
		case BPF_RET | BPF_A:
			return a;
		case BPF_LD | BPF_IMM: a = p->k; continue;
		case BPF_LDX | BPF_IMM: x = p->k; continue;
		case BPF_LD | BPF_MEM: a = mem[p->k]; continue;
		case BPF_LDX | BPF_MEM: x = mem[p->k]; continue;
		case BPF_ST: mem[p->k] = a; continue;
		case BPF_STX: mem[p->k] = x; continue;
		case BPF_LD | BPF_W | BPF_LEN: a = d->len; continue;
		case BPF_LDX | BPF_W | BPF_LEN: x = d->len; continue;
		case BPF_MISC | BPF_TAX: x = a; continue;
		case BPF_MISC | BPF_TXA: a = x; continue;
		case BPF_JMP | BPF_JA: p += p->k; continue;
		case BPF_LD | BPF_W | BPF_ABS:
		case BPF_LD | BPF_H | BPF_ABS:
		case BPF_LD | BPF_B | BPF_ABS:
			if (p->k == (u32)SKF_AD_OFF + SKF_AD_ALU_XOR_X)
				a ^= x;
			else if (!d->load(d, p->k, size_of(p->code), &a))
				return 0;
			continue;
		case BPF_LDX | BPF_B | BPF_MSH:	/* length of an IP header */
			if (!d->load(d, p->k, 1, &v))
				return 0;
			x = (v & 15) * 4;
			continue;
		}
		v = p->code & BPF_X ? x : p->k;
		switch (BPF_CLASS(p->code)) {
		case BPF_ALU:
			if (!alu(p->code, &a, v))
				return 0;
			break;
		case BPF_JMP:
			p += jump_taken(p->code, a, v) ? p->jt : p->jf;
			break;
		default:		/* LD IND */
			if (!d->load(d, p->k + x, size_of(p->code), &a))
				return 0;
			break;
		}
	}
}
