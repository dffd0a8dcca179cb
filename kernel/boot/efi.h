/* SPDX-License-Identifier: MIT */
/*
 * The part of UEFI 2.10 that the EFI stub and the EFI side of bootinfo use,
 * 64-bit only. Unused members keep their slots as pointers.
 */
#ifndef BOOT_EFI_H
#define BOOT_EFI_H

#include <lib/types.h>

#define EFIAPI		__attribute__((ms_abi))

typedef u64 efi_status_t;
typedef void *efi_handle_t;
typedef unsigned short efi_char_t;

#define EFI_ERR(n)		(1UL << 63 | (n))
#define EFI_SUCCESS		0UL
#define EFI_LOAD_ERROR		EFI_ERR(1)
#define EFI_INVALID_PARAMETER	EFI_ERR(2)
#define EFI_BUFFER_TOO_SMALL	EFI_ERR(5)
#define EFI_OUT_OF_RESOURCES	EFI_ERR(9)
#define EFI_NOT_FOUND		EFI_ERR(14)

struct efi_guid {
	u32 a;
	u16 b, c;
	u8 d[8];
};

#define EFI_ACPI_10_GUID { 0xeb9d2d30, 0x2d88, 0x11d3, \
	{ 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d } }
#define EFI_ACPI_20_GUID { 0x8868e871, 0xe4f1, 0x11d3, \
	{ 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 } }
#define EFI_LOADED_IMAGE_GUID { 0x5b1b31a1, 0x9562, 0x11d2, \
	{ 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } }
#define EFI_GOP_GUID { 0x9042a9de, 0x23dc, 0x4a38, \
	{ 0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a } }
#define EFI_FILE_SYSTEM_GUID { 0x964e5b22, 0x6459, 0x11d2, \
	{ 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } }
#define EFI_FILE_INFO_GUID { 0x09576e92, 0x6d3f, 0x11d2, \
	{ 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } }
#define EFI_LOAD_FILE2_GUID { 0x4006c0c1, 0xfcb3, 0x403e, \
	{ 0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, 0xe0, 0x6d } }
#define LINUX_INITRD_MEDIA_GUID { 0x5568e427, 0x68fc, 0x4f3d, \
	{ 0xac, 0x74, 0xca, 0x55, 0x52, 0x31, 0xcc, 0x68 } }
#define EFI_RNG_GUID { 0x3152bca5, 0xeade, 0x433d, \
	{ 0x86, 0x2e, 0xc0, 0x1c, 0xdc, 0x29, 0x1f, 0x44 } }
#define EFI_MEMORY_ATTRIBUTE_GUID { 0xf4560cf6, 0x40ec, 0x4b4a, \
	{ 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 } }

enum efi_memory_type {
	EFI_RESERVED, EFI_LOADER_CODE, EFI_LOADER_DATA, EFI_BOOT_CODE,
	EFI_BOOT_DATA, EFI_RUNTIME_CODE, EFI_RUNTIME_DATA, EFI_CONVENTIONAL,
	EFI_UNUSABLE, EFI_ACPI_RECLAIM, EFI_ACPI_NVS, EFI_MMIO, EFI_MMIO_PORT,
	EFI_PAL_CODE, EFI_PERSISTENT
};

#define EFI_MEMORY_XP		0x4000UL
#define EFI_ALLOCATE_MAX	1
#define EFI_ALLOCATE_ADDRESS	2

struct efi_memory_desc {
	u32 type;
	u64 phys;
	u64 virt;
	u64 pages;
	u64 attr;
};

struct efi_table_header {
	u64 signature;
	u32 revision, size, crc32, reserved;
};

struct efi_text_output {
	void *reset;
	efi_status_t (EFIAPI *output)(struct efi_text_output *,
				      const efi_char_t *);
};

struct efi_boot_services {
	struct efi_table_header hdr;
	void *raise_tpl, *restore_tpl;
	efi_status_t (EFIAPI *allocate_pages)(u32 how, u32 type, u64 pages,
					      u64 *addr);
	efi_status_t (EFIAPI *free_pages)(u64 addr, u64 pages);
	efi_status_t (EFIAPI *get_memory_map)(u64 *size, void *map, u64 *key,
					      u64 *desc_size, u32 *version);
	efi_status_t (EFIAPI *allocate_pool)(u32 type, u64 size, void **p);
	efi_status_t (EFIAPI *free_pool)(void *p);
	void *events[6], *install[3];
	efi_status_t (EFIAPI *handle_protocol)(efi_handle_t,
					const struct efi_guid *, void **);
	void *reserved, *register_notify, *locate_handle;
	efi_status_t (EFIAPI *locate_device_path)(const struct efi_guid *,
					const void **path, efi_handle_t *);
	void *install_table, *images[4];
	efi_status_t (EFIAPI *exit_boot_services)(efi_handle_t, u64 key);
	void *monotonic, *stall, *watchdog, *connect[2];
	void *open[3], *per_handle, *locate_handle_buffer;
	efi_status_t (EFIAPI *locate_protocol)(const struct efi_guid *,
					       void *registration, void **);
};

struct efi_config_table {
	struct efi_guid guid;
	u64 table;
};

struct efi_system_table {
	struct efi_table_header hdr;
	void *vendor;
	u32 revision;
	efi_handle_t in_handle;
	void *in;
	efi_handle_t out_handle;
	struct efi_text_output *out;
	efi_handle_t err_handle;
	struct efi_text_output *err;
	void *runtime;
	struct efi_boot_services *boot;
	u64 nr_tables;
	const struct efi_config_table *tables;
};

struct efi_loaded_image {
	u32 revision;
	efi_handle_t parent;
	struct efi_system_table *systab;
	efi_handle_t device;
	void *path, *reserved;
	u32 options_size;
	const efi_char_t *options;
	void *base;
	u64 size;
};

struct efi_gop_info {
	u32 version, width, height, format;
	u32 red, green, blue, rest;
	u32 pixels_per_line;
};
#define EFI_PIXEL_RGBX		0
#define EFI_PIXEL_BGRX		1
#define EFI_PIXEL_MASKS		2

struct efi_gop_mode {
	u32 max, mode;
	struct efi_gop_info *info;
	u64 info_size, base, size;
};

struct efi_gop {
	void *query, *set, *blt;
	struct efi_gop_mode *mode;
};

struct efi_file {
	u64 revision;
	efi_status_t (EFIAPI *open)(struct efi_file *, struct efi_file **,
				    const efi_char_t *, u64 mode, u64 attr);
	efi_status_t (EFIAPI *close)(struct efi_file *);
	void *delete_file;
	efi_status_t (EFIAPI *read)(struct efi_file *, u64 *size, void *);
	void *write, *get_position, *set_position;
	efi_status_t (EFIAPI *get_info)(struct efi_file *,
			const struct efi_guid *, u64 *size, void *);
};

struct efi_file_info {
	u64 size, file_size;
};

struct efi_file_system {
	u64 revision;
	efi_status_t (EFIAPI *open_volume)(struct efi_file_system *,
					   struct efi_file **);
};

struct efi_load_file2 {
	efi_status_t (EFIAPI *load)(struct efi_load_file2 *, const void *path,
				    u8 policy, u64 *size, void *);
};

struct efi_rng {
	void *info;
	efi_status_t (EFIAPI *get)(struct efi_rng *, const struct efi_guid *,
				   u64 size, void *);
};

struct efi_memory_attribute {
	void *get, *set;
	efi_status_t (EFIAPI *clear)(struct efi_memory_attribute *, u64 base,
				     u64 len, u64 attr);
};

static_assert(sizeof(struct efi_memory_desc) == 40, "efi_memory_desc");
static_assert(offsetof(struct efi_boot_services, handle_protocol) == 152, "");
static_assert(offsetof(struct efi_boot_services, exit_boot_services) == 232, "");
static_assert(offsetof(struct efi_boot_services, locate_protocol) == 320, "");
static_assert(offsetof(struct efi_system_table, nr_tables) == 104, "");
static_assert(offsetof(struct efi_loaded_image, options) == 56, "");

#endif
