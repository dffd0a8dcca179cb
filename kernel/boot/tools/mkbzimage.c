/* SPDX-License-Identifier: MIT */
/*
 * mkbzimage - put a bzImage together.
 *
 *	mkbzimage [-v VERSION] [-e STUB] -s SETUP -k KERNEL -o OUT
 *
 * SETUP, STUB and KERNEL are ELF files. OUT is, each part beginning on 4 KiB:
 *
 *	setup	4 KiB: boot sector, header, 16-bit code
 *	kernel	the image as it lies in memory, without .bss
 *	stub	EFI stub, if -e
 *
 * The last two are "the protected-mode kernel" to boot loaders. They may load
 * all of it where .bss comes to lie; head.S clears that. As an EFI program
 * file offset = RVA, one read-only and one executable section.
 */
#include "elf.h"

#define PAGE		4096u
#define SETUP_SIZE	PAGE
#define LINK_BASE	0xffffffff80000000ULL

#define H_SYSSIZE	0x1f4
#define H_KERNEL_VERSION 0x20e
#define H_XLOADFLAGS	0x236
#define H_PREF_ADDRESS	0x258
#define H_INIT_SIZE	0x260
#define H_HANDOVER	0x264

#define XLF_EFI_HANDOVER_64 0x08
#define STUB_HANDOVER	0x40		/* efihead.S */
#define PE_OFFSET	0x40
#define PE_LIMIT	0x1c0		/* efi_info of the zero page */

static uint8_t *image;
static size_t image_size;

static void
put16(size_t off, unsigned int v)
{
	image[off] = v;
	image[off + 1] = v >> 8;
}

static void
put32(size_t off, uint32_t v)
{
	put16(off, v);
	put16(off + 2, v >> 16);
}

static void
put64(size_t off, uint64_t v)
{
	put32(off, v);
	put32(off + 4, v >> 32);
}

static uint32_t
get32(size_t off)
{
	return image[off] | image[off + 1] << 8 | image[off + 2] << 16 |
		(uint32_t)image[off + 3] << 24;
}

static size_t
round_page(size_t n)
{
	return (n + PAGE - 1) & ~(size_t)(PAGE - 1);
}

/* Append, padded to a page; returns the offset. */
static size_t
append(const uint8_t *data, size_t n)
{
	size_t at = image_size;

	image_size += round_page(n);
	image = realloc(image, image_size);
	if (!image)
		die("out of memory");
	memset(image + at, 0, image_size - at);
	memcpy(image + at, data, n);
	return at;
}

static size_t
put_section(size_t at, const char *name, size_t off, size_t size,
	    uint32_t flags)
{
	memset(image + at, 0, 40);
	memcpy(image + at, name, strlen(name));
	put32(at + 8, size);		/* VirtualSize */
	put32(at + 12, off);		/* VirtualAddress */
	put32(at + 16, size);		/* SizeOfRawData */
	put32(at + 20, off);		/* PointerToRawData */
	put32(at + 36, flags);
	return at + 40;
}

/* PE/COFF specification, 3 and 4; PE32+, EFI application. */
static void
put_pe(size_t kernel, size_t stub, uint32_t entry)
{
	size_t p = PE_OFFSET, o = p + 24;

	put16(0, 0x5a4d);			/* "MZ" */
	put32(0x3c, p);
	put32(p, 0x4550);			/* "PE" */
	put16(p + 4, 0x8664);
	put16(p + 6, 2);			/* sections */
	put16(p + 20, 112 + 6 * 8);		/* SizeOfOptionalHeader */
	put16(p + 22, 0x0206);	/* executable, no line numbers, no debug */
	put16(o, 0x20b);
	put32(o + 4, image_size - stub);	/* SizeOfCode */
	put32(o + 8, stub - kernel);		/* SizeOfInitializedData */
	put32(o + 16, stub + entry);
	put32(o + 20, stub);			/* BaseOfCode */
	put32(o + 32, PAGE);			/* SectionAlignment */
	put32(o + 36, 512);			/* FileAlignment */
	put16(o + 44, 1);	/* image version 1.1: initrd by LoadFile2 */
	put16(o + 46, 1);
	put32(o + 56, image_size);		/* SizeOfImage */
	put32(o + 60, SETUP_SIZE);		/* SizeOfHeaders */
	put16(o + 68, 10);			/* EFI application */
	put16(o + 70, 0x100);			/* NX compatible */
	put32(o + 108, 6);			/* directories, all empty */
	p = o + 112 + 6 * 8;
	p = put_section(p, ".kernel", kernel, stub - kernel, 0x40000040);
	p = put_section(p, ".text", stub, image_size - stub, 0x60000020);
	if (p > PE_LIMIT)
		die("PE header too long");
}

static void
put_version(const char *text)
{
	size_t at = 0x200 + image[H_KERNEL_VERSION] +
		(image[H_KERNEL_VERSION + 1] << 8);

	if (at + strlen(text) + 1 > SETUP_SIZE)
		die("version string too long");
	strcpy((char *)image + at, text);
}

/* PE CheckSum: 16-bit one's complement sum, plus the length. */
static void
put_checksum(void)
{
	size_t at = PE_OFFSET + 24 + 64, i;
	uint32_t sum = 0;

	for (i = 0; i < image_size; i += 2) {
		sum += image[i] | image[i + 1] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	put32(at, sum + image_size);
}

static const char *version = "unknown", *out_path;
static const char *stub_path, *setup_path, *kernel_path;

static void
parse_args(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (argv[i][0] != '-' || !argv[i][1] || argv[i][2] ||
		    i + 1 >= argc)
			die("bad argument %s", argv[i]);
		switch (argv[i++][1]) {
		case 'v':
			version = argv[i];
			break;
		case 'e':
			stub_path = argv[i];
			break;
		case 's':
			setup_path = argv[i];
			break;
		case 'k':
			kernel_path = argv[i];
			break;
		case 'o':
			out_path = argv[i];
			break;
		default:
			die("bad option %s", argv[i - 1]);
		}
	}
	if (!setup_path || !kernel_path || !out_path)
		die("usage: mkbzimage [-v VERSION] [-e STUB] -s SETUP "
		    "-k KERNEL -o OUT");
}

/* The kernel has been appended at `kernel'; put the stub behind it. */
static void
add_stub(size_t kernel, size_t kernel_fs, size_t kernel_ms)
{
	struct elf e;
	size_t fs, ms, stub;
	uint8_t *p;

	elf_open(&e, stub_path);
	p = elf_flatten(&e, &fs, &ms);
	stub = append(p, fs);
	free(p);
	if (memcmp(image + stub, "KBZI", 4))
		die("%s: not the EFI stub", stub_path);
	put32(stub + 4, stub - kernel);
	put32(stub + 8, kernel_fs);
	put32(stub + 12, round_page(kernel_ms));
	put16(H_XLOADFLAGS, image[H_XLOADFLAGS] | XLF_EFI_HANDOVER_64);
	put32(H_HANDOVER, stub - kernel + STUB_HANDOVER - 0x200);
	/* a loader may reserve init_size only and load the stub too */
	if (get32(H_INIT_SIZE) < image_size - kernel)
		put32(H_INIT_SIZE, image_size - kernel);
	put_pe(kernel, stub, e.eh->entry);
	elf_close(&e);
}

int
main(int argc, char **argv)
{
	size_t fs, ms, kernel;
	struct elf e;
	uint8_t *p;
	FILE *f;

	tool_name = "mkbzimage";
	parse_args(argc, argv);
	elf_open(&e, setup_path);
	p = elf_flatten(&e, &fs, &ms);
	if (fs != SETUP_SIZE)
		die("%s: %zu bytes, not %u", setup_path, fs, SETUP_SIZE);
	append(p, fs);
	free(p);
	elf_close(&e);

	elf_open(&e, kernel_path);
	p = elf_flatten(&e, &fs, &ms);
	kernel = append(p, fs);
	free(p);
	put64(H_PREF_ADDRESS, elf_symbol(&e, "_text") - LINK_BASE);
	put32(H_INIT_SIZE, round_page(ms));
	elf_close(&e);

	if (stub_path)
		add_stub(kernel, fs, ms);
	put32(H_SYSSIZE, (image_size - kernel) / 16);
	put_version(version);
	if (stub_path)
		put_checksum();

	f = fopen(out_path, "wb");
	if (!f || fwrite(image, 1, image_size, f) != image_size || fclose(f)) {
		remove(out_path);
		die("%s: cannot write", out_path);
	}
	free(image);
	return 0;
}
