/* SPDX-License-Identifier: MIT */
/* What each side tells about itself. Plain C types only. */
#ifndef TESTS_ABI_H
#define TESTS_ABI_H

struct abi_const {
	const char *name, *header;
	unsigned long value;
};
struct abi_item {
	const char *of;			/* the kernel's name of the struct */
	const char *field;		/* "" for the whole */
	unsigned long offset, size;
};
extern const struct abi_const kernel_consts[], linux_consts[], libc_consts[];
extern const struct abi_item kernel_items[], linux_items[], libc_items[];

#endif
