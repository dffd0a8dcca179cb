/* SPDX-License-Identifier: MIT */
/*
 * EFI stub: the bzImage as an EFI application.
 *
 * Firmware (or a loader through LoadImage, or GRUB's handover protocol) runs
 * this with boot services on. It makes a Linux zero page out of what firmware
 * knows - command line, initrd, framebuffer, RSDP, random seed, memory map -
 * copies the kernel below 4 GiB, leaves boot services and enters the 64-bit
 * entry. From there on an EFI boot is like any other.
 *
 * A program of its own: linked at 0 from efi*.[cS] and cmdline.c, position
 * independent, with all its state on the stack. Memory it
 * allocates is loader data, so the memory map says usable; the kernel copies
 * the zero page and keeps initrd and EFI memory map out of its allocator.
 * The machine's first 4 GiB must have room for kernel and initrd.
 * See: UEFI 2.10; Linux efi-stub.rst. The initrd is efiinitrd.c's.
 */
#define LIB_STRING_NO_BUILTIN
#include <lib/string.h>
#include "efistub.h"

efi_status_t EFIAPI efi_pe_entry(efi_handle_t image,
				 struct efi_system_table *systab);
void __noreturn efi_handover_entry(efi_handle_t image,
				   struct efi_system_table *st, u8 *bp);

void *
memcpy(void *d, const void *s, size_t n)
{
	void *r = d;

	__asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
	return r;
}

void *
memset(void *d, int c, size_t n)
{
	void *r = d;

	__asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
	return r;
}

static bool
guid_equal(const struct efi_guid *a, const struct efi_guid *b)
{
	const u64 *x = (const u64 *)a, *y = (const u64 *)b;

	return x[0] == y[0] && x[1] == y[1];
}

static void
say(struct stub *s, const char *text)
{
	efi_char_t buf[128];
	unsigned int i;

	if (!s->st->out)
		return;
	for (i = 0; i < ARRAY_SIZE(buf) - 1 && text[i]; i++)
		buf[i] = (u8)text[i];
	buf[i] = 0;
	s->st->out->output(s->st->out, buf);
}

u64
stub_alloc(struct stub *s, u32 type, u64 pages)
{
	u64 addr = BELOW_4G;

	if (s->bs->allocate_pages(EFI_ALLOCATE_MAX, type, pages, &addr))
		return 0;
	return addr;
}

/* -- command line --------------------------------------------------------- */

/* UTF-16 to UTF-8; a lone surrogate becomes '?'. Returns bytes written. */
static size_t
utf8_put(char *d, size_t room, u32 c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;

	if (n > room)
		return 0;
	if (n == 1) {
		*d = c;
		return 1;
	}
	for (i = n - 1; i > 0; i--, c >>= 6)
		d[i] = 0x80 | (c & 0x3f);
	d[0] = (0xf00 >> n) | c;
	return n;
}

static void
read_options(struct stub *s)
{
	const efi_char_t *o = s->li->options;
	size_t n = s->li->options_size / 2, i, len = 0, k;
	char *d = s->arena->cmdline;
	u32 c;

	for (i = 0; o && i < n && o[i]; i++) {
		c = o[i];
		if (c >= 0xd800 && c < 0xe000) {
			if (c < 0xdc00 && i + 1 < n &&
			    o[i + 1] >= 0xdc00 && o[i + 1] < 0xe000)
				c = 0x10000 + ((c - 0xd800) << 10) +
					(o[++i] - 0xdc00);
			else
				c = '?';
		}
		if (c == '\r' || c == '\n')
			c = ' ';
		k = utf8_put(d + len, CMDLINE_MAX - 1 - len, c);
		if (!k)
			break;
		len += k;
	}
	d[len] = '\0';
	put32(s->bp, BP_CMD_LINE_PTR, (u32)(u64)d);
	put32(s->bp, BP_CMDLINE_SIZE, len);
}

/* -- screen, tables, randomness -------------------------------------------- */

static void
put_mask(u8 *bp, u32 off, u32 mask)
{
	if (!mask)
		return;
	bp[off] = 32 - __builtin_clz(mask) - __builtin_ctz(mask);
	bp[off + 1] = __builtin_ctz(mask);
}

static void
find_screen(struct stub *s)
{
	static const struct efi_guid guid = EFI_GOP_GUID;
	u32 r = 0xff, g = 0xff00, b = 0xff0000, x = 0xff000000;
	struct efi_gop_info *in;
	struct efi_gop *gop;
	u8 *bp = s->bp;

	/* the console's own first: it is what somebody looks at */
	if (s->bs->handle_protocol(s->st->out_handle, &guid, (void **)&gop) &&
	    s->bs->locate_protocol(&guid, NULL, (void **)&gop))
		return;
	if (!gop->mode || !gop->mode->info || !gop->mode->base)
		return;
	in = gop->mode->info;
	if (in->format == EFI_PIXEL_BGRX) {
		r = 0xff0000;
		b = 0xff;
	} else if (in->format == EFI_PIXEL_MASKS) {
		r = in->red;
		g = in->green;
		b = in->blue;
		x = in->rest;
	} else if (in->format != EFI_PIXEL_RGBX) {
		return;			/* Blt only: no framebuffer */
	}
	bp[BP_VIDEO_ISVGA] = VIDEO_TYPE_EFI;
	put16(bp, BP_LFB_WIDTH, in->width);
	put16(bp, BP_LFB_HEIGHT, in->height);
	put16(bp, BP_LFB_DEPTH, 32 - __builtin_clz(r | g | b | x | 1));
	if (in->format != EFI_PIXEL_MASKS)
		put16(bp, BP_LFB_DEPTH, 32);
	put16(bp, BP_LFB_LINELENGTH, in->pixels_per_line *
	      ((*(u16 *)(bp + BP_LFB_DEPTH) + 7) / 8));
	put32(bp, BP_LFB_BASE, gop->mode->base);
	put32(bp, BP_EXT_LFB_BASE, gop->mode->base >> 32);
	put32(bp, BP_CAPABILITIES, VIDEO_CAP_64BIT_BASE);
	put32(bp, BP_LFB_SIZE, gop->mode->size);
	put_mask(bp, BP_LFB_COLORS, r);
	put_mask(bp, BP_LFB_COLORS + 2, g);
	put_mask(bp, BP_LFB_COLORS + 4, b);
	put_mask(bp, BP_LFB_COLORS + 6, x);
}

static void
find_rsdp(struct stub *s)
{
	static const struct efi_guid v2 = EFI_ACPI_20_GUID,
		v1 = EFI_ACPI_10_GUID;
	u64 i, old = 0;

	for (i = 0; i < s->st->nr_tables; i++) {
		if (guid_equal(&s->st->tables[i].guid, &v2)) {
			put64(s->bp, BP_ACPI_RSDP, s->st->tables[i].table);
			return;
		}
		if (guid_equal(&s->st->tables[i].guid, &v1))
			old = s->st->tables[i].table;
	}
	put64(s->bp, BP_ACPI_RSDP, old);
}

/* Prepend a setup_data node. */
static void
link_data(struct stub *s, void *node, u32 type, u32 len)
{
	u64 *next = node;
	u32 *t = (u32 *)(next + 1);

	*next = *(u64 *)(s->bp + BP_SETUP_DATA);
	t[0] = type;
	t[1] = len;
	put64(s->bp, BP_SETUP_DATA, (u64)node);
}

static void
find_seed(struct stub *s)
{
	static const struct efi_guid guid = EFI_RNG_GUID;
	struct efi_rng *rng;

	if (s->bs->locate_protocol(&guid, NULL, (void **)&rng) ||
	    rng->get(rng, NULL, SEED_LEN, s->arena->seed.data))
		return;
	link_data(s, &s->arena->seed, SETUP_RNG_SEED, SEED_LEN);
}

/* -- the kernel itself ------------------------------------------------------ */

static efi_status_t
place_kernel(struct stub *s)
{
	static const struct efi_guid guid = EFI_MEMORY_ATTRIBUTE_GUID;
	u64 pages = (stub_info.mem_size + 4095) >> 12, addr = KERNEL_ALIGN;
	struct efi_memory_attribute *ma;

	/* low is good: large pages of the rest stay whole */
	if (s->bs->allocate_pages(EFI_ALLOCATE_ADDRESS, EFI_LOADER_CODE, pages,
				  &addr)) {
		addr = stub_alloc(s, EFI_LOADER_CODE,
				 pages + (KERNEL_ALIGN >> 12));
		if (!addr)
			return EFI_OUT_OF_RESOURCES;
		addr = (addr + KERNEL_ALIGN - 1) & ~(KERNEL_ALIGN - 1);
	}
	memcpy((void *)addr, (const u8 *)&stub_info - stub_info.kernel_back,
	       stub_info.file_size);
	/* firmware that maps all it allocates no-execute */
	if (!s->bs->locate_protocol(&guid, NULL, (void **)&ma))
		ma->clear(ma, addr, pages << 12, EFI_MEMORY_XP);
	s->kernel = addr;
	return EFI_SUCCESS;
}

static u32
e820_type(u32 efi)
{
	switch (efi) {
	case EFI_LOADER_CODE:
	case EFI_LOADER_DATA:
	case EFI_BOOT_CODE:
	case EFI_BOOT_DATA:
	case EFI_CONVENTIONAL:
		return 1;
	case EFI_ACPI_RECLAIM:
		return 3;
	case EFI_ACPI_NVS:
		return 4;
	case EFI_UNUSABLE:
		return 5;
	case EFI_PERSISTENT:
		return 7;
	default:
		return 2;
	}
}

struct e820 {
	u64 start, len;
	u32 type;
} __packed;

/* The EFI memory map as E820, neighbours joined. After boot services. */
static void
fill_e820(struct stub *s)
{
	struct e820 *out = (struct e820 *)(s->bp + BP_E820_TABLE), *last = NULL;
	struct e820 *ext = (struct e820 *)s->arena->ext.data;
	u32 n = 0, nx = 0, type;
	u8 *p = (u8 *)s->map, *end = p + s->map_size;
	struct efi_memory_desc *d;

	for (; p + sizeof(*d) <= end; p += s->desc_size) {
		d = (struct efi_memory_desc *)p;
		type = e820_type(d->type);
		if (last && last->type == type &&
		    last->start + last->len == d->phys) {
			last->len += d->pages << 12;
			continue;
		}
		if (n < BP_E820_MAX)
			last = &out[n++];
		else if (nx < E820_EXT_MAX)
			last = &ext[nx++];
		else
			break;
		last->start = d->phys;
		last->len = d->pages << 12;
		last->type = type;
	}
	s->bp[BP_E820_ENTRIES] = n;
	if (nx)
		link_data(s, &s->arena->ext, SETUP_E820_EXT, nx * 20);
}

static efi_status_t
leave_boot_services(struct stub *s)
{
	efi_status_t st;
	u64 key, size = 0;
	int tries;

	s->bs->get_memory_map(&size, NULL, &key, &s->desc_size,
			      &s->desc_version);
	/* room for what our own allocation and the firmware's timers add */
	s->map_room = size + 16 * s->desc_size;
	s->map = (void *)stub_alloc(s, EFI_LOADER_DATA,
				   (s->map_room + 4095) >> 12);
	if (!s->map || s->desc_size < sizeof(*s->map))
		return EFI_OUT_OF_RESOURCES;
	s->map_room = (s->map_room + 4095) & ~4095UL;
	/* the map may change under us until the call has worked once */
	for (tries = 0; tries < 8; tries++) {
		s->map_size = s->map_room;
		st = s->bs->get_memory_map(&s->map_size, s->map, &key,
					   &s->desc_size, &s->desc_version);
		if (st)
			return st;
		st = s->bs->exit_boot_services(s->image, key);
		if (st != EFI_INVALID_PARAMETER)
			return st;
	}
	return st;
}

static void
fill_efi_info(struct stub *s)
{
	u8 *bp = s->bp;

	put32(bp, BP_EFI_SIGNATURE, 0x34364c45);	/* "EL64" */
	put32(bp, BP_EFI_SYSTAB, (u64)s->st);
	put32(bp, BP_EFI_SYSTAB_HI, (u64)s->st >> 32);
	put32(bp, BP_EFI_MEMMAP, (u64)s->map);
	put32(bp, BP_EFI_MEMMAP_HI, (u64)s->map >> 32);
	put32(bp, BP_EFI_MEMMAP_SIZE, s->map_size);
	put32(bp, BP_EFI_MEMDESC_SIZE, s->desc_size);
	put32(bp, BP_EFI_MEMDESC_VERSION, s->desc_version);
}

/*
 * Everything from "bp has a command line" to the kernel. Returns only on an
 * error before boot services are left.
 */
static efi_status_t
boot_kernel(struct stub *s)
{
	efi_status_t st;

	find_screen(s);
	find_rsdp(s);
	find_seed(s);
	st = place_kernel(s);
	if (st) {
		say(s, "Kerla: no memory for the kernel below 4 GiB\r\n");
		return st;
	}
	st = leave_boot_services(s);
	if (st) {
		say(s, "Kerla: cannot leave EFI boot services\r\n");
		return st;
	}
	fill_e820(s);
	fill_efi_info(s);
	__asm__ volatile("cli; jmp *%0" : :
			 "r"(s->kernel + IMAGE_ENTRY64), "S"(s->bp) : "memory");
	unreachable();
}

static efi_status_t
stub_open(struct stub *s, efi_handle_t image, struct efi_system_table *st)
{
	static const struct efi_guid li = EFI_LOADED_IMAGE_GUID;
	efi_status_t r;

	memset(s, 0, sizeof(*s));
	s->image = image;
	s->st = st;
	s->bs = st->boot;
	r = s->bs->handle_protocol(image, &li, (void **)&s->li);
	if (r)
		return r;
	s->arena = (void *)stub_alloc(s, EFI_LOADER_DATA, ARENA_PAGES);
	if (!s->arena)
		return EFI_OUT_OF_RESOURCES;
	memset(s->arena, 0, sizeof(*s->arena));
	s->bp = s->arena->zero_page;
	return EFI_SUCCESS;
}

efi_status_t EFIAPI
efi_pe_entry(efi_handle_t image, struct efi_system_table *systab)
{
	struct stub s;
	efi_status_t st;

	st = stub_open(&s, image, systab);
	if (st)
		return st;
	put16(s.bp, BP_BOOT_FLAG, 0xaa55);
	put32(s.bp, BP_HEADER, 0x53726448);	/* "HdrS" */
	put16(s.bp, BP_VERSION, 0x020f);
	s.bp[BP_TYPE_OF_LOADER] = 0x21;		/* EFI stub */
	s.bp[BP_LOADFLAGS] = LOADED_HIGH;
	read_options(&s);
	st = stub_load_initrd(&s);
	if (st)
		say(&s, "Kerla: initrd cannot be read, going on without\r\n");
	return boot_kernel(&s);
}

/* The loader has filled in command line and initrd of its own zero page. */
void __noreturn
efi_handover_entry(efi_handle_t image, struct efi_system_table *systab, u8 *bp)
{
	struct stub s;

	if (!stub_open(&s, image, systab)) {
		if ((u64)bp <= BELOW_4G - BP_SIZE)
			s.bp = bp;
		else
			memcpy(s.bp, bp, BP_SIZE);
		put64(s.bp, BP_SETUP_DATA, 0);
		s.bp[BP_SENTINEL] = 0;
		boot_kernel(&s);
	}
	for (;;)
		__asm__ volatile("cli; hlt");
}
