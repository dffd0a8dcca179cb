/* SPDX-License-Identifier: MIT */
/*
 * Shadow of arch/layout.h for host tests: the same areas in the same order of
 * use, at addresses a Linux process may have. User memory lies below
 * everything else, so that a kernel pointer given to uaccess is refused; all
 * keep clear of AddressSanitizer's shadow (0x7fff8000 .. 0x10007fff7fff).
 */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#ifdef __ASSEMBLER__
#define UL_(x)	x
#else
#define UL_(x)	x##UL
#endif

#define PAGE_SHIFT	12
#define PAGE_SIZE	(UL_(1) << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))
#define LARGE_PAGE_SHIFT 21
#define LARGE_PAGE_SIZE	(UL_(1) << LARGE_PAGE_SHIFT)

#define USER_MIN	UL_(0x1000)
#define USER_MAX	UL_(0x110000000000)

#define PAGE_OFFSET	UL_(0x200000000000)
#define DIRECT_MAP_MAX	(UL_(1) << 40)
#define VMAP_BASE	UL_(0x280000000000)
#define VMAP_END	UL_(0x288000000000)
#define VMEMMAP_BASE	UL_(0x300000000000)
#define KERNEL_LINK_BASE UL_(0xffffffff80000000)
#define KERNEL_IMAGE_MAX (UL_(1) << 30)
#define KERNEL_TEXT_OFFSET UL_(0x200000)

#define KSTACK_SIZE	(UL_(4) * PAGE_SIZE)
#define IRQSTACK_SIZE	(UL_(4) * PAGE_SIZE)

/* where the tests' own user blocks are: below USER_MAX, above the shadow */
#define HOST_USER_BASE	UL_(0x108000000000)
#define HOST_USER_SIZE	(UL_(1) << 30)

#endif
