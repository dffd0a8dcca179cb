/* SPDX-License-Identifier: MIT */
/*
 * What every boot protocol is turned into before kernel_main() runs.
 *
 * The entry code (arch/x86_64/boot/head.S) calls bootinfo_collect() with the
 * protocol and the address the loader gave; that copies all it needs, so
 * nothing of the loader's memory is used later but the ranges listed in
 * modules[] and owned[].
 *
 * The two parsers are pure: they read memory only through struct boot_reach
 * and write only *out, so they run on the host over any bytes.
 */
#ifndef BOOT_BOOTINFO_H
#define BOOT_BOOTINFO_H

#include <lib/types.h>

#define BOOTINFO_MAGIC		0x4b424f49	/* "KBOI" */
#define BOOT_MAP_MAX		256
#define BOOT_MODULES_MAX	8
#define BOOT_OWNED_MAX		8
#define BOOT_CMDLINE_MAX	4096		/* with its NUL */
#define BOOT_SEED_MAX		64

enum boot_protocol {
	BOOT_NONE,
	BOOT_LINUX32,		/* bzImage 32-bit entry, esi = boot_params */
	BOOT_LINUX64,		/* 64-bit entry, rsi = boot_params */
	BOOT_PVH,		/* ebx = hvm_start_info */
};

/* Numbers as in E820, except that higher priority is by bootinfo's own rule */
enum boot_mem_type {
	BOOT_MEM_USABLE = 1,
	BOOT_MEM_RESERVED = 2,
	BOOT_MEM_ACPI = 3,	/* usable once the tables have been read */
	BOOT_MEM_NVS = 4,
	BOOT_MEM_UNUSABLE = 5,	/* broken */
};

struct boot_mem_range {
	paddr_t start, end;	/* [start, end), bytes */
	u32 type;		/* enum boot_mem_type */
};

struct boot_range {
	paddr_t start;
	u64 len;		/* bytes */
};

enum boot_fb_type { BOOT_FB_NONE, BOOT_FB_TEXT, BOOT_FB_LINEAR };

struct boot_color {
	u8 pos, size;		/* bits */
};

/*
 * The screen as the loader left it. LINEAR: phys .. blue are valid; checked
 * to be self-consistent (width * bpp fits pitch, size covers height). TEXT:
 * VGA text at 0xb8000 (0xb0000 in mode 7): cols .. cursor_y are valid.
 */
struct boot_screen {
	enum boot_fb_type type;
	paddr_t phys;
	u64 size;		/* bytes to map */
	u32 width, height;	/* pixels */
	u32 pitch;		/* bytes */
	u32 bpp;		/* bits a pixel: 15, 16, 24 or 32 */
	struct boot_color red, green, blue;
	u16 cols, rows;		/* characters */
	u16 cursor_x, cursor_y;
	u8 vga_mode;		/* BIOS number: 3, 7, ... */
};

struct boot_efi {
	paddr_t systab;		/* 0: not booted by EFI */
	bool is_64;
	struct boot_range memmap;	/* also in owned[] */
	u32 memdesc_size, memdesc_version;
};

struct bootinfo {
	u32 magic;
	enum boot_protocol protocol;
	u8 loader_type;		/* bzImage type_of_loader, 0xff unknown */
	/*
	 * Sorted, disjoint, neighbours of equal type merged; usable ranges are
	 * whole pages and never hold frame 0. The kernel image, modules[] and
	 * owned[] lie inside usable ranges: whoever allocates must skip them.
	 */
	u32 nr_map;
	u32 map_dropped;	/* entries lost because the array was full */
	struct boot_mem_range map[BOOT_MAP_MAX];

	paddr_t kernel_phys_start, kernel_phys_end;	/* .bss and all */
	u64 kaslr_slide;	/* bytes added to link addresses */

	/*
	 * The initramfs: archives to be unpacked in order. They may lie outside
	 * map[] when mem= cut it, but always below 4 GiB, i.e. in the early
	 * direct map.
	 */
	u32 nr_modules;
	struct boot_range modules[BOOT_MODULES_MAX];
	u32 nr_owned;		/* to be kept: EFI memory map */
	struct boot_range owned[BOOT_OWNED_MAX];

	paddr_t rsdp;		/* 0: unknown, ACPI scans */
	struct boot_screen screen;
	struct boot_efi efi;
	u32 seed_len;		/* bytes of firmware randomness in seed[] */
	u8 seed[BOOT_SEED_MAX];
	u64 tsc_entry;		/* TSC at the kernel's first instruction */
	char cmdline[BOOT_CMDLINE_MAX];
};

/*
 * How a parser reaches physical memory.
 * map() returns len readable bytes at phys, or NULL; phys + len may wrap.
 */
struct boot_reach {
	const void *(*map)(const struct boot_reach *r, paddr_t phys, u64 len);
};

/*
 * bootinfo_from_boot_params - read a Linux zero page.
 * @blob, @len: the page; 4096 bytes, anything shorter is -EINVAL.
 * @out: all zero on entry.
 * Returns 0, or -EINVAL when there is no memory map to be had.
 * Context: any; pure.
 */
int __must_check bootinfo_from_boot_params(const void *blob, size_t len,
	const struct boot_reach *reach, struct bootinfo *out);

/*
 * bootinfo_from_pvh - read a Xen/PVH hvm_start_info.
 * @start_info: its physical address. Otherwise as above.
 */
int __must_check bootinfo_from_pvh(paddr_t start_info,
	const struct boot_reach *reach, struct bootinfo *out);

/*
 * bootinfo_map_add - put a range into out->map, keeping its invariants.
 * Where ranges overlap the less usable type wins, in any order of calls when
 * the array does not overflow. When it is full a usable range is dropped and
 * any other widens over usable neighbours: memory is lost, never invented.
 * To keep that true add the usable ranges first.
 */
void bootinfo_map_add(struct bootinfo *out, paddr_t start, u64 len, u32 type);
/* bootinfo_map_finish - trim usable ranges to pages, withhold frame 0. */
void bootinfo_map_finish(struct bootinfo *out);
/* bootinfo_map_limit - `mem=`: no usable memory at or above limit. */
void bootinfo_map_limit(struct bootinfo *out, paddr_t limit);
/* bootinfo_set_cmdline - copy at most max bytes or to the NUL. */
void bootinfo_set_cmdline(struct bootinfo *out, const char *s, size_t max);

/*
 * bootinfo_collect - head.S's call: the one struct bootinfo, filled.
 * Falls back to an empty map on a blob that cannot be parsed; kernel_main()
 * finds nr_map 0 then and panics with a console to say so.
 * Context: E, once, direct map of the first 4 GiB present.
 */
struct bootinfo *bootinfo_collect(enum boot_protocol proto, paddr_t params);

/* The one instance; valid from kernel_main() on, constant after it. */
extern struct bootinfo boot_info;

/*
 * Set before the kernel runs at its final address; valid from the first
 * instruction of C. physical = virtual - _text + boot_kernel_phys.
 */
extern paddr_t boot_kernel_phys;	/* of _text; 2 MiB aligned */
extern u64 boot_kaslr_slide;
extern u64 boot_tsc_entry;

#endif
