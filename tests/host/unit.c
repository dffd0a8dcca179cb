/* SPDX-License-Identifier: MIT */
/*
 * The kernel side of the test runner: counting checks, deciding what fails,
 * user memory, and what a fault means.
 *
 * User memory is a range of pages where nothing is mapped but the blocks that
 * user_alloc() makes. A block's last byte within reach is the last of its
 * page, so a copy that goes on faults exactly there, the fault handler looks
 * the instruction up in the kernel's exception table, and the kernel's own
 * fixup code goes on. In a run with fail_user = n, byte n (counted over all
 * blocks of the test) and what follows it in its block are out of reach.
 */
#include <arch/layout.h>
#include <core/ksyms.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/uaccess.h>
#include "unit.h"

static const struct host_plan *plan;
static struct host_result *res;
static bool leak_ok, quiet;
static long live_before;
static u64 seed;
long unit_live;
bool (*unit_on_user_fault)(unsigned long addr, bool write);

static void
say(const char *fmt, ...)
{
	char buf[512];
	va_list ap;

	va_start(ap, fmt);
	host_print(buf, vscnprintf(buf, sizeof(buf), fmt, ap));
	va_end(ap);
}

bool
unit_injecting(void)
{
	return plan->fail_alloc || plan->fail_user;
}

bool
unit_check(bool ok, const char *what, const char *file, int line)
{
	res->checks++;
	if (!ok && !unit_injecting()) {
		if (res->failures++ < 20)
			say("%s:%d: not so: %s\n", file, line, what);
	}
	return ok;
}

bool
unit_always(bool ok, const char *what, const char *file, int line)
{
	res->checks++;
	if (!ok && res->failures++ < 20)
		say("%s:%d: not so: %s\n", file, line, what);
	return ok;
}

void
unit_may_leak(void)
{
	leak_ok = true;
}

void
unit_skip(const char *reason)
{
	say("skipped: %s\n", reason);
	res->skipped = 1;
}

void
unit_quiet(bool on)
{
	quiet = on;
	live_before = unit_live;
}

bool
unit_alloc_fails(void)
{
	if (!res || quiet)
		return false;
	if (++res->allocs != plan->fail_alloc)
		return false;
	res->injected = 1;
	return true;
}

u64
unit_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* ---- user memory ---- */

static struct {
	unsigned long at, len;		/* as the test sees it */
	unsigned long reach;		/* first byte that is not there */
} block[256];
static unsigned int nr_blocks;
static unsigned long user_next = HOST_USER_BASE;

void __user *
user_alloc(size_t len)
{
	size_t reach = len;
	unsigned long pages;

	if (!len || nr_blocks == ARRAY_SIZE(block))
		return (void __user *)user_hole(1);
	if (!quiet) {
		if (plan->fail_user > res->user_bytes &&
		    plan->fail_user <= res->user_bytes + len)
			reach = plan->fail_user - 1 - res->user_bytes;
		res->user_bytes += len;
	}
	pages = ALIGN_UP(reach, PAGE_SIZE);
	user_next += PAGE_SIZE;			/* a guard before */
	if (pages)
		host_map((void *)user_next, pages, HOST_WRITE);
	block[nr_blocks].reach = user_next + pages;
	block[nr_blocks].at = user_next + pages - reach;
	block[nr_blocks].len = len;
	user_next += pages + ALIGN_UP(len - reach, PAGE_SIZE) + PAGE_SIZE;
	return (void __user *)block[nr_blocks++].at;
}

void __user *
user_hole(size_t len)
{
	unsigned long at = user_next + PAGE_SIZE;

	user_next += 2 * PAGE_SIZE + ALIGN_UP(len, PAGE_SIZE);
	return (void __user *)at;
}

static size_t
within_reach(unsigned long p, size_t len)
{
	for (unsigned int i = 0; i < nr_blocks; i++)
		if (p >= block[i].at && p < block[i].reach)
			return min(len, block[i].reach - p);
	return 0;
}

void
user_fill(void __user *to, const void *from, size_t len)
{
	memcpy((void *)to, from, within_reach((unsigned long)to, len));
}

size_t
user_peek(void *to, const void __user *from, size_t len)
{
	len = within_reach((unsigned long)from, len);
	memcpy(to, (const void *)from, len);
	return len;
}

/* ---- faults ---- */

/* names of symbols that are not linked: missing.S, made by host.mk */
struct missing { const char *at, *name; };
extern const struct missing host_missing_table[];
extern char host_missing_start[], host_missing_end[];

unsigned long __weak
extable_find(unsigned long rip)
{
	return 0;
}
__weak u32 pagefault_off;

int
unit_fault(unsigned long addr, unsigned long *rip, int write)
{
	const char *a = (const char *)addr;
	unsigned long to;

	if (a >= host_missing_start && a < host_missing_end) {
		const struct missing *m = host_missing_table;

		while (m[1].name && m[1].at <= a)
			m++;
		host_protect(host_missing_start,
			     host_missing_end - host_missing_start, HOST_READ);
		say("the test reached %s, which is not linked here\n", m->name);
		host_crash();
	}
	if (addr < USER_MAX && !pagefault_off && unit_on_user_fault &&
	    unit_on_user_fault(addr, write))
		return 1;
	to = extable_find(*rip);
	if (to) {
		*rip = to;
		return 1;
	}
	if (addr < USER_MAX && addr >= PAGE_SIZE)
		say("user memory %px touched without uaccess\n", a);
	return 0;
}

/* ---- running ---- */

__weak void
shim_setup(void)
{
}

__weak void
shim_show_live(long n)
{
}

static void
begin(struct host_result *r, const struct host_plan *p, const char *name)
{
	res = r;
	plan = p;
	seed = 88172645463325252UL;
	for (; *name; name++)
		seed = seed * 31 + (u8)*name;
	seed |= 1;
	host_protect(host_missing_start,
		     host_missing_end - host_missing_start, HOST_NONE);
}

void
unit_run(const struct host_test *t, const struct host_plan *p,
	 struct host_result *r)
{
	static struct host_result dummy;
	static const struct host_plan none;

	begin(&dummy, &none, t->name);
	shim_setup();
	res = r;
	plan = p;
	live_before = unit_live;
	t->fn();
	shim_lock_check_idle();
	shim_rcu_flush();
	if (!leak_ok && !unit_always(unit_live == live_before,
				     "nothing is left allocated", t->name, 0)) {
		say("%ld allocations more than before\n",
		    unit_live - live_before);
		shim_show_live(min(unit_live - live_before, 8L));
	}
}

int
unit_fuzz(const struct host_fuzz *f, const unsigned char *data,
	  unsigned long len, struct host_result *r)
{
	static const struct host_plan none;
	static bool ready;
	int v;

	if (!ready) {
		begin(r, &none, f->name);
		shim_setup();
		ready = true;
	}
	v = f->fn(data, len);
	shim_lock_check_idle();
	return v;
}
