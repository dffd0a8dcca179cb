/* SPDX-License-Identifier: MIT */
#ifndef INPUT_LOCAL_H
#define INPUT_LOCAL_H

#include <lib/types.h>

/* atkbd.c: a byte from an AT keyboard; any context, one caller at a time */
struct atkbd {
	u8 prefix;		/* 0xe0, 0xe1 or 0 */
	u8 pause;		/* bytes of the Pause sequence still to come */
	bool release;		/* set 2: 0xf0 was seen */
	bool set2;		/* untranslated scan codes */
	unsigned long down[4];	/* by key code: to tell repeats */
};
void atkbd_byte(struct atkbd *k, u8 c);

#endif
