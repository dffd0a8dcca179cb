/* SPDX-License-Identifier: MIT */
/*
 * The keyboard map before any loadkmap: US layout, as keymaps(5) names things.
 * The seven tables are made at boot from one list of keys: control and meta
 * entries follow from the plain one, so nothing is written twice.
 */
#include <lib/ctype.h>
#include <lib/string.h>
#include "keymap.h"

#define T_PLAIN		0
#define T_SHIFT		BIT(KG_SHIFT)
#define T_ALTGR		BIT(KG_ALTGR)
#define T_CTRL		BIT(KG_CTRL)
#define T_CTRL_SHIFT	(BIT(KG_CTRL) | BIT(KG_SHIFT))
#define T_ALT		BIT(KG_ALT)
#define T_CTRL_ALT	(BIT(KG_CTRL) | BIT(KG_ALT))

static const u8 made[] = { T_PLAIN, T_SHIFT, T_ALTGR, T_CTRL, T_CTRL_SHIFT,
			   T_ALT, T_CTRL_ALT };
static u16 tables[ARRAY_SIZE(made)][NR_KEYS];

u16 *key_maps[MAX_NR_KEYMAPS];
u32 keymap_count;
char *func_table[MAX_NR_FUNC];

/* plain and shifted characters by keycode; NUL: not a character key */
static const char plain[] =
	"\0\0331234567890-=\177\tqwertyuiop[]\0\0asdfghjkl;'`\0\\zxcvbnm,./";
static const char shifted[] =
	"\0\033!@#$%^&*()_+\177\tQWERTYUIOP{}\0\0ASDFGHJKL:\"~\0|ZXCVBNM<>?";

/* the same in all tables */
static const struct { u8 key; u16 entry; } fixed[] = {
	{ 28, K_(KT_SPEC, KS_ENTER) },
	{ 29, K_(KT_SHIFT, KG_CTRL) }, { 97, K_(KT_SHIFT, KG_CTRL) },
	{ 42, K_(KT_SHIFT, KG_SHIFT) }, { 54, K_(KT_SHIFT, KG_SHIFT) },
	{ 56, K_(KT_SHIFT, KG_ALT) }, { 100, K_(KT_SHIFT, KG_ALTGR) },
	{ 57, K_(KT_LATIN, ' ') }, { 58, K_(KT_SPEC, KS_CAPS) },
	{ 69, K_(KT_SPEC, KS_NUM) }, { 70, K_(KT_SPEC, KS_HOLD) },
	{ 71, K_(KT_PAD, 7) }, { 72, K_(KT_PAD, 8) }, { 73, K_(KT_PAD, 9) },
	{ 75, K_(KT_PAD, 4) }, { 76, K_(KT_PAD, 5) }, { 77, K_(KT_PAD, 6) },
	{ 79, K_(KT_PAD, 1) }, { 80, K_(KT_PAD, 2) }, { 81, K_(KT_PAD, 3) },
	{ 82, K_(KT_PAD, 0) }, { 83, K_(KT_PAD, 16) },
	{ 74, K_(KT_PAD, 11) }, { 78, K_(KT_PAD, 10) },
	{ 55, K_(KT_PAD, 12) }, { 98, K_(KT_PAD, 13) },
	{ 96, K_(KT_PAD, 14) },
	{ 86, K_(KT_LATIN, '<') },
	{ 102, K_(KT_FN, 20) }, { 103, K_(KT_CUR, 3) },
	{ 104, K_(KT_FN, 24) }, { 105, K_(KT_CUR, 1) },
	{ 106, K_(KT_CUR, 2) }, { 107, K_(KT_FN, 23) },
	{ 108, K_(KT_CUR, 0) }, { 109, K_(KT_FN, 25) },
	{ 110, K_(KT_FN, 21) }, { 111, K_(KT_FN, 22) },
	{ 119, K_(KT_FN, 29) }, { 127, K_(KT_SPEC, KS_COMPOSE) },
};

/* what differs in one table */
static const struct { u8 table, key; u16 entry; } special[] = {
	{ T_SHIFT, 86, K_(KT_LATIN, '>') },
	{ T_SHIFT, 104, K_(KT_SPEC, KS_SCROLLBACK) },
	{ T_SHIFT, 109, K_(KT_SPEC, KS_SCROLLFORW) },
	{ T_SHIFT, 15, K_(KT_META, '\t') },
	{ T_CTRL, 3, K_(KT_LATIN, 0) }, { T_CTRL, 4, K_(KT_LATIN, 27) },
	{ T_CTRL, 5, K_(KT_LATIN, 28) }, { T_CTRL, 6, K_(KT_LATIN, 29) },
	{ T_CTRL, 7, K_(KT_LATIN, 30) }, { T_CTRL, 8, K_(KT_LATIN, 31) },
	{ T_CTRL, 9, K_(KT_LATIN, 127) },
	{ T_CTRL, 14, K_(KT_LATIN, 8) }, { T_CTRL, 57, K_(KT_LATIN, 0) },
	{ T_CTRL, 12, K_(KT_LATIN, 31) }, { T_CTRL, 53, K_(KT_LATIN, 127) },
	{ T_CTRL, 40, K_(KT_LATIN, 7) }, { T_CTRL, 41, K_(KT_LATIN, 0) },
	{ T_CTRL, 99, K_(KT_LATIN, 28) },
	{ T_CTRL_SHIFT, 12, K_(KT_LATIN, 31) },
	{ T_CTRL_SHIFT, 57, K_(KT_LATIN, 0) },
	{ T_CTRL_SHIFT, 3, K_(KT_LATIN, 0) },
	{ T_ALT, 105, K_(KT_SPEC, KS_DECRCONSOLE) },
	{ T_ALT, 106, K_(KT_SPEC, KS_INCRCONSOLE) },
	{ T_ALT, 103, K_(KT_SPEC, KS_SPAWNCONSOLE) },
	{ T_ALT, 14, K_(KT_META, 127) },
	{ T_ALT, 28, K_(KT_META, 13) },
	{ T_ALT, 57, K_(KT_META, ' ') },
	{ T_CTRL_ALT, 111, K_(KT_SPEC, KS_BOOT) },
	{ T_CTRL_ALT, 83, K_(KT_SPEC, KS_BOOT) },
	{ T_ALTGR, 111, K_(KT_SPEC, KS_BOOT) },
	{ T_ALTGR, 18, KMAP_UNICODE(0x20ac) },
};

/* Alt + keypad digits make a character from its decimal number. */
static const u8 pad_digit[10][2] = {
	{ 82, 0 }, { 79, 1 }, { 80, 2 }, { 81, 3 }, { 75, 4 }, { 76, 5 },
	{ 77, 6 }, { 71, 7 }, { 72, 8 }, { 73, 9 },
};

static char *const default_func[] = {
	"\033[[A", "\033[[B", "\033[[C", "\033[[D", "\033[[E", "\033[17~",
	"\033[18~", "\033[19~", "\033[20~", "\033[21~", "\033[23~",
	"\033[24~", "\033[25~", "\033[26~", "\033[28~", "\033[29~",
	"\033[31~", "\033[32~", "\033[33~", "\033[34~",
	"\033[1~", "\033[2~", "\033[3~", "\033[4~", "\033[5~", "\033[6~",
	"\033[M", NULL, NULL, "\033[P",
};

#define A(d, b, r) { d, b, r }
struct abi_kbdiacruc accent_table[MAX_DIACR] = {
	A('`', 'A', 0xc0), A('`', 'a', 0xe0), A('\'', 'A', 0xc1),
	A('\'', 'a', 0xe1), A('^', 'A', 0xc2), A('^', 'a', 0xe2),
	A('~', 'A', 0xc3), A('~', 'a', 0xe3), A('"', 'A', 0xc4),
	A('"', 'a', 0xe4), A('O', 'A', 0xc5), A('o', 'a', 0xe5),
	A('0', 'A', 0xc5), A('0', 'a', 0xe5), A('A', 'A', 0xc5),
	A('a', 'a', 0xe5), A('A', 'E', 0xc6), A('a', 'e', 0xe6),
	A(',', 'C', 0xc7), A(',', 'c', 0xe7), A('`', 'E', 0xc8),
	A('`', 'e', 0xe8), A('\'', 'E', 0xc9), A('\'', 'e', 0xe9),
	A('^', 'E', 0xca), A('^', 'e', 0xea), A('"', 'E', 0xcb),
	A('"', 'e', 0xeb), A('`', 'I', 0xcc), A('`', 'i', 0xec),
	A('\'', 'I', 0xcd), A('\'', 'i', 0xed), A('^', 'I', 0xce),
	A('^', 'i', 0xee), A('"', 'I', 0xcf), A('"', 'i', 0xef),
	A('-', 'D', 0xd0), A('-', 'd', 0xf0), A('~', 'N', 0xd1),
	A('~', 'n', 0xf1), A('`', 'O', 0xd2), A('`', 'o', 0xf2),
	A('\'', 'O', 0xd3), A('\'', 'o', 0xf3), A('^', 'O', 0xd4),
	A('^', 'o', 0xf4), A('~', 'O', 0xd5), A('~', 'o', 0xf5),
	A('"', 'O', 0xd6), A('"', 'o', 0xf6), A('/', 'O', 0xd8),
	A('/', 'o', 0xf8), A('`', 'U', 0xd9), A('`', 'u', 0xf9),
	A('\'', 'U', 0xda), A('\'', 'u', 0xfa), A('^', 'U', 0xdb),
	A('^', 'u', 0xfb), A('"', 'U', 0xdc), A('"', 'u', 0xfc),
	A('\'', 'Y', 0xdd), A('\'', 'y', 0xfd), A('T', 'H', 0xde),
	A('t', 'h', 0xfe), A('s', 's', 0xdf), A('"', 'y', 0xff),
	A('s', 'z', 0xdf), A('i', 'j', 0xff), A('e', '=', 0x20ac),
	A('=', 'e', 0x20ac),
};
u32 accent_table_size = 70;

static u16
character(char c, u8 type)
{
	return K_(type == KT_LATIN && isalpha(c) ? KT_LETTER : type, (u8)c);
}

static u16
make(u8 table, char p, char s)
{
	switch (table) {
	case T_SHIFT:
		return character(s, KT_LATIN);
	case T_CTRL:
		/* @A..Z[\]^_ have control forms */
		return p >= '@' && p < 127 ? K_(KT_LATIN, p & 0x1f) :
		       p < 32 || p == 127 ? K_(KT_LATIN, (u8)p) : K_HOLE;
	case T_CTRL_SHIFT:
		return s >= '@' && s < 127 ? K_(KT_LATIN, s & 0x1f) :
		       s < 32 || s == 127 ? K_(KT_LATIN, (u8)s) : K_HOLE;
	case T_ALT:
		return K_(KT_META, (u8)p);
	case T_CTRL_ALT:
		return p >= '@' && p < 127 ? K_(KT_META, p & 0x1f) : K_HOLE;
	default:
		return character(p, KT_LATIN);
	}
}

void
keymap_init(void)
{
	for (size_t t = 0; t < ARRAY_SIZE(made); t++) {
		u16 *map = tables[t];
		u8 id = made[t];

		for (u32 k = 0; k < NR_KEYS; k++)
			map[k] = K_HOLE;
		for (u32 k = 1; k < sizeof(plain) - 1; k++)
			if (plain[k])
				map[k] = make(id, plain[k], shifted[k]);
		for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
			map[fixed[i].key] = fixed[i].entry;
		for (u32 f = 0; f < 12; f++) {
			u32 key = f < 10 ? 59 + f : 77 + f;

			map[key] = id & BIT(KG_ALT) ? K_(KT_CONS, f) :
				id == T_SHIFT && f < 8 ? K_(KT_FN, f + 12) :
				K_(KT_FN, f);
		}
		if (id == T_ALT)
			for (u32 i = 0; i < 10; i++)
				map[pad_digit[i][0]] =
					K_(KT_ASCII, pad_digit[i][1]);
		for (size_t i = 0; i < ARRAY_SIZE(special); i++)
			if (special[i].table == id)
				map[special[i].key] = special[i].entry;
		key_maps[id] = map;
		keymap_count++;
	}
	for (size_t i = 0; i < ARRAY_SIZE(default_func); i++)
		func_table[i] = default_func[i];
}
