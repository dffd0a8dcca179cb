/* SPDX-License-Identifier: MIT */
/* uname(2)'s names, of which each UTS namespace has its own. */
#ifndef TASK_UTS_H
#define TASK_UTS_H

#include <abi/misc.h>

/* the names of current's namespace. Context: T. */
void uts_get(struct abi_utsname *out);
/* uts_set - the field at offset off of them; -EINVAL when too long. T. */
int uts_set(size_t off, const char *s, size_t len);
/* may current set them? */
bool uts_may_set(void);

#endif
