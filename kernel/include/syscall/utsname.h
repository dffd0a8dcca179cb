/* SPDX-License-Identifier: MIT */
/* uname(2)'s names; /proc/sys/kernel reads and sets them too. */
#ifndef SYSCALL_UTSNAME_H
#define SYSCALL_UTSNAME_H

#include <abi/misc.h>

extern struct abi_utsname utsname;
void utsname_get(struct abi_utsname *out);		/* T */
/* utsname_set - one field of utsname; -EINVAL when too long. T. */
int utsname_set(char *field, const char *s, size_t len);
void misc_init(void);

#endif
