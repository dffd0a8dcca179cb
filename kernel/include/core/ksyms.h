/* SPDX-License-Identifier: MIT */
/* Kernel symbol table, for backtraces and /proc/kallsyms. */
#ifndef CORE_KSYMS_H
#define CORE_KSYMS_H

#include <lib/types.h>

void ksyms_init(void);		/* E: %pS prints names from here on */
/* ksym_lookup - name of the function that holds addr, or NULL. Any context. */
const char *ksym_lookup(unsigned long addr, unsigned long *offset);
bool ksym_iter(unsigned int i, unsigned long *addr, const char **name);
void backtrace_print(unsigned long rbp, unsigned long rip);	/* kprintf */
/* extable_find - fixup for a faulting kernel instruction, or 0. */
unsigned long extable_find(unsigned long rip);

#endif
