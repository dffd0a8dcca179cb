/* SPDX-License-Identifier: MIT */
/*
 * The address space of x86_64 Kerla, 4-level paging. Usable from assembler.
 *
 *   0x0000000000001000 .. 0x00007ffffffff000   user
 *   0xffff888000000000 .. +64 TiB              direct map of all RAM (NX, RW)
 *   0xffffc90000000000 .. +32 TiB              vmap: stacks, MMIO, vmalloc
 *   0xffffea0000000000 .. +1 TiB               struct page array
 *   0xffffffff80000000 .. +1 GiB               kernel image (slid by KASLR)
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

#define USER_MIN	UL_(0x1000)	/* mmap_min_addr is policy, above it */
#define USER_MAX	UL_(0x00007ffffffff000)	/* first byte not the user's */

#define PAGE_OFFSET	UL_(0xffff888000000000)
#define DIRECT_MAP_MAX	(UL_(64) << 40)
#define VMAP_BASE	UL_(0xffffc90000000000)
#define VMAP_END	UL_(0xffffe90000000000)
#define VMEMMAP_BASE	UL_(0xffffea0000000000)
#define KERNEL_LINK_BASE UL_(0xffffffff80000000)
#define KERNEL_IMAGE_MAX (UL_(1) << 30)
#define KERNEL_TEXT_OFFSET UL_(0x200000)

#define KSTACK_SIZE	(UL_(4) * PAGE_SIZE)
#define IRQSTACK_SIZE	(UL_(4) * PAGE_SIZE)

#endif
