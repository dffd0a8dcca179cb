/* SPDX-License-Identifier: MIT */
/*
 * Finding and checking ACPI's tables.
 *
 * RSDP: from the boot loader; else in the EBDA's first KiB or 0xe0000..0xfffff
 * (Firecracker's PVH boot gives 0 and puts it there). XSDT if there is one,
 * else RSDT. A table is mapped when first asked for and stays mapped: below
 * 4 GiB by the direct map, which has all of it, above by vmap.
 */
#define LOG_MODULE acpi
#include <arch/init.h>
#include <arch/io.h>
#include <arch/paging.h>
#include <boot/bootinfo.h>
#include <boot/cmdline.h>
#include <core/log.h>
#include <drivers/acpi.h>
#include <lib/bitops.h>
#include <lib/string.h>
#include <mm/vmap.h>

LOG_MODULE_DEFINE(acpi);

#define TABLES_MAX	64
#define TABLE_LEN_MAX	(4U << 20)
#define LOW_END		(1UL << 32)

struct table {
	paddr_t pa;
	char sig[4];
	const struct acpi_header *mapped;
	bool bad;
};

static struct table tables[TABLES_MAX];
static unsigned int nr_tables;

static bool
sum_ok(const void *p, size_t n)
{
	const u8 *b = p;
	u8 s = 0;

	while (n--)
		s += *b++;
	return !s;
}

static const void *
map_phys(paddr_t pa, size_t len)
{
	u8 *p;

	if (!pa || pa + len < pa)
		return NULL;
	if (pa + len <= LOW_END)
		return phys_to_virt(pa);
	p = vmap_mmio(pa, len, PTE_CACHE_WB);
	return p;
}

static void
unmap_phys(const void *p, paddr_t pa, size_t len)
{
	if (pa + len > LOW_END)
		vunmap_mmio((void *)(uintptr_t)p, len);
}

/* Map and check the table at pa; NULL when it is not one. */
static const struct acpi_header *
table_map(paddr_t pa)
{
	const struct acpi_header *h = map_phys(pa, sizeof(*h));
	u32 len;

	if (!h)
		return NULL;
	len = h->length;
	/* FACS has no checksum */
	if (len >= sizeof(*h) && len <= TABLE_LEN_MAX) {
		unmap_phys(h, pa, sizeof(*h));
		h = map_phys(pa, len);
		if (!h)
			return NULL;
		if (!memcmp(h->sig, "FACS", 4) || sum_ok(h, len))
			return h;
		log_warn(acpi, "table %.4s at %lx: bad checksum\n", h->sig, pa);
	}
	unmap_phys(h, pa, len);
	return NULL;
}

static const struct acpi_header *
table_use(struct table *t)
{
	if (!t->mapped && !t->bad) {
		t->mapped = table_map(t->pa);
		t->bad = !t->mapped;
	}
	return t->mapped;
}

static void
table_add(paddr_t pa)
{
	const struct acpi_header *h;

	if (nr_tables == TABLES_MAX)
		return;
	h = map_phys(pa, sizeof(*h));
	if (!h)
		return;
	tables[nr_tables].pa = pa;
	memcpy(tables[nr_tables].sig, h->sig, 4);
	log_debug(acpi, "%.4s at %lx, %u bytes\n", h->sig, pa, h->length);
	nr_tables++;
	unmap_phys(h, pa, sizeof(*h));
}

const struct acpi_header *
acpi_table(const char sig[4], unsigned int n)
{
	unsigned int i;

	for (i = 0; i < nr_tables; i++) {
		if (memcmp(tables[i].sig, sig, 4))
			continue;
		if (table_use(&tables[i]) && !n--)
			return tables[i].mapped;
	}
	return NULL;
}

const struct acpi_header *
acpi_table_at(unsigned int i)
{
	for (unsigned int k = 0; k < nr_tables; k++) {
		if (table_use(&tables[k]) && !i--)
			return tables[k].mapped;
	}
	return NULL;
}

bool
acpi_available(void)
{
	return nr_tables;
}

static const u8 *
rsdp_at(const u8 *p)
{
	if (memcmp(p, "RSD PTR ", 8) || !sum_ok(p, 20))
		return NULL;
	return p;
}

static const u8 *
rsdp_scan(paddr_t start, size_t len)
{
	const u8 *p = phys_to_virt(start);

	for (; len >= 36; p += 16, len -= 16) {
		if (rsdp_at(p))
			return p;
	}
	return NULL;
}

static const u8 *
rsdp_find(const struct bootinfo *bi)
{
	paddr_t ebda = (paddr_t)get_le16(phys_to_virt(0x40e)) << 4;
	const u8 *p = NULL;

	if (bi->rsdp && bi->rsdp < LOW_END - 36)
		p = rsdp_at(phys_to_virt(bi->rsdp));
	if (!p && !bi->efi.systab && ebda >= 0x400 && ebda < 0xa0000)
		p = rsdp_scan(ebda, 1024);
	if (!p && !bi->efi.systab)
		p = rsdp_scan(0xe0000, 0x20000);
	return p;
}

static void
fadt_add_dsdt(void)
{
	const struct acpi_header *f = acpi_table("FACP", 0);
	const u8 *b = (const u8 *)f;
	paddr_t dsdt = 0, facs = 0;

	if (!f || f->length < 44)
		return;
	facs = get_le32(b + 36);
	dsdt = get_le32(b + 40);
	if (f->length >= 148) {
		if (get_le64(b + 132))
			facs = get_le64(b + 132);
		if (get_le64(b + 140))
			dsdt = get_le64(b + 140);
	}
	if (dsdt)
		table_add(dsdt);
	if (facs)
		table_add(facs);
}

__init void
acpi_early_init(const struct bootinfo *bi)
{
	const u8 *rsdp, *list;
	const struct acpi_header *sdt = NULL;
	bool wide = false;
	char v[8];
	u32 i, n;

	if (cmdline_get(bi->cmdline, "acpi", v, sizeof(v)) >= 0 &&
	    !strcmp(v, "off"))
		return;
	rsdp = rsdp_find(bi);
	if (!rsdp) {
		log_info(acpi, "ACPI: no RSDP");
		return;
	}
	if (rsdp[15] >= 2 && sum_ok(rsdp, 36)) {
		sdt = table_map(get_le64(rsdp + 24));
		wide = sdt && !memcmp(sdt->sig, "XSDT", 4);
	}
	if (!wide) {
		sdt = table_map(get_le32(rsdp + 16));
		if (!sdt || memcmp(sdt->sig, "RSDT", 4)) {
			log_warn(acpi, "ACPI: no XSDT or RSDT");
			return;
		}
	}
	list = (const u8 *)(sdt + 1);
	n = (sdt->length - sizeof(*sdt)) / (wide ? 8 : 4);
	for (i = 0; i < n; i++)
		table_add(wide ? get_le64(list + i * 8) :
			  get_le32(list + i * 4));
	fadt_add_dsdt();
	log_info(acpi, "ACPI: %u tables, %s by %.6s", nr_tables,
		 wide ? "XSDT" : "RSDT", sdt->oem_id);
}

bool
acpi_gas_read(const struct acpi_gas *g, u64 *v)
{
	void *p;

	if (g->space == GAS_IO) {
		*v = g->bits <= 8 ? inb(g->address) :
			g->bits <= 16 ? inw(g->address) : inl(g->address);
		return true;
	}
	if (g->space != GAS_MEMORY)
		return false;
	p = vmap_mmio(g->address, 8, PTE_CACHE_UC);
	if (!p)
		return false;
	*v = g->bits <= 8 ? mmio_read8(p) : g->bits <= 16 ? mmio_read16(p) :
		mmio_read32(p);
	vunmap_mmio(p, 8);
	return true;
}

bool
acpi_gas_write(const struct acpi_gas *g, u64 v)
{
	void *p;

	if (g->space == GAS_IO) {
		if (g->bits <= 8)
			outb(v, g->address);
		else if (g->bits <= 16)
			outw(v, g->address);
		else
			outl(v, g->address);
		return true;
	}
	if (g->space != GAS_MEMORY)
		return false;
	p = vmap_mmio(g->address, 8, PTE_CACHE_UC);
	if (!p)
		return false;
	if (g->bits <= 8)
		mmio_write8(p, v);
	else if (g->bits <= 16)
		mmio_write16(p, v);
	else
		mmio_write32(p, v);
	return true;
}
