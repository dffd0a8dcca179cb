/* SPDX-License-Identifier: MIT */
/* Memory figures for /proc/meminfo, sysinfo(2) and vmstat, in pages. */
#include <core/smp.h>
#include <lib/string.h>

#include "internal.h"

static u64
figure(enum mem_counter c)
{
	s64 n = mem_sum(c);

	return n > 0 ? n : 0;
}

void
mem_stat_get(struct mem_stat *s)
{
	u64 cache, use;

	memset(s, 0, sizeof(*s));
	s->total = page_total();
	s->free = page_nr_free();
	s->reserved = page_wm_min;
	s->anon = figure(MC_ANON);
	s->shmem = figure(MC_SHMEM);
	s->cached = figure(MC_FILE) + s->shmem;
	s->mapped = figure(MC_MAPPED);
	s->slab_unreclaimable = figure(MC_SLAB);
	s->slab_reclaimable = figure(MC_SLAB_RECLAIM);
	s->page_tables = figure(MC_PGTABLE);
	s->kernel_stack = figure(MC_KSTACK);
	s->dirty = figure(MC_DIRTY);
	s->writeback = figure(MC_WRITEBACK);
	s->mlocked = figure(MC_MLOCK);
	s->vmap = figure(MC_VMAP);
	s->committed = commit_total();
	s->commit_limit = commit_limit();
	s->pgfault = figure(MC_PGFAULT);
	s->pgmajfault = figure(MC_PGMAJFAULT);
	s->pgalloc = figure(MC_PGALLOC);
	s->pgfree = figure(MC_PGFREE);
	s->oom_kill = figure(MC_OOM_KILL);
	s->pgscan = figure(MC_PGSCAN);
	s->pgsteal = figure(MC_PGSTEAL);
	s->anon_huge = figure(MC_THP);
	s->thp_alloc = figure(MC_THP_ALLOC);
	s->thp_fallback = figure(MC_THP_FALLBACK);
	s->thp_split = figure(MC_THP_SPLIT);
	lru_stat(s);
	s->active_anon = 0;
	s->inactive_anon = s->anon + s->shmem;

	/*
	 * Available as Linux reckons it: what is free above the reserve, and of
	 * the cache and the reclaimable slabs all but what a thrashing machine
	 * would keep: the smaller of half and the reserve.
	 */
	cache = s->active_file + s->inactive_file;
	use = s->free > page_wm_min ? s->free - page_wm_min : 0;
	use += cache - min(cache / 2, page_wm_min);
	use += s->slab_reclaimable - min(s->slab_reclaimable / 2, page_wm_min);
	s->available = use;
}
