/* SPDX-License-Identifier: MIT */
/*
 * Overcommit, as Linux' vm.overcommit_memory: what was promised is counted in
 * MC_COMMITTED per CPU, so that the common policies touch no shared line.
 *
 *	0 heuristic	a request is refused only when it alone exceeds all RAM
 *	1 always	never refused
 *	2 never		the sum of promises stays below commit_limit(), less
 *			3 % for root (8 MiB at most) and, per process, 1/32 of
 *			its size (128 MiB at most)
 */
#include <abi/errno.h>

#include "internal.h"

int overcommit_policy;
int overcommit_ratio = 50;
int max_map_count = 65530;
unsigned long mmap_min_addr = 65536;
bool aslr_enabled = true;

#define ADMIN_RESERVE	(8UL << (20 - PAGE_SHIFT))
#define USER_RESERVE	(128UL << (20 - PAGE_SHIFT))

u64
commit_limit(void)
{
	return page_total() * (u64)overcommit_ratio / 100;
}

u64
commit_total(void)
{
	s64 n = mem_sum(MC_COMMITTED);

	return n > 0 ? n : 0;
}

int
commit_charge(struct mm *m, u64 nr)
{
	struct mm_limits lim;
	u64 limit, keep = 0;

	mem_count(MC_COMMITTED, (s64)nr);
	if (overcommit_policy == 1)
		return 0;
	if (overcommit_policy == 0) {
		if (likely(nr <= page_total()))
			return 0;
		goto refuse;
	}
	limit = commit_limit();
	task_mm_limits(&lim);
	if (!lim.admin_reserve)
		keep = min(limit / 32, ADMIN_RESERVE);
	if (m)
		keep += min(m->total_vm / 32, USER_RESERVE);
	if (limit > keep && commit_total() < limit - keep)
		return 0;
refuse:
	mem_count(MC_COMMITTED, -(s64)nr);
	return -ENOMEM;
}

int
mm_commit_charge(u64 nr)
{
	return commit_charge(current_mm(), nr);
}

void
mm_commit_uncharge(u64 nr)
{
	commit_uncharge(nr);
}
