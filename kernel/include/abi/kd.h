/* SPDX-License-Identifier: MIT */
/* Console, keyboard and virtual terminal requests: ioctl_console(2). */
#ifndef ABI_KD_H
#define ABI_KD_H

#include <lib/types.h>

#define GIO_FONT	0x4b60
#define PIO_FONT	0x4b61
#define GIO_FONTX	0x4b6b
#define PIO_FONTX	0x4b6c
#define PIO_FONTRESET	0x4b6d
#define GIO_CMAP	0x4b70
#define PIO_CMAP	0x4b71
#define KIOCSOUND	0x4b2f
#define KDMKTONE	0x4b30
#define KDGETLED	0x4b31
#define KDSETLED	0x4b32
#define KDGKBTYPE	0x4b33
#define KDADDIO		0x4b34
#define KDDELIO		0x4b35
#define KDENABIO	0x4b36
#define KDDISABIO	0x4b37
#define KDSETMODE	0x4b3a
#define KDGETMODE	0x4b3b
#define KDMAPDISP	0x4b3c
#define KDUNMAPDISP	0x4b3d
#define GIO_SCRNMAP	0x4b40
#define PIO_SCRNMAP	0x4b41
#define KDGKBMODE	0x4b44
#define KDSKBMODE	0x4b45
#define KDGKBENT	0x4b46
#define KDSKBENT	0x4b47
#define KDGKBSENT	0x4b48
#define KDSKBSENT	0x4b49
#define KDGKBDIACR	0x4b4a
#define KDSKBDIACR	0x4b4b
#define KDGETKEYCODE	0x4b4c
#define KDSETKEYCODE	0x4b4d
#define KDSIGACCEPT	0x4b4e
#define KDKBDREP	0x4b52
#define KDGKBMETA	0x4b62
#define KDSKBMETA	0x4b63
#define KDGKBLED	0x4b64
#define KDSKBLED	0x4b65
#define GIO_UNIMAP	0x4b66
#define PIO_UNIMAP	0x4b67
#define PIO_UNIMAPCLR	0x4b68
#define GIO_UNISCRNMAP	0x4b69
#define PIO_UNISCRNMAP	0x4b6a
#define KDFONTOP	0x4b72
#define KDGKBDIACRUC	0x4bfa
#define KDSKBDIACRUC	0x4bfb

#define KD_TEXT		0
#define KD_GRAPHICS	1
#define KB_101		2

#define K_RAW		0
#define K_XLATE		1
#define K_MEDIUMRAW	2
#define K_UNICODE	3
#define K_OFF		4
#define K_METABIT	3
#define K_ESCPREFIX	4

#define LED_SCR		1
#define LED_NUM		2
#define LED_CAP		4

struct abi_kbentry {
	u8 kb_table;
	u8 kb_index;
	u16 kb_value;
};
struct abi_kbsentry {
	u8 kb_func;
	u8 kb_string[512];
};
struct abi_kbdiacr {
	u8 diacr, base, result;
};
struct abi_kbdiacrs {
	u32 kb_cnt;
	struct abi_kbdiacr kbdiacr[256];
};
struct abi_kbdiacruc {
	u32 diacr, base, result;
};
struct abi_kbdiacrsuc {
	u32 kb_cnt;
	struct abi_kbdiacruc kbdiacruc[256];
};
struct abi_kbkeycode {
	u32 scancode, keycode;
};
struct abi_kbd_repeat {
	s32 delay, period;	/* ms */
};

#define NR_KEYS		256
#define MAX_NR_KEYMAPS	256
#define MAX_NR_FUNC	256
#define MAX_DIACR	256

/* keymap entries: KT << 8 | value */
#define KT_LATIN	0
#define KT_FN		1
#define KT_SPEC		2
#define KT_PAD		3
#define KT_DEAD		4
#define KT_CONS		5
#define KT_CUR		6
#define KT_SHIFT	7
#define KT_META		8
#define KT_ASCII	9
#define KT_LOCK		10
#define KT_LETTER	11
#define KT_SLOCK	12
#define KT_DEAD2	13
#define KT_BRL		14
#define NR_TYPES	15
#define K_(t, v)	((u16)((t) << 8 | (v)))
#define K_HOLE		K_(KT_SPEC, 0)
#define K_ENTER		K_(KT_SPEC, 1)
#define K_NOSUCHMAP	K_(KT_SPEC, 127)
#define K_ALLOCATED	K_(KT_SPEC, 126)
#define K_NOSUCHMAP_VAL	127

#define KG_SHIFT	0
#define KG_ALTGR	1
#define KG_CTRL		2
#define KG_ALT		3
#define KG_SHIFTL	4
#define KG_SHIFTR	5
#define KG_CTRLL	6
#define KG_CTRLR	7
#define KG_CAPSSHIFT	8

/* fonts */
struct abi_consolefontdesc {
	u16 charcount;
	u16 charheight;
	u64 chardata;		/* user pointer */
};
static_assert(sizeof(struct abi_consolefontdesc) == 16, "ABI");

struct abi_console_font_op {
	u32 op;
	u32 flags;
	u32 width, height;
	u32 charcount;
	u64 data;		/* user pointer */
};
static_assert(sizeof(struct abi_console_font_op) == 32, "ABI");

#define KD_FONT_OP_SET		0
#define KD_FONT_OP_GET		1
#define KD_FONT_OP_SET_DEFAULT	2
#define KD_FONT_OP_COPY		3
#define KD_FONT_OP_SET_TALL	4
#define KD_FONT_OP_GET_TALL	5

struct abi_unipair {
	u16 unicode, fontpos;
};
struct abi_unimapdesc {
	u16 entry_ct;
	u64 entries;		/* user pointer to struct abi_unipair */
};
static_assert(sizeof(struct abi_unimapdesc) == 16, "ABI");

/* virtual terminals */
#define VT_OPENQRY	0x5600
#define VT_GETMODE	0x5601
#define VT_SETMODE	0x5602
#define VT_GETSTATE	0x5603
#define VT_SENDSIG	0x5604
#define VT_RELDISP	0x5605
#define VT_ACTIVATE	0x5606
#define VT_WAITACTIVE	0x5607
#define VT_DISALLOCATE	0x5608
#define VT_RESIZE	0x5609
#define VT_RESIZEX	0x560a
#define VT_LOCKSWITCH	0x560b
#define VT_UNLOCKSWITCH	0x560c
#define VT_GETHIFONTMASK 0x560d
#define VT_WAITEVENT	0x560e
#define VT_SETACTIVATE	0x560f

#define VT_AUTO		0
#define VT_PROCESS	1
#define VT_ACKACQ	2

struct abi_vt_mode {
	u8 mode;
	u8 waitv;
	s16 relsig, acqsig, frsig;
};
static_assert(sizeof(struct abi_vt_mode) == 8, "ABI");

struct abi_vt_stat {
	u16 v_active, v_signal, v_state;
};
struct abi_vt_sizes {
	u16 v_rows, v_cols, v_scrollsize;
};
struct abi_vt_setactivate {
	u32 console;
	struct abi_vt_mode mode;
};

#endif
