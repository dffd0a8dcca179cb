/* SPDX-License-Identifier: MIT */
/* The kernel's side: compiled with the kernel's headers and nothing else. */
#include "kernel_headers.h"	/* made by abi.sh: all of include/abi */
#include <mm/iov_iter.h>
#include <proc/proc.h>
#include <sched/sched.h>
#include "abi.h"

#define KERNEL
#define C(n, h)	{ #n, h, (unsigned long)(n) },
#define S(here, there) { #here, "", 0, sizeof(here) },
#define F(here, f, there, g) \
	{ #here, #f, offsetof(here, f), sizeof(((here *)0)->f) },

const struct abi_const kernel_consts[] = {
#include "consts.h"
	{ 0, 0, 0 }
};
const struct abi_item kernel_items[] = {
#include "structs.h"
	{ 0, 0, 0, 0 }
};
