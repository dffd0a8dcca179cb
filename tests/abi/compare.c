/* SPDX-License-Identifier: MIT */
/*
 * Compares the sides: a test point for each header's constants and for each
 * struct. Constants that the kernel calls as Linux or the libc does must have
 * the same value (as far as their type at the other side goes).
 */
#include <stdio.h>
#include <string.h>
#include "abi.h"

/*
 * The libc's own idea, or a word that means something else there. Only
 * compared with Linux's headers, if those have it.
 */
static const char *const libc_differs[] = {
	"O_LARGEFILE",		/* 0: open64 is open */
	"NSIG", "_NSIG",	/* counts from 0 */
	"NCCS",			/* has room for more */
	"F_GETLK", "F_SETLK", "F_SETLKW",
	"SCHED_FLAG_ALL",
	"NGROUPS_MAX", "HOST_NAME_MAX", "ARG_MAX", "SS_AUTODISARM",
	"FD_SETSIZE",
	NULL
};
/* The kernel's name for another thing than Linux's header's. */
static const char *const linux_differs[] = {
	"NSIG",			/* their user header still says 32 */
	"SCHED_FLAG_UTIL_CLAMP",
	NULL
};

static int points, bad;

static int
listed(const char *const *l, const char *name)
{
	for (; *l; l++)
		if (!strcmp(*l, name))
			return 1;
	return 0;
}

static const struct abi_const *
find(const struct abi_const *c, const char *name)
{
	for (; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static int
differs(const struct abi_const *k, const struct abi_const *o, const char *whose)
{
	/* an int there may be unsigned here: then the low half decides */
	if (!o || k->value == o->value ||
	    ((unsigned int)k->value == (unsigned int)o->value &&
	     (k->value >> 32 == 0 || o->value >> 32 == 0)))
		return 0;
	printf("# %s is %#lx, %s says %#lx\n", k->name, k->value, whose,
	       o->value);
	return 1;
}

static void
point(int ok, const char *what, const char *detail, int n)
{
	printf("%sok %d - %s%s", ok ? "" : "not ", ++points, what, detail);
	if (n >= 0)
		printf(" (%d compared)", n);
	putchar('\n');
	bad += !ok;
}

static void
consts(void)
{
	const struct abi_const *k, *first = kernel_consts;

	while (first->name) {
		int wrong = 0, n = 0;

		for (k = first; k->name && !strcmp(k->header, first->header);
		     k++) {
			const struct abi_const *l = find(linux_consts, k->name);
			const struct abi_const *c = find(libc_consts, k->name);

			if (listed(linux_differs, k->name))
				l = NULL;
			if (listed(libc_differs, k->name))
				c = NULL;
			n += l || c;
			wrong += differs(k, l, "Linux") ||
				differs(k, c, "the libc");
		}
		point(!wrong, "constants of ", first->header, n);
		first = k;
	}
}

static const struct abi_item *
item(const struct abi_item *i, const struct abi_item *like)
{
	for (; i->of; i++)
		if (!strcmp(i->of, like->of) && !strcmp(i->field, like->field))
			return i;
	return NULL;
}

static void
structs(void)
{
	const struct abi_item *k = kernel_items, *o;

	while (k->of) {
		const char *of = k->of;
		int wrong = 0, n = 0;

		for (; k->of && !strcmp(k->of, of); k++, n++) {
			o = item(linux_items, k);
			if (!o)
				o = item(libc_items, k);
			if (o && o->offset == k->offset && o->size == k->size)
				continue;
			printf("# %s.%s: at %lu, %lu bytes; there ", of,
			       k->field, k->offset, k->size);
			if (o)
				printf("at %lu, %lu bytes\n", o->offset,
				       o->size);
			else
				printf("not found\n");
			wrong++;
		}
		point(!wrong, of, "", n);
	}
}

int
main(void)
{
	consts();
	structs();
	printf("1..%d\n", points);
	return bad != 0;
}
