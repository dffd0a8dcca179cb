/* SPDX-License-Identifier: MIT */
/* rseq(2): the area a thread registers, and the descriptor it points to. */
#ifndef ABI_RSEQ_H
#define ABI_RSEQ_H

#include <lib/types.h>

struct abi_rseq {
	u32 cpu_id_start, cpu_id;
	u64 rseq_cs;			/* address of a struct abi_rseq_cs or 0 */
	u32 flags;
	u32 pad[3];			/* the size is that of the alignment */
};
static_assert(sizeof(struct abi_rseq) == 32, "ABI");

struct abi_rseq_cs {
	u32 version, flags;
	u64 start_ip, post_commit_offset, abort_ip;
};
static_assert(sizeof(struct abi_rseq_cs) == 32, "ABI");

#define RSEQ_FLAG_UNREGISTER	1
#define RSEQ_CPU_ID_UNINITIALIZED	((u32)-1)
/* of rseq_cs.flags and rseq.flags: no longer honoured */
#define RSEQ_CS_FLAGS_NO_RESTART	7

#endif
