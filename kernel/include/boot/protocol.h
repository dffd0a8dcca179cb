/* SPDX-License-Identifier: MIT */
/*
 * Layouts of the boot protocols as byte offsets, for C and assembler.
 * Sources: the Linux/x86 boot protocol (2.15) and zero page documents; Xen's
 * PVH document, start_info.h. Fields are little endian and unaligned.
 */
#ifndef BOOT_PROTOCOL_H
#define BOOT_PROTOCOL_H

/* Zero page ("boot_params"), 4096 bytes. */
#define BP_SIZE			4096
#define BP_ORIG_X		0x000	/* screen_info: u8 */
#define BP_ORIG_Y		0x001
#define BP_EXT_MEM_K		0x002	/* u16 */
#define BP_VIDEO_PAGE		0x004	/* u16 */
#define BP_VIDEO_MODE		0x006	/* u8 */
#define BP_VIDEO_COLS		0x007	/* u8 */
#define BP_VIDEO_EGA_BX		0x00a	/* u16 */
#define BP_VIDEO_LINES		0x00e	/* u8 */
#define BP_VIDEO_ISVGA		0x00f	/* u8, VIDEO_TYPE_* */
#define BP_VIDEO_POINTS		0x010	/* u16 */
#define BP_LFB_WIDTH		0x012	/* u16 */
#define BP_LFB_HEIGHT		0x014
#define BP_LFB_DEPTH		0x016
#define BP_LFB_BASE		0x018	/* u32 */
#define BP_LFB_SIZE		0x01c	/* u32, 64 KiB units for VESA */
#define BP_LFB_LINELENGTH	0x024	/* u16 */
#define BP_LFB_COLORS		0x026	/* 8 bytes: size,pos of r,g,b,x */
#define BP_LFB_PAGES		0x032
#define BP_VESA_ATTRIBUTES	0x034	/* u16 */
#define BP_CAPABILITIES		0x036	/* u32 */
#define BP_EXT_LFB_BASE		0x03a	/* u32 */
#define BP_ACPI_RSDP		0x070	/* u64 */
#define BP_EXT_RAMDISK_IMAGE	0x0c0	/* u32 */
#define BP_EXT_RAMDISK_SIZE	0x0c4
#define BP_EXT_CMD_LINE_PTR	0x0c8
#define BP_EFI_SIGNATURE	0x1c0	/* "EL32", "EL64" */
#define BP_EFI_SYSTAB		0x1c4
#define BP_EFI_MEMDESC_SIZE	0x1c8
#define BP_EFI_MEMDESC_VERSION	0x1cc
#define BP_EFI_MEMMAP		0x1d0
#define BP_EFI_MEMMAP_SIZE	0x1d4
#define BP_EFI_SYSTAB_HI	0x1d8
#define BP_EFI_MEMMAP_HI	0x1dc
#define BP_ALT_MEM_K		0x1e0	/* u32 */
#define BP_SCRATCH		0x1e4	/* u32 */
#define BP_E820_ENTRIES		0x1e8	/* u8 */
#define BP_SENTINEL		0x1ef	/* u8: 0 when the loader zeroed */
#define BP_SETUP_SECTS		0x1f1
#define BP_SYSSIZE		0x1f4
#define BP_VID_MODE		0x1fa
#define BP_BOOT_FLAG		0x1fe
#define BP_HEADER		0x202	/* "HdrS" */
#define BP_VERSION		0x206
#define BP_KERNEL_VERSION	0x20e
#define BP_TYPE_OF_LOADER	0x210
#define BP_LOADFLAGS		0x211
#define BP_CODE32_START		0x214
#define BP_RAMDISK_IMAGE	0x218
#define BP_RAMDISK_SIZE		0x21c
#define BP_HEAP_END_PTR		0x224
#define BP_CMD_LINE_PTR		0x228
#define BP_INITRD_ADDR_MAX	0x22c
#define BP_KERNEL_ALIGNMENT	0x230
#define BP_XLOADFLAGS		0x236
#define BP_CMDLINE_SIZE		0x238
#define BP_SETUP_DATA		0x250	/* u64 */
#define BP_PREF_ADDRESS		0x258
#define BP_INIT_SIZE		0x260
#define BP_HANDOVER_OFFSET	0x264
#define BP_KERNEL_INFO_OFFSET	0x268
#define BP_HDR_END		0x26c
#define BP_E820_TABLE		0x2d0	/* 20 bytes each */
#define BP_E820_MAX		128

#define VIDEO_TYPE_MDA		0x10
#define VIDEO_TYPE_TEXT		0x01	/* VGA in text mode */
#define VIDEO_TYPE_VLFB		0x23	/* VESA linear framebuffer */
#define VIDEO_TYPE_EFI		0x70
#define VIDEO_CAP_64BIT_BASE	2

#define LOADED_HIGH		0x01
#define CAN_USE_HEAP		0x80
#define XLF_KERNEL_64		0x01
#define XLF_EFI_HANDOVER_64	0x08
#define XLF_EFI_KEXEC		0x10

/* struct setup_data: u64 next, u32 type, u32 len, data[len] */
#define SETUP_DATA_HDR		16
#define SETUP_E820_EXT		1
#define SETUP_RNG_SEED		9

/* Xen PVH: hvm_start_info and the entries it points to. */
#define PVH_MAGIC		0x336ec578
#define PVH_VERSION		0x04	/* u32; 1 adds the memory map */
#define PVH_NR_MODULES		0x0c	/* u32 */
#define PVH_MODLIST		0x10	/* u64 */
#define PVH_CMDLINE		0x18	/* u64 */
#define PVH_RSDP		0x20	/* u64 */
#define PVH_MEMMAP		0x28	/* u64 */
#define PVH_MEMMAP_ENTRIES	0x30	/* u32 */
#define PVH_SIZE_V0		0x28
#define PVH_SIZE_V1		0x38
#define PVH_MOD_SIZE		32	/* u64 paddr, size, cmdline, reserved */
#define PVH_MEM_SIZE		24	/* u64 addr, size; u32 type, reserved */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

/* The kernel image: offsets in the flat binary that mkbzimage relies on. */
#define IMAGE_KERNEL_INFO	0x20
#define IMAGE_ENTRY64		0x200

#endif
