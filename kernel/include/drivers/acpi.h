/* SPDX-License-Identifier: MIT */
/*
 * ACPI's static tables (ACPI 6.5, 5.2). All of it is firmware's word: every
 * length is checked, nothing outside a checked table is read.
 */
#ifndef DRIVERS_ACPI_H
#define DRIVERS_ACPI_H

#include <lib/types.h>

struct acpi_header {
	char sig[4];
	u32 length;		/* whole table, bytes */
	u8 revision, checksum;
	char oem_id[6], oem_table_id[8];
	u32 oem_revision, creator_id, creator_revision;
};
static_assert(sizeof(struct acpi_header) == 36, "ACPI 5.2.6");

enum { GAS_MEMORY = 0, GAS_IO = 1 };
struct acpi_gas {		/* generic address */
	u8 space, bits, offset, access;
	u64 address;
} __packed;

/* acpi_init - find the RSDP and the table list. E, direct map present. */
bool acpi_available(void);
/*
 * acpi_table - the nth table with that signature, mapped for good, length and
 * checksum good; NULL. "DSDT" and "FACS" come from the FADT. Context: T, E
 * once vmap_mmio() works (tables below 4 GiB: always).
 */
const struct acpi_header *acpi_table(const char sig[4], unsigned int n);
/* acpi_table_at - table i of the list, for /sys/firmware; NULL past the end. */
const struct acpi_header *acpi_table_at(unsigned int i);

/* What of the FADT others need, decoded for any revision. */
struct acpi_fadt {
	bool hw_reduced, no_8042, no_vga, no_rtc, no_pic_timer;
	bool reset_supported;
	u32 sci_gsi;			/* ISA line number */
	u32 smi_cmd;
	u8 acpi_enable, acpi_disable, century, reset_value;
	struct acpi_gas pm1a_evt, pm1b_evt, pm1a_cnt, pm1b_cnt, pm_tmr, reset;
	struct acpi_gas sleep_control, sleep_status;
	u8 pm1_evt_len;
	bool pm_tmr_32;
};
/* acpi_fadt_get - false when there is none. */
bool acpi_fadt_get(struct acpi_fadt *out);

/* gas_read/gas_write - access a register in I/O or memory space, by its
 * width. Memory needs vmap. False when the space is not supported. */
bool acpi_gas_read(const struct acpi_gas *g, u64 *v);
bool acpi_gas_write(const struct acpi_gas *g, u64 v);

/* acpi_sleep_type - the values of \_S<n> by a scan of the AML byte code. */
bool acpi_sleep_type(unsigned int state, u8 *a, u8 *b);

/* acpi_power_init - reboot and power-off methods. T. */
void acpi_power_init(void);

#endif
