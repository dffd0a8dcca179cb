/* SPDX-License-Identifier: MIT */
/* futex(2), set_robust_list(2), futex_waitv(2). */
#ifndef ABI_FUTEX_H
#define ABI_FUTEX_H

#include <lib/types.h>

#define FUTEX_WAIT		0
#define FUTEX_WAKE		1
#define FUTEX_FD		2
#define FUTEX_REQUEUE		3
#define FUTEX_CMP_REQUEUE	4
#define FUTEX_WAKE_OP		5
#define FUTEX_LOCK_PI		6
#define FUTEX_UNLOCK_PI		7
#define FUTEX_TRYLOCK_PI	8
#define FUTEX_WAIT_BITSET	9
#define FUTEX_WAKE_BITSET	10
#define FUTEX_WAIT_REQUEUE_PI	11
#define FUTEX_CMP_REQUEUE_PI	12
#define FUTEX_LOCK_PI2		13

#define FUTEX_PRIVATE_FLAG	128
#define FUTEX_CLOCK_REALTIME	256
#define FUTEX_CMD_MASK		(~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME))

#define FUTEX_BITSET_MATCH_ANY	0xffffffffU

/* the futex word of a robust mutex */
#define FUTEX_WAITERS		0x80000000U
#define FUTEX_OWNER_DIED	0x40000000U
#define FUTEX_TID_MASK		0x3fffffffU

#define FUTEX_OP_SET		0
#define FUTEX_OP_ADD		1
#define FUTEX_OP_OR		2
#define FUTEX_OP_ANDN		3
#define FUTEX_OP_XOR		4
#define FUTEX_OP_OPARG_SHIFT	8
#define FUTEX_OP_CMP_EQ		0
#define FUTEX_OP_CMP_NE		1
#define FUTEX_OP_CMP_LT		2
#define FUTEX_OP_CMP_LE		3
#define FUTEX_OP_CMP_GT		4
#define FUTEX_OP_CMP_GE		5

struct abi_robust_list_head {
	u64 next;		/* struct robust_list *, bit 0: PI */
	s64 futex_offset;	/* from a list entry to its futex word */
	u64 list_op_pending;
};
static_assert(sizeof(struct abi_robust_list_head) == 24, "ABI");
#define ROBUST_LIST_LIMIT	2048

struct abi_futex_waitv {
	u64 val, uaddr;
	u32 flags, reserved;
};
static_assert(sizeof(struct abi_futex_waitv) == 24, "ABI");
#define FUTEX_32		2
#define FUTEX_WAITV_MAX		128

#endif
