/* SPDX-License-Identifier: MIT */
/*
 * Power-off and reset by ACPI's fixed hardware: PM1 control with the values of
 * \_S5, or the sleep control register of hardware-reduced machines (microvm),
 * and the reset register.
 *
 * \_S5 is found without an AML interpreter: the byte code of `Name (_S5_,
 * Package () {...})` is 08 5f 53 35 5f 12, a package length, the element count
 * and constants, and no compiler writes it any other way. Registers in memory
 * are mapped at start, so that the methods work in a panic.
 */
#define LOG_MODULE acpi
#include <arch/io.h>
#include <core/log.h>
#include <core/reboot.h>
#include <drivers/acpi.h>
#include <lib/string.h>
#include <mm/vmap.h>

#define PM1_SLP_EN	BIT(13)
#define PM1_SCI_EN	BIT(0)
#define SLEEP_EN	BIT(5)

struct reg {
	struct acpi_gas gas;
	void *mmio;		/* NULL: port */
	bool valid;
};

static struct acpi_fadt fadt;
static struct reg pm1a, pm1b, sleep, reset;
static u8 s5_a, s5_b;

/* One constant; the position behind it, or NULL when it is something else. */
static const u8 *
aml_const(const u8 *p, const u8 *end, u8 *v)
{
	u32 more;

	if (p >= end)
		return NULL;
	switch (*p++) {
	case 0x00:
		*v = 0;
		return p;
	case 0x01:
		*v = 1;
		return p;
	case 0x0a:
		more = 1;
		break;
	case 0x0b:
		more = 2;
		break;
	case 0x0c:
		more = 4;
		break;
	default:
		return NULL;
	}
	if ((u64)(end - p) < more)
		return NULL;
	*v = *p;
	return p + more;
}

static bool
sleep_scan(const struct acpi_header *h, unsigned int state, u8 *a, u8 *b)
{
	const u8 name[4] = { '_', 'S', '0' + state, '_' };
	const u8 *p = (const u8 *)(h + 1), *end = (const u8 *)h + h->length;

	for (; end - p >= 8; p++) {
		const u8 *q;

		if (p[0] != '_' || memcmp(p, name, 4) || p[4] != 0x12 ||
		    (p[-1] != 0x08 && !(p[-1] == '\\' && p[-2] == 0x08)))
			continue;
		q = p + 5;
		q += 1 + (*q >> 6);		/* package length bytes */
		if (q >= end || *q < 1)
			continue;
		q = aml_const(q + 1, end, a);
		if (!q)
			continue;
		if (!aml_const(q, end, b))
			*b = *a;
		return true;
	}
	return false;
}

bool
acpi_sleep_type(unsigned int state, u8 *a, u8 *b)
{
	const struct acpi_header *h = acpi_table("DSDT", 0);
	unsigned int i;

	if (state > 5)
		return false;
	if (h && h->length > sizeof(*h) + 8 && sleep_scan(h, state, a, b))
		return true;
	for (i = 0; (h = acpi_table("SSDT", i)); i++) {
		if (sleep_scan(h, state, a, b))
			return true;
	}
	return false;
}

static void
reg_prepare(struct reg *r, const struct acpi_gas *g)
{
	r->gas = *g;
	if (!g->address)
		return;
	if (g->space == GAS_MEMORY) {
		r->mmio = vmap_mmio(g->address, 8, PTE_CACHE_UC);
		r->valid = r->mmio;
	} else {
		r->valid = g->space == GAS_IO && g->address < 0x10000;
	}
}

static u32
reg_read(const struct reg *r, u32 bits)
{
	if (r->mmio)
		return bits == 8 ? mmio_read8(r->mmio) : mmio_read16(r->mmio);
	return bits == 8 ? inb(r->gas.address) : inw(r->gas.address);
}

static void
reg_write(const struct reg *r, u32 bits, u32 v)
{
	if (r->mmio && bits == 8)
		mmio_write8(r->mmio, v);
	else if (r->mmio)
		mmio_write16(r->mmio, v);
	else if (bits == 8)
		outb(v, r->gas.address);
	else
		outw(v, r->gas.address);
}

static bool
acpi_power_off(void)
{
	u32 v;

	if (sleep.valid) {
		reg_write(&sleep, 8, s5_a << 2 | SLEEP_EN);
		return true;
	}
	v = reg_read(&pm1a, 16) & ~(7U << 10 | PM1_SLP_EN);
	reg_write(&pm1a, 16, v | s5_a << 10);
	reg_write(&pm1a, 16, v | s5_a << 10 | PM1_SLP_EN);
	if (pm1b.valid) {
		v = reg_read(&pm1b, 16) & ~(7U << 10 | PM1_SLP_EN);
		reg_write(&pm1b, 16, v | s5_b << 10 | PM1_SLP_EN);
	}
	return true;
}

static bool
acpi_reset(void)
{
	reg_write(&reset, 8, fadt.reset_value);
	return true;
}

static const struct machine_op s5_op = {
	.name = "acpi", .order = 10, .power_off = acpi_power_off,
};
static const struct machine_op reset_op = {
	.name = "acpi", .order = 11, .restart = acpi_reset,
};

/* ACPI mode: without it PM1 control belongs to firmware. */
static void
acpi_enable(void)
{
	unsigned int i;

	if (fadt.hw_reduced || !fadt.smi_cmd || !fadt.acpi_enable ||
	    !pm1a.valid || (reg_read(&pm1a, 16) & PM1_SCI_EN))
		return;
	outb(fadt.acpi_enable, fadt.smi_cmd);
	for (i = 0; i < 10000; i++) {
		if (reg_read(&pm1a, 16) & PM1_SCI_EN)
			return;
	}
	log_warn(acpi, "ACPI mode was not reached\n");
}

void
acpi_power_init(void)
{
	if (!acpi_fadt_get(&fadt))
		return;
	reg_prepare(&pm1a, &fadt.pm1a_cnt);
	reg_prepare(&pm1b, &fadt.pm1b_cnt);
	reg_prepare(&sleep, &fadt.sleep_control);
	if (fadt.reset_supported) {
		reg_prepare(&reset, &fadt.reset);
		if (reset.valid)
			machine_op_register(&reset_op);
	}
	acpi_enable();
	if (!pm1a.valid && !sleep.valid)
		return;
	if (!acpi_sleep_type(5, &s5_a, &s5_b)) {
		log_warn(acpi, "no _S5: no power-off by ACPI\n");
		return;
	}
	machine_op_register(&s5_op);
}
