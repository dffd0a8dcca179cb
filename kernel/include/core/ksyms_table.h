/* SPDX-License-Identifier: MIT */
/*
 * What kernel/link-kernel.sh puts between __ksyms_start and __ksyms_end: a
 * header, the symbols of .text and .init.text in ascending order of address
 * (one name for each address), and their names. No relocations: addresses are
 * relative to _text. Before the last link pass the section is empty.
 */
#ifndef CORE_KSYMS_TABLE_H
#define CORE_KSYMS_TABLE_H

#include <lib/types.h>

struct ksyms_entry {
	u32 offset;		/* address - _text */
	u32 name;		/* bytes from the start of the names */
};

struct ksyms_table {
	u32 count;		/* entries */
	u32 names;		/* bytes from this struct to the names */
	struct ksyms_entry entry[];
};

#endif
