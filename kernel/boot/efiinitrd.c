/* SPDX-License-Identifier: MIT */
/*
 * EFI stub: the initrd. LINUX_EFI_INITRD_MEDIA_GUID's LoadFile2 if some loader
 * offers it, else each initrd=FILE of the command line, read from the volume
 * the image came from; several are laid one after the other, each beginning
 * on 4 bytes as the cpio format wants it.
 */
#include "efistub.h"

static void
set_initrd(struct stub *s, u64 addr, u64 len)
{
	put32(s->bp, BP_RAMDISK_IMAGE, addr);
	put32(s->bp, BP_RAMDISK_SIZE, len);
}

/* Returns 0 when loaded, EFI_NOT_FOUND when nobody offers one. */
static efi_status_t
initrd_from_loader(struct stub *s)
{
	static const struct {
		u8 type, subtype, len[2];
		struct efi_guid guid;
		u8 end[4];
	} __packed path = {
		4, 3, { 20, 0 }, LINUX_INITRD_MEDIA_GUID,
		{ 0x7f, 0xff, 4, 0 }
	};
	static const struct efi_guid lf2 = EFI_LOAD_FILE2_GUID;
	const void *p = &path;
	struct efi_load_file2 *lf;
	efi_handle_t h;
	efi_status_t st;
	u64 size = 0, addr;

	if (s->bs->locate_device_path(&lf2, &p, &h) ||
	    s->bs->handle_protocol(h, &lf2, (void **)&lf))
		return EFI_NOT_FOUND;
	st = lf->load(lf, p, 0, &size, NULL);
	if (st != EFI_BUFFER_TOO_SMALL)
		return st ? st : EFI_LOAD_ERROR;
	if (!size || size > BELOW_4G)
		return EFI_LOAD_ERROR;
	addr = stub_alloc(s, EFI_LOADER_DATA, (size + 4095) >> 12);
	if (!addr)
		return EFI_OUT_OF_RESOURCES;
	st = lf->load(lf, p, 0, &size, (void *)addr);
	if (!st)
		set_initrd(s, addr, size);
	return st;
}

struct initrd_file {
	struct efi_file *file;
	u64 size;
};

/* Open one initrd= file: path of the word as UTF-16 with backslashes. */
static efi_status_t
initrd_open(struct stub *s, struct efi_file *root,
	    const struct cmdline_word *w, struct initrd_file *f)
{
	static const struct efi_guid fi = EFI_FILE_INFO_GUID;
	efi_char_t name[256];
	struct efi_file_info *info;
	u64 room = 0;
	efi_status_t st;
	size_t i;

	if (!w->value_len || w->value_len >= ARRAY_SIZE(name))
		return EFI_INVALID_PARAMETER;
	for (i = 0; i < w->value_len; i++)
		name[i] = w->value[i] == '/' ? '\\' : (u8)w->value[i];
	name[i] = 0;
	st = root->open(root, &f->file, name, 1, 0);
	if (st)
		return st;
	st = f->file->get_info(f->file, &fi, &room, NULL);
	if (st != EFI_BUFFER_TOO_SMALL || room < sizeof(*info) ||
	    s->bs->allocate_pool(EFI_LOADER_DATA, room, (void **)&info)) {
		f->file->close(f->file);
		return EFI_LOAD_ERROR;
	}
	st = f->file->get_info(f->file, &fi, &room, info);
	f->size = info->file_size;
	s->bs->free_pool(info);
	if (!st && f->size > BELOW_4G)
		st = EFI_OUT_OF_RESOURCES;
	if (st)
		f->file->close(f->file);
	return st;
}

static efi_status_t
initrd_read(struct efi_file *f, u8 *to, u64 size)
{
	efi_status_t st;
	u64 n;

	for (; size; size -= n, to += n) {
		/* some firmware fails on large reads */
		n = size < 0x100000 ? size : 0x100000;
		st = f->read(f, &n, to);
		if (st || !n)
			return st ? st : EFI_LOAD_ERROR;
	}
	return EFI_SUCCESS;
}

static efi_status_t
initrd_from_volume(struct stub *s)
{
	static const struct efi_guid fs = EFI_FILE_SYSTEM_GUID;
	struct initrd_file files[8];
	struct efi_file_system *vol;
	struct efi_file *root = NULL;
	struct cmdline_word w;
	const char *p = s->arena->cmdline;
	efi_status_t st = EFI_SUCCESS;
	u64 total = 0, at = 0, off = 0;
	unsigned int n = 0, i;

	while (!st && (p = cmdline_next(p, &w)) && n < ARRAY_SIZE(files)) {
		if (!w.value || !cmdline_name_is(&w, "initrd"))
			continue;
		if (!root &&
		    (s->bs->handle_protocol(s->li->device, &fs, (void **)&vol)
		     || vol->open_volume(vol, &root)))
			return EFI_NOT_FOUND;
		st = initrd_open(s, root, &w, &files[n]);
		if (!st)
			total += (files[n++].size + 3) & ~3UL;
	}
	if (!st && total) {
		at = total <= BELOW_4G ?
			stub_alloc(s, EFI_LOADER_DATA, (total + 4095) >> 12) : 0;
		if (!at)
			st = EFI_OUT_OF_RESOURCES;
	}
	for (i = 0; i < n; i++) {
		if (!st)
			st = initrd_read(files[i].file, (u8 *)at + off,
					 files[i].size);
		files[i].file->close(files[i].file);
		off += files[i].size;
		while (at && (off & 3))		/* archives start aligned */
			((u8 *)at)[off++] = 0;
	}
	if (root)
		root->close(root);
	if (!st && total)
		set_initrd(s, at, total);
	return st;
}

efi_status_t
stub_load_initrd(struct stub *s)
{
	efi_status_t st = initrd_from_loader(s);

	return st == EFI_NOT_FOUND ? initrd_from_volume(s) : st;
}
