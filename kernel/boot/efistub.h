/* SPDX-License-Identifier: MIT */
/* What the parts of the EFI stub share. Not of the kernel: see efistub.c. */
#ifndef BOOT_EFISTUB_H
#define BOOT_EFISTUB_H

#pragma GCC visibility push(hidden)
#include <boot/cmdline.h>
#include <boot/protocol.h>
#include "efi.h"

struct stub_info {
	char magic[4];
	u32 kernel_back;	/* kernel image = this struct - kernel_back */
	u32 file_size, mem_size;
};
extern const struct stub_info stub_info;

#define KERNEL_ALIGN	0x200000UL
#define BELOW_4G	0xffffffffUL
#define CMDLINE_MAX	4096
#define E820_EXT_MAX	400
#define SEED_LEN	32
#define ARENA_PAGES	8

/* One allocation holds all that is handed to the kernel but its image. */
struct arena {
	u8 zero_page[4096];
	char cmdline[CMDLINE_MAX];
	struct {
		u64 next;
		u32 type, len;
		u8 data[SEED_LEN];
	} seed;
	struct {
		u64 next;
		u32 type, len;
		u8 data[E820_EXT_MAX * 20];
	} ext;
};
static_assert(sizeof(struct arena) <= ARENA_PAGES * 4096, "arena");

struct stub {
	efi_handle_t image;
	struct efi_system_table *st;
	struct efi_boot_services *bs;
	struct efi_loaded_image *li;
	struct arena *arena;
	u8 *bp;
	u64 kernel;			/* where it was copied to */
	struct efi_memory_desc *map;
	u64 map_room, map_size, desc_size;
	u32 desc_version;
};

/* Pages below 4 GiB, or 0. */
u64 stub_alloc(struct stub *s, u32 type, u64 pages);
/*
 * stub_load_initrd - find, read and enter the initrd in the zero page.
 * Success as well when none was asked for.
 */
efi_status_t stub_load_initrd(struct stub *s);

static inline void
put16(u8 *bp, u32 off, u32 v)
{
	*(u16 *)(bp + off) = v;
}

static inline void
put32(u8 *bp, u32 off, u32 v)
{
	*(u32 *)(bp + off) = v;
}

static inline void
put64(u8 *bp, u32 off, u64 v)
{
	*(u64 *)(bp + off) = v;
}

#endif
