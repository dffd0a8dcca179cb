/* SPDX-License-Identifier: MIT */
/*
 * Console fonts: the built-in PSF, the Unicode table, and the requests with
 * which setfont(8) replaces both. One font serves all consoles. Changed under
 * vt_mutex; a table or font in use is replaced whole, because drawing (under
 * con_lock) reads it.
 */
#include <abi/kd.h>
#include <core/log.h>
#include <lib/bitops.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <task/cred.h>
#include "local.h"
#include "vt.h"

#define FONT_CELL	32	/* bytes a glyph has in the requests */
#define FONT_MAX	512
#define FONT_MAX_WIDTH	32

/* -- Unicode table ------------------------------------------------------- */

u16
con_unimap_find(const struct con_unimap *m, u32 ucs)
{
	const u16 *page;

	if (ucs > 0xffff)
		return CON_NO_GLYPH;
	page = m->page[ucs >> 6];
	return page ? page[ucs & 63] : CON_NO_GLYPH;
}

int
con_unimap_add(struct con_unimap *m, u32 ucs, u16 glyph)
{
	u16 **page;

	if (ucs > 0xffff)
		return 0;		/* no font has them */
	page = &m->page[ucs >> 6];
	if (!*page) {
		*page = kmalloc(64 * sizeof(u16), GFP_KERNEL);
		if (!*page)
			return -ENOMEM;
		memset(*page, 0xff, 64 * sizeof(u16));
	}
	m->nr += (*page)[ucs & 63] == CON_NO_GLYPH;
	(*page)[ucs & 63] = glyph;
	return 0;
}

void
con_unimap_clear(struct con_unimap *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(m->page); i++) {
		kfree(m->page[i]);
		m->page[i] = NULL;
	}
	m->nr = 0;
}

/* What to show for characters a font lacks. */
static u32
fallback(u32 ucs)
{
	static const struct { u16 from, to; } table[] = {
		{ 0x00a0, ' ' }, { 0x00ad, '-' }, { 0x2010, '-' },
		{ 0x2011, '-' }, { 0x2012, '-' }, { 0x2013, '-' },
		{ 0x2014, '-' }, { 0x2015, '-' }, { 0x2018, '\'' },
		{ 0x2019, '\'' }, { 0x201a, ',' }, { 0x201c, '"' },
		{ 0x201d, '"' }, { 0x201e, '"' }, { 0x2022, '*' },
		{ 0x2026, '.' }, { 0x2039, '<' }, { 0x203a, '>' },
		{ 0x20ac, 'E' }, { 0x2122, 'T' }, { 0x2190, '<' },
		{ 0x2191, '^' }, { 0x2192, '>' }, { 0x2193, 'v' },
		{ 0x2212, '-' }, { 0x23ba, 0x2500 }, { 0x23bb, 0x2500 },
		{ 0x23bc, 0x2500 }, { 0x23bd, 0x2500 }, { 0x2500, '-' },
		{ 0x2501, 0x2500 }, { 0x2502, '|' }, { 0x2503, 0x2502 },
		{ 0x250c, '+' }, { 0x2510, '+' }, { 0x2514, '+' },
		{ 0x2518, '+' }, { 0x251c, '+' }, { 0x2524, '+' },
		{ 0x252c, '+' }, { 0x2534, '+' }, { 0x253c, '+' },
		{ 0x2550, 0x2500 }, { 0x2551, 0x2502 }, { 0x256d, 0x250c },
		{ 0x256e, 0x2510 }, { 0x256f, 0x2518 }, { 0x2570, 0x2514 },
		{ 0x2588, '#' }, { 0x2591, ':' }, { 0x2592, '#' },
		{ 0x2593, '#' }, { 0x25a0, '#' }, { 0x25c6, '*' },
		{ 0x2713, 'v' },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].from == ucs)
			return table[i].to;
	return 0;
}

u32
con_glyph(const struct con_font *f, u32 ucs)
{
	u32 g = CON_NO_GLYPH;

	if (!f->map || !f->map->nr)
		return ucs < f->count ? ucs : '?' < f->count ? '?' : 0;
	/* U+F000..: a glyph by its number, console_codes(4) */
	if (ucs >= 0xf000 && ucs < 0xf000 + f->count)
		return ucs - 0xf000;
	for (int i = 0; i < 3 && ucs; i++) {
		g = con_unimap_find(f->map, ucs);
		if (g < f->count)
			return g;
		ucs = fallback(ucs);
	}
	g = con_unimap_find(f->map, 0xfffd);
	if (g >= f->count)
		g = con_unimap_find(f->map, '?');
	return g < f->count ? g : 0;
}

/* -- PSF ----------------------------------------------------------------- */

#define PSF1_MAGIC	0x0436
#define PSF1_512	1
#define PSF1_TAB	2
#define PSF1_SEQ	4
#define PSF1_SEP	0xffff
#define PSF1_STARTSEQ	0xfffe
#define PSF2_MAGIC	0x864ab572U
#define PSF2_TAB	1

static int
psf1_table(const u8 *p, const u8 *end, u32 count, struct con_unimap *m)
{
	bool seq = false;

	for (u32 g = 0; g < count && end - p >= 2; p += 2) {
		u16 u = get_le16(p);

		if (u == PSF1_SEP) {
			g++;
			seq = false;
		} else if (u == PSF1_STARTSEQ) {
			seq = true;
		} else if (!seq && con_unimap_add(m, u, g)) {
			return -ENOMEM;
		}
	}
	return 0;
}

static int
psf2_table(const u8 *p, const u8 *end, u32 count, struct con_unimap *m)
{
	struct utf8_state st = { 0 };
	bool seq = false;

	for (u32 g = 0; g < count && p < end; p++) {
		int u;

		if (*p == 0xff) {
			g++;
			seq = false;
			utf8_reset(&st);
			continue;
		}
		if (*p == 0xfe) {
			seq = true;
			continue;
		}
		u = utf8_decode(&st, *p);
		if (u >= 0 && !seq && con_unimap_add(m, u, g))
			return -ENOMEM;
	}
	return 0;
}

int
con_font_psf(const u8 *file, size_t len, struct con_font *f,
	     struct con_unimap *m)
{
	size_t head, glyphs;
	bool table;

	if (len >= 4 && get_le16(file) == PSF1_MAGIC) {
		head = 4;
		f->width = 8;
		f->height = f->pitch = file[3];
		f->count = file[2] & PSF1_512 ? 512 : 256;
		table = file[2] & (PSF1_TAB | PSF1_SEQ);
	} else if (len >= 32 && get_le32(file) == PSF2_MAGIC) {
		head = get_le32(file + 8);
		table = get_le32(file + 12) & PSF2_TAB;
		f->count = get_le32(file + 16);
		f->pitch = get_le32(file + 20);
		f->height = get_le32(file + 24);
		f->width = get_le32(file + 28);
	} else {
		return -EINVAL;
	}
	if (!f->height || f->height > 64 || !f->width ||
	    f->width > FONT_MAX_WIDTH || !f->count || f->count > 65536 ||
	    f->pitch < f->height * DIV_ROUND_UP(f->width, 8) ||
	    f->pitch > 4096)
		return -EINVAL;
	glyphs = (size_t)f->count * f->pitch;
	if (head > len || glyphs > len - head)
		return -EINVAL;
	f->bits = file + head;
	f->map = m;
	if (!table)
		return 0;
	return head == 4 ?
		psf1_table(file + head + glyphs, file + len, f->count, m) :
		psf2_table(file + head + glyphs, file + len, f->count, m);
}

/* -- the font in use ----------------------------------------------------- */

static struct con_font builtin, user;
static struct con_unimap builtin_map;
static struct con_unimap *user_map;	/* NULL: the built-in */
static u8 *user_bits;			/* NULL: the built-in */
static const struct con_font *in_use = &builtin;

/* Shows f; the caller frees the font before it afterwards. vt_mutex. */
static int
install(const struct con_font *f)
{
	struct con_driver *con = con_driver_current();
	unsigned long irq;
	int err;

	if (!con->font)
		return -ENOSYS;
	irq = spin_lock_irqsave(&con_lock);
	err = con->font(f);
	if (!err)
		in_use = f;
	spin_unlock_irqrestore(&con_lock, irq);
	if (!err)
		vt_resize_all();
	return err;
}

void
vt_font_init(void)
{
	struct con_driver *con = con_driver_current();

	size_t len = console_font_end - console_font_start;

	/* empty when built without a framebuffer console */
	if (!builtin.bits && len &&
	    con_font_psf(console_font_start, len, &builtin, &builtin_map))
		log_err(video, "console font cannot be used");
	in_use = &builtin;
	if (con->font && builtin.bits)
		(void)con->font(&builtin);
}

/* A new user font of count glyphs at bits (owned from here on). */
static long
set_user_font(u32 width, u32 height, u32 count, u8 *bits)
{
	struct con_font old = user;
	u8 *old_bits = user_bits;
	long err;

	/* setfont sets the table next; until then the old one is kept */
	user = (struct con_font){
		.width = width, .height = height, .count = count,
		.pitch = height * DIV_ROUND_UP(width, 8), .bits = bits,
		.map = user_map ? user_map : &builtin_map,
	};
	err = install(&user);
	if (err) {
		user = old;
		kfree(bits);
	} else {
		user_bits = bits;
		kfree(old_bits);
	}
	return err;
}

static long
font_set(const struct abi_console_font_op *op, u32 cell)
{
	u32 width = op->width, height = op->height, bytes, i;
	const u8 __user *from = (const u8 __user *)op->data;
	u8 *bits;

	if (!width || width > FONT_MAX_WIDTH || !height || height > cell ||
	    !op->charcount || op->charcount > FONT_MAX)
		return -EINVAL;
	bytes = DIV_ROUND_UP(width, 8);
	bits = kmalloc((size_t)op->charcount * height * bytes, GFP_KERNEL);
	if (!bits)
		return -ENOMEM;
	for (i = 0; i < op->charcount; i++)
		if (copyin(bits + (size_t)i * height * bytes,
			   from + (size_t)i * cell * bytes,
			   height * bytes)) {
			kfree(bits);
			return -EFAULT;
		}
	return set_user_font(width, height, op->charcount, bits);
}

static long
font_get(struct abi_console_font_op *op, u32 cell)
{
	const struct con_font *f = in_use;
	u32 bytes = DIV_ROUND_UP(f->width, 8), used = f->height * bytes, i;
	u8 __user *to = (u8 __user *)op->data;

	if (!f->bits)
		return -EINVAL;
	if (op->data) {
		if (op->charcount < f->count || op->width < f->width ||
		    f->height > cell)
			return -ENOSPC;
		for (i = 0; i < f->count; i++) {
			u8 __user *g = to + (size_t)i * cell * bytes;

			if (copyout(g, f->bits + (size_t)i * f->pitch, used) ||
			    clear_user(g + used, cell * bytes - used))
				return -EFAULT;
		}
	}
	op->width = f->width;
	op->height = f->height;
	op->charcount = f->count;
	return 0;
}

static long
font_default(void)
{
	u8 *bits = user_bits;
	struct con_unimap *m = user_map;
	long err = install(&builtin);

	if (err)
		return err;
	user_bits = NULL;
	user_map = NULL;
	kfree(bits);
	if (m) {
		con_unimap_clear(m);
		kfree(m);
	}
	return 0;
}

static long
font_op(struct abi_console_font_op *op, bool perm)
{
	u32 cell = FONT_CELL;

	if (op->op == KD_FONT_OP_SET_TALL || op->op == KD_FONT_OP_GET_TALL)
		cell = op->height;
	if (cell > 128)
		return -EINVAL;
	switch (op->op) {
	case KD_FONT_OP_SET:
	case KD_FONT_OP_SET_TALL:
		return perm ? font_set(op, cell) : -EPERM;
	case KD_FONT_OP_GET:
	case KD_FONT_OP_GET_TALL:
		return font_get(op, max(cell, in_use->height));
	case KD_FONT_OP_SET_DEFAULT:
		if (!perm)
			return -EPERM;
		op->width = builtin.width;
		op->height = builtin.height;
		return font_default();
	}
	return -ENOSYS;
}

/* -- requests ------------------------------------------------------------ */

static long
ioctl_fontop(void __user *arg, bool perm)
{
	struct abi_console_font_op op;
	long err;

	if (copyin(&op, arg, sizeof(op)))
		return -EFAULT;
	err = font_op(&op, perm);
	if (!err && copyout(arg, &op, sizeof(op)))
		err = -EFAULT;
	return err;
}

/* PIO_FONT, PIO_FONTX and their reverses: glyphs 8 wide in cells of 32 */
static long
ioctl_old_font(u32 cmd, void __user *arg, bool perm)
{
	struct abi_consolefontdesc d;
	struct abi_console_font_op op = { .width = 8, .charcount = 256 };
	bool get = cmd == GIO_FONT || cmd == GIO_FONTX;
	bool x = cmd == GIO_FONTX || cmd == PIO_FONTX;
	long err;

	if (!get && !perm)
		return -EPERM;
	op.op = get ? KD_FONT_OP_GET : KD_FONT_OP_SET;
	op.height = in_use->height;
	op.data = (u64)arg;
	if (x) {
		if (copyin(&d, arg, sizeof(d)))
			return -EFAULT;
		op.charcount = d.charcount;
		op.height = d.charheight;
		op.data = d.chardata;
	}
	err = font_op(&op, perm);
	if (!err && x && get) {
		d.charcount = op.charcount;
		d.charheight = op.height;
		err = copyout(arg, &d, sizeof(d));
	}
	return err;
}

/* An empty table for the font in use, where entries can be put. */
static long
unimap_clear(void)
{
	struct con_unimap *m = kzalloc(sizeof(*m), GFP_KERNEL), *old;
	unsigned long irq;

	if (!m)
		return -ENOMEM;
	irq = spin_lock_irqsave(&con_lock);
	old = user_map;
	user_map = m;
	if (in_use == &user)
		user.map = m;
	spin_unlock_irqrestore(&con_lock, irq);
	if (old) {
		con_unimap_clear(old);
		kfree(old);
	}
	return 0;
}

static long
unimap_set(const void __user *arg)
{
	struct abi_unimapdesc d;
	struct abi_unipair p;
	const struct abi_unipair __user *list;
	long err = 0;

	if (copyin(&d, arg, sizeof(d)))
		return -EFAULT;
	if (!user_map) {
		err = unimap_clear();
		if (err)
			return err;
	}
	/* the built-in font with another table is a user font, too */
	if (in_use == &builtin) {
		user = builtin;
		user.map = user_map;
		in_use = &user;
		err = install(&user);
		if (err)
			return err;
	}
	list = (const struct abi_unipair __user *)d.entries;
	for (u32 i = 0; i < d.entry_ct && !err; i++) {
		if (copyin(&p, &list[i], sizeof(p)))
			return -EFAULT;
		if (p.fontpos < user.count)
			err = con_unimap_add(user_map, p.unicode, p.fontpos);
	}
	vt_redraw();
	return err;
}

static long
unimap_get(void __user *arg)
{
	const struct con_unimap *m = in_use->map;
	struct abi_unimapdesc d;
	struct abi_unipair __user *list;
	u32 n = 0, room;

	if (copyin(&d, arg, sizeof(d)))
		return -EFAULT;
	list = (struct abi_unipair __user *)d.entries;
	room = d.entry_ct;
	for (u32 u = 0; m && u < 0x10000; u++) {
		struct abi_unipair p;

		if (!m->page[u >> 6]) {
			u |= 63;
			continue;
		}
		p.unicode = u;
		p.fontpos = con_unimap_find(m, u);
		if (p.fontpos == CON_NO_GLYPH)
			continue;
		if (n < room && copyout(&list[n], &p, sizeof(p)))
			return -EFAULT;
		n++;
	}
	d.entry_ct = n;
	if (copyout(arg, &d, sizeof(d)))
		return -EFAULT;
	return n > room ? -ENOMEM : 0;
}

/* GIO_CMAP and PIO_CMAP: 16 colours of 3 bytes, in VGA order */
static long
color_map(struct vt *v, u32 cmd, u8 __user *arg)
{
	u8 map[48];
	unsigned long irq;

	if (cmd == GIO_CMAP) {
		for (int i = 0; i < 48; i++)
			map[i] = v->s.palette[i / 3] >> (16 - i % 3 * 8);
		return copyout(arg, map, sizeof(map));
	}
	if (copyin(map, arg, sizeof(map)))
		return -EFAULT;
	irq = spin_lock_irqsave(&con_lock);
	for (int n = 0; n < NR_VT; n++) {
		struct vt_screen *s = &vts[n].s;

		if (!vts[n].cells)
			continue;
		for (int i = 0; i < 16; i++)
			s->palette[i] = map[i * 3] << 16 |
				map[i * 3 + 1] << 8 | map[i * 3 + 2];
	}
	spin_unlock_irqrestore(&con_lock, irq);
	vt_redraw();
	return 0;
}

/* The map of the user character set (ESC ( K): fixed, cp437. */
static long
screen_map(u32 cmd, void __user *arg)
{
	u8 bytes[256];

	switch (cmd) {
	case GIO_UNISCRNMAP:
		return copyout(arg, vt_cp437, sizeof(vt_cp437));
	case GIO_SCRNMAP:
		for (int i = 0; i < 256; i++)
			bytes[i] = i;
		return copyout(arg, bytes, sizeof(bytes));
	}
	return -EPERM;
}

long
vt_font_ioctl(struct vt *v, u32 cmd, unsigned long arg, bool perm)
{
	void __user *up = (void __user *)arg;
	long r;

	mutex_lock(&vt_mutex);
	switch (cmd) {
	case KDFONTOP:
		r = ioctl_fontop(up, perm);
		break;
	case GIO_FONT: case PIO_FONT: case GIO_FONTX: case PIO_FONTX:
		r = ioctl_old_font(cmd, up, perm);
		break;
	case PIO_FONTRESET:
		r = perm ? font_default() : -EPERM;
		break;
	case GIO_UNIMAP:
		r = unimap_get(up);
		break;
	case PIO_UNIMAPCLR:
		r = perm ? unimap_clear() : -EPERM;
		break;
	case PIO_UNIMAP:
		r = perm ? unimap_set(up) : -EPERM;
		break;
	case GIO_CMAP:
		r = color_map(v, cmd, up);
		break;
	case PIO_CMAP:
		r = capable(CAP_SYS_TTY_CONFIG) ? color_map(v, cmd, up) :
		    -EPERM;
		break;
	case GIO_SCRNMAP: case GIO_UNISCRNMAP:
	case PIO_SCRNMAP: case PIO_UNISCRNMAP:
		r = screen_map(cmd, up);
		break;
	default:
		r = -ENOIOCTLCMD;
		break;
	}
	mutex_unlock(&vt_mutex);
	return r;
}
