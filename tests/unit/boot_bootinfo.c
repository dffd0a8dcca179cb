/* SPDX-License-Identifier: MIT */
/*
 * The boot parsers over good, damaged and random blobs, and the memory map
 * against a model with one type a page. Physical memory is an array; the
 * reach function hands out only what lies in it, so ASan sees every overrun.
 */
#include <boot/bootinfo.h>
#include <boot/protocol.h>
#include <lib/string.h>
#include "check.h"

#define RAM		0x20000UL	/* bytes of pretended memory */
#define PAGES		512UL		/* the model's */

void test_boot_map_model(void);
void test_boot_map_full(void);
void test_boot_params_good(void);
void test_boot_params_hostile(void);
void test_boot_pvh_good(void);
void test_boot_pvh_hostile(void);
int fuzz_boot_params(const u8 *data, size_t len);
int fuzz_boot_pvh(const u8 *data, size_t len);

static u8 ram[RAM];
static size_t ram_len = RAM;
static struct bootinfo bi;
static u64 seed = 1;

static u64
rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static const void *
reach_ram(const struct boot_reach *r, paddr_t phys, u64 len)
{
	return phys && phys <= ram_len && len <= ram_len - phys ? ram + phys :
		NULL;
}

static const struct boot_reach reach = { .map = reach_ram };

static void
put(u64 at, u64 v, unsigned int bytes)
{
	memcpy(ram + at, &v, bytes);
}

/* What every caller of the parsers relies on. */
static void
check_invariants(const struct bootinfo *b)
{
	u32 i;

	CHECK(b->nr_map <= BOOT_MAP_MAX);
	CHECK(b->nr_modules <= BOOT_MODULES_MAX);
	CHECK(b->nr_owned <= BOOT_OWNED_MAX);
	CHECK(b->seed_len <= BOOT_SEED_MAX);
	CHECK(memchr(b->cmdline, 0, sizeof(b->cmdline)));
	for (i = 0; i < b->nr_map; i++) {
		CHECK(b->map[i].start < b->map[i].end);
		CHECK(b->map[i].type >= 1 && b->map[i].type <= 5);
		if (i)
			CHECK(b->map[i - 1].end <= b->map[i].start);
		if (b->map[i].type == BOOT_MEM_USABLE)
			CHECK(b->map[i].start >= 0x1000 &&
			      !((b->map[i].start | b->map[i].end) & 0xfff));
	}
	if (b->screen.type == BOOT_FB_LINEAR) {
		CHECK(b->screen.width && b->screen.height && b->screen.phys);
		CHECK(b->screen.pitch >=
		      b->screen.width * ((b->screen.bpp + 7) / 8));
		CHECK(b->screen.size >=
		      (u64)b->screen.pitch * b->screen.height);
	}
	if (b->screen.type == BOOT_FB_TEXT)
		CHECK(b->screen.cursor_x < b->screen.cols &&
		      b->screen.cursor_y < b->screen.rows);
}

/* Types in ascending strength. */
static const u8 by_rank[] = { BOOT_MEM_USABLE, BOOT_MEM_ACPI,
	BOOT_MEM_RESERVED, BOOT_MEM_NVS, BOOT_MEM_UNUSABLE };

void
test_boot_map_model(void)
{
	static u8 model[PAGES];		/* rank + 1, 0 for nothing */
	u64 round, n, k, p, start, len;
	u32 i, r;

	for (round = 0; round < 300; round++) {
		memset(&bi, 0, sizeof(bi));
		memset(model, 0, sizeof(model));
		for (n = rnd() % 40; n; n--) {
			start = 1 + rnd() % (PAGES - 1);
			len = rnd() % 60;
			if (len > PAGES - start)
				len = PAGES - start;
			r = rnd() % 5;
			bootinfo_map_add(&bi, start << 12, len << 12,
					 by_rank[r]);
			for (k = start; k < start + len; k++)
				if (model[k] < r + 1)
					model[k] = r + 1;
		}
		bootinfo_map_finish(&bi);
		check_invariants(&bi);
		/* page 0 is withheld */
		CHECK(bi.nr_map && bi.map[0].type == BOOT_MEM_RESERVED);
		model[0] = 3;
		for (p = 0; p < PAGES; p++) {
			for (i = 0; i < bi.nr_map; i++)
				if (bi.map[i].start <= p << 12 &&
				    p << 12 < bi.map[i].end)
					break;
			CHECK(i < bi.nr_map ?
			      model[p] &&
			      bi.map[i].type == by_rank[model[p] - 1] :
			      !model[p]);
		}
		for (i = 1; i < bi.nr_map; i++)
			CHECK(bi.map[i - 1].end != bi.map[i].start ||
			      bi.map[i - 1].type != bi.map[i].type);
	}
	/* mem= */
	memset(&bi, 0, sizeof(bi));
	bootinfo_map_add(&bi, 0x1000, 0x10000, BOOT_MEM_USABLE);
	bootinfo_map_add(&bi, 0x20000, 0x10000, BOOT_MEM_RESERVED);
	bootinfo_map_add(&bi, 0x40000, 0x10000, BOOT_MEM_USABLE);
	bootinfo_map_limit(&bi, 0x8800);
	CHECK(bi.nr_map == 2 && bi.map[0].end == 0x8000);
	/* wrap-around and nothing */
	bootinfo_map_add(&bi, U64_MAX - 5, 100, BOOT_MEM_USABLE);
	bootinfo_map_add(&bi, 0x5000, 0, BOOT_MEM_RESERVED);
	bootinfo_map_add(&bi, 1UL << 40, U64_MAX, BOOT_MEM_RESERVED);
	CHECK(bi.nr_map == 3 && bi.map[2].end == 1UL << 52);
}

void
test_boot_map_full(void)
{
	u32 i, k;

	/* every second page usable, till it is full; then holes in them */
	memset(&bi, 0, sizeof(bi));
	for (i = 0; i < BOOT_MAP_MAX + 10; i++)
		bootinfo_map_add(&bi, 0x100000 + i * 0x8000UL, 0x4000,
				 BOOT_MEM_USABLE);
	CHECK(bi.nr_map == BOOT_MAP_MAX && bi.map_dropped == 10);
	for (i = 0; i < BOOT_MAP_MAX; i++)
		bootinfo_map_add(&bi, 0x101000 + i * 0x8000UL, 0x1000,
				 BOOT_MEM_RESERVED);
	bootinfo_map_finish(&bi);
	check_invariants(&bi);
	for (i = 0; i < BOOT_MAP_MAX; i++)
		for (k = 0; k < bi.nr_map; k++)
			CHECK(bi.map[k].type != BOOT_MEM_USABLE ||
			      bi.map[k].end <= 0x101000 + i * 0x8000UL ||
			      bi.map[k].start >= 0x102000 + i * 0x8000UL);
}

#define ZP	0x1000UL
#define CMD	0x3000UL
#define DATA	0x4000UL

static void
make_params(void)
{
	static const u64 e820[][3] = {
		{ 0x100000, 0x7ee0000, 1 }, { 0, 0x9fc00, 1 },
		{ 0x9fc00, 0x400, 2 }, { 0xf0000, 0x10000, 2 },
		{ 0x7fe0000, 0x20000, 3 }, { 0x100000000, 0x40000000, 1 },
		{ 0x8000000, 0x1000, 99 },
	};
	u32 i;

	memset(ram, 0, sizeof(ram));
	for (i = 0; i < ARRAY_SIZE(e820); i++) {
		put(ZP + BP_E820_TABLE + 20 * i, e820[i][0], 8);
		put(ZP + BP_E820_TABLE + 20 * i + 8, e820[i][1], 8);
		put(ZP + BP_E820_TABLE + 20 * i + 16, e820[i][2], 4);
	}
	put(ZP + BP_E820_ENTRIES, ARRAY_SIZE(e820), 1);
	put(ZP + BP_CMD_LINE_PTR, CMD, 4);
	strlcpy((char *)ram + CMD, "console=ttyS0 quiet\n", 100);
	put(ZP + BP_RAMDISK_IMAGE, 0x10000, 4);
	put(ZP + BP_RAMDISK_SIZE, 0x5001, 4);
	put(ZP + BP_TYPE_OF_LOADER, 0x72, 1);
	put(ZP + BP_ACPI_RSDP, 0xe0000, 8);
	/* setup_data: seed, then a node that loops back */
	put(ZP + BP_SETUP_DATA, DATA, 8);
	put(DATA, DATA + 0x100, 8);
	put(DATA + 8, SETUP_RNG_SEED, 4);
	put(DATA + 12, 32, 4);
	memset(ram + DATA + 16, 0xa5, 32);
	put(DATA + 0x100, DATA, 8);
	put(DATA + 0x108, SETUP_E820_EXT, 4);
	put(DATA + 0x10c, 20, 4);
	put(DATA + 0x110, 0x200000000, 8);
	put(DATA + 0x118, 0x1000, 8);
	put(DATA + 0x120, 1, 4);
}

static int
parse_params(void)
{
	int r;

	memset(&bi, 0, sizeof(bi));
	r = bootinfo_from_boot_params(ram + ZP, BP_SIZE, &reach, &bi);
	check_invariants(&bi);
	return r;
}

void
test_boot_params_good(void)
{
	make_params();
	CHECK(parse_params() == 0);
	CHECK(bi.nr_map == 9);
	CHECK(bi.map[1].start == 0x1000 && bi.map[1].end == 0x9f000);
	CHECK(bi.map[4].start == 0x100000 && bi.map[4].end == 0x7fe0000);
	CHECK(bi.map[5].type == BOOT_MEM_ACPI);
	CHECK(bi.map[6].type == BOOT_MEM_RESERVED);
	CHECK(bi.map[8].start == 0x200000000);
	CHECK(!strcmp(bi.cmdline, "console=ttyS0 quiet"));
	CHECK(bi.nr_modules == 1 && bi.modules[0].len == 0x5001);
	CHECK(bi.rsdp == 0xe0000 && bi.loader_type == 0x72);
	CHECK(bi.seed_len == 32 && bi.seed[31] == 0xa5);
	CHECK(bi.screen.type == BOOT_FB_NONE);

	/* text screen, then a framebuffer above 4 GiB, then nonsense */
	put(ZP + BP_VIDEO_ISVGA, VIDEO_TYPE_TEXT, 1);
	put(ZP + BP_VIDEO_MODE, 3, 1);
	put(ZP + BP_VIDEO_COLS, 80, 1);
	put(ZP + BP_VIDEO_LINES, 25, 1);
	put(ZP + BP_ORIG_Y, 200, 1);
	CHECK(parse_params() == 0 && bi.screen.type == BOOT_FB_TEXT);
	CHECK(bi.screen.cols == 80 && bi.screen.cursor_y == 24);
	put(ZP + BP_VIDEO_ISVGA, VIDEO_TYPE_EFI, 1);
	put(ZP + BP_LFB_WIDTH, 1024, 2);
	put(ZP + BP_LFB_HEIGHT, 768, 2);
	put(ZP + BP_LFB_DEPTH, 24, 2);
	put(ZP + BP_LFB_LINELENGTH, 3072, 2);
	put(ZP + BP_LFB_BASE, 0xc0000000, 4);
	put(ZP + BP_EXT_LFB_BASE, 0x20, 4);
	put(ZP + BP_CAPABILITIES, VIDEO_CAP_64BIT_BASE, 4);
	CHECK(parse_params() == 0 && bi.screen.type == BOOT_FB_LINEAR);
	CHECK(bi.screen.phys == 0x20c0000000 && bi.screen.red.pos == 16);
	CHECK(bi.screen.size == 3072 * 768);
	put(ZP + BP_LFB_LINELENGTH, 3071, 2);
	CHECK(parse_params() == 0 && bi.screen.type == BOOT_FB_NONE);

	/* a loader that did not clear the page */
	put(ZP + BP_SENTINEL, 0xff, 1);
	CHECK(parse_params() == 0 && !bi.rsdp && !bi.seed_len);
	CHECK(bi.nr_modules == 1 && bi.cmdline[0] == 'c');

	/* no E820 */
	put(ZP + BP_E820_ENTRIES, 0, 1);
	CHECK(parse_params() < 0 && bi.nr_map == 0);
	put(ZP + BP_ALT_MEM_K, 64 << 10, 4);
	CHECK(parse_params() == 0);
	CHECK(bi.map[bi.nr_map - 1].end == (65UL << 20));
}

void
test_boot_params_hostile(void)
{
	u32 i, k;

	memset(&bi, 0, sizeof(bi));
	CHECK(bootinfo_from_boot_params(ram, BP_SIZE - 1, &reach, &bi) < 0);
	/* pointers out of reach */
	make_params();
	put(ZP + BP_CMD_LINE_PTR, 0xfffffff0, 4);
	put(ZP + BP_SETUP_DATA, ~0UL, 8);
	put(ZP + BP_RAMDISK_IMAGE, 0x7fffffff, 4);
	put(ZP + BP_EFI_SIGNATURE, 0x34364c45, 4);
	put(ZP + BP_EFI_SYSTAB, RAM - 4, 4);
	CHECK(parse_params() == 0);
	CHECK(!bi.cmdline[0] && !bi.nr_modules && !bi.nr_owned);
	/* a line that ends with memory, without NUL */
	make_params();
	put(ZP + BP_CMD_LINE_PTR, RAM - 8, 4);
	memset(ram + RAM - 8, 'x', 8);
	CHECK(parse_params() == 0 && strlen(bi.cmdline) == 8);
	/* flip bytes */
	for (i = 0; i < 4000; i++) {
		make_params();
		put(ZP + BP_EFI_SIGNATURE, 0x34364c45, 4);
		put(ZP + BP_EFI_SYSTAB, 0x8000, 4);
		put(0x8000 + 104, 3, 8);
		put(0x8000 + 112, 0x9000, 8);
		for (k = rnd() % 64; k; k--)
			ram[ZP + rnd() % 0x4000] = rnd();
		if (parse_params())
			CHECK(bi.nr_map <= BOOT_MAP_MAX);
	}
}

static void
make_pvh(void)
{
	memset(ram, 0, sizeof(ram));
	put(ZP, PVH_MAGIC, 4);
	put(ZP + PVH_VERSION, 1, 4);
	put(ZP + PVH_NR_MODULES, 2, 4);
	put(ZP + PVH_MODLIST, 0x2000, 8);
	put(ZP + PVH_CMDLINE, CMD, 8);
	put(ZP + PVH_RSDP, 0xf59d0, 8);
	put(ZP + PVH_MEMMAP, 0x2100, 8);
	put(ZP + PVH_MEMMAP_ENTRIES, 2, 4);
	put(0x2000, 0x10000, 8);
	put(0x2008, 0x123, 8);
	put(0x2020, 0x11000, 8);
	put(0x2028, 0x456, 8);
	put(0x2100, 0, 8);
	put(0x2108, 0x8000000, 8);
	put(0x2110, 1, 4);
	put(0x2118, 0x9fc00, 8);
	put(0x2120, 0x60400, 8);
	put(0x2128, 2, 4);
	strlcpy((char *)ram + CMD, "a=b c", 100);
	ram[0x449] = 3;
	put(0x44a, 80, 2);
	put(0x450, 0x0205, 2);
	put(0x463, 0x3d4, 2);
	ram[0x484] = 24;
}

static int
parse_pvh(void)
{
	int r;

	memset(&bi, 0, sizeof(bi));
	r = bootinfo_from_pvh(ZP, &reach, &bi);
	check_invariants(&bi);
	return r;
}

void
test_boot_pvh_good(void)
{
	make_pvh();
	CHECK(parse_pvh() == 0);
	CHECK(bi.nr_map == 4 && bi.map[3].end == 0x8000000);
	CHECK(bi.map[2].type == BOOT_MEM_RESERVED &&
	      bi.map[2].start == 0x9fc00);
	CHECK(bi.nr_modules == 2 && bi.modules[1].len == 0x456);
	CHECK(bi.rsdp == 0xf59d0 && !strcmp(bi.cmdline, "a=b c"));
	CHECK(bi.screen.type == BOOT_FB_TEXT && bi.screen.rows == 25);
	CHECK(bi.screen.cursor_x == 5 && bi.screen.cursor_y == 2);
	ram[0x449] = 0x12;
	CHECK(parse_pvh() == 0 && bi.screen.type == BOOT_FB_NONE);
	put(ZP + PVH_VERSION, 0, 4);
	CHECK(parse_pvh() < 0);
	put(ZP, 1, 4);
	CHECK(parse_pvh() < 0);
}

void
test_boot_pvh_hostile(void)
{
	u32 i, k;

	make_pvh();
	put(ZP + PVH_NR_MODULES, ~0U, 4);
	put(ZP + PVH_MEMMAP_ENTRIES, ~0U, 4);
	(void)parse_pvh();
	CHECK(bi.nr_modules <= BOOT_MODULES_MAX);
	for (i = 0; i < 4000; i++) {
		make_pvh();
		for (k = rnd() % 32; k; k--)
			ram[ZP + 4 + rnd() % 0x1200] = rnd();
		if (parse_pvh())
			CHECK(bi.nr_map <= BOOT_MAP_MAX);
	}
}

int
fuzz_boot_params(const u8 *data, size_t len)
{
	memset(ram, 0, sizeof(ram));
	memcpy(ram + ZP, data, len < RAM - ZP ? len : RAM - ZP);
	return parse_params();
}

int
fuzz_boot_pvh(const u8 *data, size_t len)
{
	memset(ram, 0, sizeof(ram));
	memcpy(ram + ZP, data, len < RAM - ZP ? len : RAM - ZP);
	return parse_pvh();
}
