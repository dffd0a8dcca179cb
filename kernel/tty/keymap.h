/* SPDX-License-Identifier: MIT */
/* Keyboard tables, all under kbd_lock. */
#ifndef TTY_KEYMAP_H
#define TTY_KEYMAP_H

#include <abi/kd.h>
#include <lib/types.h>

/*
 * Entries as KDGKBENT shows them: K_(type, value), or a Unicode character
 * KMAP_UNICODE(u). A missing table is NULL.
 */
extern u16 *key_maps[MAX_NR_KEYMAPS];
extern u32 keymap_count;
#define KMAP_UNICODE(u)		((u16)((u) ^ 0xf000))
#define KMAP_IS_UNICODE(e)	(((e) >> 8) >= 0x20)

/* Strings of function keys; NULL: none. */
extern char *func_table[MAX_NR_FUNC];

extern struct abi_kbdiacruc accent_table[MAX_DIACR];
extern u32 accent_table_size;

/* KT_SPEC values */
enum { KS_HOLE, KS_ENTER, KS_SH_REGS, KS_SH_MEM, KS_SH_STAT, KS_BREAK,
	KS_CONS, KS_CAPS, KS_NUM, KS_HOLD, KS_SCROLLFORW, KS_SCROLLBACK,
	KS_BOOT, KS_CAPSON, KS_COMPOSE, KS_SAK, KS_DECRCONSOLE,
	KS_INCRCONSOLE, KS_SPAWNCONSOLE, KS_BARENUMLOCK };

void keymap_init(void);

#endif
