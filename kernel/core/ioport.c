/* SPDX-License-Identifier: MIT */
/*
 * I/O port regions, as their drivers claim them when they have found their
 * device. Only a book of who is where: the ports work without it. Drivers of
 * legacy devices, whose ports are nobody else's, do not look at the answer.
 */
#include <abi/errno.h>
#include <core/ioport.h>
#include <core/spinlock.h>

static struct spinlock ioport_lock = SPINLOCK_INIT(RANK_DEVICE);
static struct ioport *regions;		/* ioport_lock; disjoint, by first */

int
ioport_claim(struct ioport *p)
{
	struct ioport **at = &regions;
	unsigned long f = spin_lock_irqsave(&ioport_lock);
	int err = 0;

	while (*at && (*at)->last < p->first)
		at = &(*at)->next;
	if (*at && (*at)->first <= p->last) {
		err = -EBUSY;
	} else {
		p->next = *at;
		*at = p;
	}
	spin_unlock_irqrestore(&ioport_lock, f);
	return err;
}

const struct ioport *
ioport_next(u32 from)
{
	unsigned long f = spin_lock_irqsave(&ioport_lock);
	struct ioport *p = regions;

	while (p && p->first < from)
		p = p->next;
	spin_unlock_irqrestore(&ioport_lock, f);
	return p;
}
