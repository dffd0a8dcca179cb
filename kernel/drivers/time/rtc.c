/* SPDX-License-Identifier: MIT */
/*
 * The MC146818 real-time clock in the CMOS: wall time in UTC. Read when no
 * update is in progress and twice, until both readings agree; bounded, since
 * absent hardware reads as ones.
 */
#include <abi/errno.h>
#include <arch/io.h>
#include <core/clock.h>
#include <core/ioport.h>
#include <core/spinlock.h>
#include <drivers/acpi.h>
#include <lib/civil.h>
#include <lib/string.h>

#define INDEX	0x70
#define DATA	0x71
#define REG_A	0x0a
#define REG_B	0x0b
#define A_UIP	0x80
#define B_SET	0x80
#define B_BINARY 0x04
#define B_24H	0x02
#define PM	0x80
#define TRIES	5000

struct fields { u8 sec, min, hour, day, month, year, century, b; };

static struct spinlock rtc_lock = SPINLOCK_INIT(RANK_DEVICE);
static struct ioport ports = { INDEX, DATA, "rtc_cmos", NULL };

static u8
cmos_read(u8 reg)
{
	outb(reg, INDEX);
	return inb(DATA);
}

static void
cmos_write(u8 reg, u8 v)
{
	outb(reg, INDEX);
	outb(v, DATA);
}

static bool
rtc_exists(u8 *century_reg)
{
	struct acpi_fadt f;

	*century_reg = 0;
	if (!acpi_fadt_get(&f))
		return true;
	if (f.century >= 0x0e && f.century < 0x80)
		*century_reg = f.century;
	return !f.no_rtc;
}

static bool
fields_read(struct fields *t, u8 century_reg)
{
	unsigned int i;

	for (i = 0; cmos_read(REG_A) & A_UIP; i++) {
		if (i == TRIES)
			return false;
	}
	t->sec = cmos_read(0);
	t->min = cmos_read(2);
	t->hour = cmos_read(4);
	t->day = cmos_read(7);
	t->month = cmos_read(8);
	t->year = cmos_read(9);
	t->century = century_reg ? cmos_read(century_reg) : 0;
	t->b = cmos_read(REG_B);
	return true;
}

static int
from_bcd(u8 v)
{
	return (v >> 4) * 10 + (v & 15);
}

static u8
to_bcd(unsigned int v)
{
	return v / 10 << 4 | v % 10;
}

bool
rtc_read(time64_t *out)
{
	struct fields a, b;
	struct civil c = { 0 };
	bool pm, ok = false;
	u8 century_reg;
	unsigned int i;
	int century;

	if (!rtc_exists(&century_reg))
		return false;
	spin_lock(&rtc_lock);
	for (i = 0; i < 5 && !ok; i++)
		ok = fields_read(&a, century_reg) &&
			fields_read(&b, century_reg) &&
			!memcmp(&a, &b, sizeof(a));
	spin_unlock(&rtc_lock);
	if (!ok)
		return false;
	pm = !(a.b & B_24H) && (a.hour & PM);
	a.hour &= ~(a.b & B_24H ? 0 : PM);
	if (!(a.b & B_BINARY)) {
		a.sec = from_bcd(a.sec);
		a.min = from_bcd(a.min);
		a.hour = from_bcd(a.hour);
		a.day = from_bcd(a.day);
		a.month = from_bcd(a.month);
		a.year = from_bcd(a.year);
		a.century = from_bcd(a.century);
	}
	if (!(a.b & B_24H))
		a.hour = a.hour % 12 + (pm ? 12 : 0);
	if (a.sec > 60 || a.min > 59 || a.hour > 23 || !a.day || a.day > 31 ||
	    !a.month || a.month > 12 || a.year > 99)
		return false;
	(void)ioport_claim(&ports);
	century = a.century >= 19 && a.century <= 29 ? a.century :
		a.year < 70 ? 20 : 19;
	c.year = century * 100 + a.year;
	c.month = a.month;
	c.day = a.day;
	c.hour = a.hour;
	c.minute = a.min;
	c.second = a.sec;
	*out = unix_from_civil(&c);
	return true;
}

bool
rtc_write(time64_t t)
{
	struct civil c;
	u8 century_reg, b, v[7], i;
	static const u8 reg[6] = { 0, 2, 4, 7, 8, 9 };
	unsigned int hour;

	if (!rtc_exists(&century_reg) || cmos_read(REG_A) == 0xff)
		return false;
	civil_from_unix(t, &c);
	if (c.year < 1970 || c.year > 2999)
		return false;
	spin_lock(&rtc_lock);
	b = cmos_read(REG_B);
	hour = c.hour;
	if (!(b & B_24H))
		hour = c.hour % 12 ? c.hour % 12 : 12;
	v[0] = c.second;
	v[1] = c.minute;
	v[2] = hour;
	v[3] = c.day;
	v[4] = c.month;
	v[5] = c.year % 100;
	v[6] = c.year / 100;
	for (i = 0; !(b & B_BINARY) && i < 7; i++)
		v[i] = to_bcd(v[i]);
	if (!(b & B_24H) && c.hour >= 12)
		v[2] |= PM;
	cmos_write(REG_B, b | B_SET);
	for (i = 0; i < 6; i++)
		cmos_write(reg[i], v[i]);
	if (century_reg)
		cmos_write(century_reg, v[6]);
	cmos_write(REG_B, b);
	spin_unlock(&rtc_lock);
	return true;
}
