/* SPDX-License-Identifier: MIT */
/* Who uses which I/O ports: /proc/ioports. */
#ifndef CORE_IOPORT_H
#define CORE_IOPORT_H

#include <lib/types.h>

struct ioport {			/* static data of the driver */
	u16 first, last;		/* I: inclusive */
	const char *name;		/* I */
	struct ioport *next;		/* by first; ioport_lock */
};

/*
 * ioport_claim - enter p, which stays. 0, or -EBUSY when a part of it is
 * claimed already (p itself again included). Any context.
 */
int ioport_claim(struct ioport *p);
/* the first region at or above `from`, or NULL; regions never go */
const struct ioport *ioport_next(u32 from);

#endif
