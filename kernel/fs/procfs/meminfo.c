/* SPDX-License-Identifier: MIT */
/* /proc/meminfo, vmstat, slabinfo: memory figures, kept by mm. */
#include <lib/printf.h>
#include <mm/page.h>
#include <mm/slab.h>
#include "local.h"

static void
kib(struct seq_buf *s, const char *name, u64 pages)
{
	seq_printf(s, "%-16s%8lu kB\n", name, pages * (PAGE_SIZE / 1024));
}

static int
show_meminfo(struct seq_buf *s)
{
	struct mem_stat m;

	mem_stat_get(&m);
	kib(s, "MemTotal:", m.total);
	kib(s, "MemFree:", m.free);
	kib(s, "MemAvailable:", m.available);
	kib(s, "Buffers:", m.buffers);
	kib(s, "Cached:", m.cached);
	kib(s, "SwapCached:", 0);
	kib(s, "Active:", m.active_anon + m.active_file);
	kib(s, "Inactive:", m.inactive_anon + m.inactive_file);
	kib(s, "Active(anon):", m.active_anon);
	kib(s, "Inactive(anon):", m.inactive_anon);
	kib(s, "Active(file):", m.active_file);
	kib(s, "Inactive(file):", m.inactive_file);
	kib(s, "Unevictable:", m.mlocked);
	kib(s, "Mlocked:", m.mlocked);
	kib(s, "SwapTotal:", 0);
	kib(s, "SwapFree:", 0);
	kib(s, "Dirty:", m.dirty);
	kib(s, "Writeback:", m.writeback);
	kib(s, "AnonPages:", m.anon);
	kib(s, "Mapped:", m.mapped);
	kib(s, "Shmem:", m.shmem);
	kib(s, "KReclaimable:", m.slab_reclaimable);
	kib(s, "Slab:", m.slab_reclaimable + m.slab_unreclaimable);
	kib(s, "SReclaimable:", m.slab_reclaimable);
	kib(s, "SUnreclaim:", m.slab_unreclaimable);
	kib(s, "KernelStack:", m.kernel_stack);
	kib(s, "PageTables:", m.page_tables);
	kib(s, "CommitLimit:", m.commit_limit);
	kib(s, "Committed_AS:", m.committed);
	kib(s, "VmallocTotal:", (VMAP_END - VMAP_BASE) / PAGE_SIZE);
	kib(s, "VmallocUsed:", m.vmap);
	kib(s, "AnonHugePages:", m.anon_huge);
	kib(s, "ShmemHugePages:", 0);
	kib(s, "FileHugePages:", 0);
	return 0;
}

static int
show_vmstat(struct seq_buf *s)
{
	struct mem_stat m;

	mem_stat_get(&m);
	seq_printf(s, "nr_free_pages %lu\nnr_inactive_anon %lu\n"
		   "nr_active_anon %lu\nnr_inactive_file %lu\n"
		   "nr_active_file %lu\nnr_mlock %lu\n", m.free,
		   m.inactive_anon, m.active_anon, m.inactive_file,
		   m.active_file, m.mlocked);
	seq_printf(s, "nr_slab_reclaimable %lu\nnr_slab_unreclaimable %lu\n"
		   "nr_anon_pages %lu\nnr_mapped %lu\nnr_file_pages %lu\n"
		   "nr_dirty %lu\nnr_writeback %lu\nnr_shmem %lu\n"
		   "nr_kernel_stack %lu\nnr_page_table_pages %lu\n",
		   m.slab_reclaimable, m.slab_unreclaimable, m.anon, m.mapped,
		   m.cached + m.buffers, m.dirty, m.writeback, m.shmem,
		   m.kernel_stack * (PAGE_SIZE / 1024), m.page_tables);
	seq_printf(s, "pgalloc_normal %lu\npgfree %lu\npgfault %lu\n"
		   "pgmajfault %lu\npgscan_direct %lu\npgsteal_direct %lu\n"
		   "oom_kill %lu\nthp_fault_alloc %lu\n"
		   "thp_fault_fallback %lu\nthp_split_pmd %lu\n", m.pgalloc, m.pgfree, m.pgfault,
		   m.pgmajfault, m.pgscan, m.pgsteal, m.oom_kill,
		   m.thp_alloc, m.thp_fallback, m.thp_split);
	return 0;
}

static int
show_slabinfo(struct seq_buf *s)
{
	struct slab_stat st;

	seq_puts(s, "slabinfo - version: 2.1\n# name            <active_objs> "
		 "<num_objs> <objsize> <objperslab> <pagesperslab> : tunables "
		 "<limit> <batchcount> <sharedfactor> : slabdata "
		 "<active_slabs> <num_slabs> <sharedavail>\n");
	for (unsigned int i = 0; slab_stat_get(i, &st); i++) {
		u64 slabs = st.per_slab ? DIV_ROUND_UP(st.total, st.per_slab) :
			0;

		seq_printf(s, "%-17s %6lu %6lu %6u %4u %4lu : tunables %4u "
			   "%4u %4u : slabdata %6lu %6lu %6u\n", st.name,
			   st.active, st.total, st.size, st.per_slab,
			   slabs ? st.pages / slabs : 0, 0, 0, 0, slabs, slabs,
			   0);
	}
	return 0;
}

static const struct proc_entry meminfo = {
	.path = "meminfo", .mode = 0444, .show = show_meminfo,
};
static const struct proc_entry vmstat = {
	.path = "vmstat", .mode = 0444, .show = show_vmstat,
};
static const struct proc_entry slabinfo = {
	.path = "slabinfo", .mode = 0400, .show = show_slabinfo,
};
SET_ADD(proc_entry, meminfo);
SET_ADD(proc_entry, vmstat);
SET_ADD(proc_entry, slabinfo);
