/* SPDX-License-Identifier: MIT */
/*
 * The FADT (ACPI 5.2.9) in the form others use: 64-bit register blocks where
 * present, else the old ports. A short table has zeros in what it lacks.
 */
#include <drivers/acpi.h>
#include <lib/bitops.h>
#include <lib/string.h>

#define BOOT_NO_8042	BIT(1)
#define BOOT_VGA_NONE	BIT(2)
#define BOOT_RTC_NONE	BIT(5)
#define FLAG_TMR_32	BIT(8)
#define FLAG_RESET	BIT(10)
#define FLAG_HW_REDUCED	BIT(20)

struct reader {
	const u8 *p;
	u32 len;
};

static u64
field(const struct reader *r, u32 off, u32 size)
{
	u64 v = 0;

	if (off + size <= r->len)
		memcpy(&v, r->p + off, size);
	return v;
}

static void
gas_field(const struct reader *r, struct acpi_gas *g, u32 xoff, u32 off,
	  u32 old_bits)
{
	memset(g, 0, sizeof(*g));
	if (xoff && xoff + sizeof(*g) <= r->len) {
		memcpy(g, r->p + xoff, sizeof(*g));
		if (g->address)
			return;
	}
	if (off) {
		g->space = GAS_IO;
		g->bits = old_bits;
		g->address = field(r, off, 4);
	}
}

bool
acpi_fadt_get(struct acpi_fadt *out)
{
	const struct acpi_header *h = acpi_table("FACP", 0);
	struct reader r;
	u32 flags, boot;

	if (!h)
		return false;
	r.p = (const u8 *)h;
	r.len = h->length;
	memset(out, 0, sizeof(*out));
	out->sci_gsi = field(&r, 46, 2);
	out->smi_cmd = field(&r, 48, 4);
	out->acpi_enable = field(&r, 52, 1);
	out->acpi_disable = field(&r, 53, 1);
	out->pm1_evt_len = field(&r, 88, 1);
	out->century = field(&r, 108, 1);
	boot = h->revision >= 2 ? field(&r, 109, 2) : BOOT_NO_8042;
	flags = field(&r, 112, 4);
	out->reset_value = field(&r, 128, 1);
	gas_field(&r, &out->reset, 116, 0, 0);
	gas_field(&r, &out->pm1a_evt, 148, 56, 32);
	gas_field(&r, &out->pm1b_evt, 160, 60, 32);
	gas_field(&r, &out->pm1a_cnt, 172, 64, 16);
	gas_field(&r, &out->pm1b_cnt, 184, 68, 16);
	gas_field(&r, &out->pm_tmr, 208, 76, 32);
	gas_field(&r, &out->sleep_control, 244, 0, 0);
	gas_field(&r, &out->sleep_status, 256, 0, 0);
	out->hw_reduced = flags & FLAG_HW_REDUCED;
	out->pm_tmr_32 = flags & FLAG_TMR_32;
	out->reset_supported = (flags & FLAG_RESET) && out->reset.address;
	/* revision 1 says nothing: then there is an i8042 */
	out->no_8042 = !(boot & BOOT_NO_8042);
	out->no_vga = h->revision >= 3 && (boot & BOOT_VGA_NONE);
	out->no_rtc = h->revision >= 5 && (boot & BOOT_RTC_NONE);
	if (out->hw_reduced) {
		memset(&out->pm_tmr, 0, sizeof(out->pm_tmr));
		memset(&out->pm1a_cnt, 0, sizeof(out->pm1a_cnt));
		memset(&out->pm1b_cnt, 0, sizeof(out->pm1b_cnt));
	}
	return true;
}
