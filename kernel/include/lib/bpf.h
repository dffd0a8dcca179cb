/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF programs, "The BSD Packet Filter" (McCanne, Jacobson 1993): a
 * check that a program ends and stays within its memory, and an interpreter.
 * Pure. Who runs programs says where loads come from.
 */
#ifndef LIB_BPF_H
#define LIB_BPF_H

#include <abi/bpf.h>

/*
 * What a program looks at. load: size 1, 2 or 4 bytes at off as a number in
 * the machine's order; false ends the program with 0. off is what the program
 * computed, unchecked.
 */
struct bpf_data {
	bool (*load)(const struct bpf_data *d, u32 off, u32 size, u32 *out);
	const void *bytes;
	u32 len;
};

/*
 * bpf_check - may it be run? Every code known, jumps forward and inside, no
 * division by a constant 0, memory words written before they are read on every
 * path, the last instruction a return. scratch: n u16 for the check, any
 * contents. 0 or -EINVAL.
 */
int bpf_check(const struct abi_sock_filter *p, u32 n, u16 *scratch);
/* bpf_run - the returned value of a checked program. Runs at most n steps. */
u32 bpf_run(const struct abi_sock_filter *p, const struct bpf_data *d);
/* bpf_load_packet - a load function: big-endian from d->bytes[d->len]. */
bool bpf_load_packet(const struct bpf_data *d, u32 off, u32 size, u32 *out);

#endif
