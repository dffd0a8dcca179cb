/* SPDX-License-Identifier: MIT */
/* Files at the root of /proc about the kernel and its tables. */
#include <boot/bootinfo.h>
#include <boot/sections.h>
#include <core/ioport.h>
#include <core/ksyms.h>
#include <dev/dev.h>
#include <lib/printf.h>
#include <task/uts.h>
#include <task/cred.h>
#include <vfs/vfs.h>
#include "local.h"

SET_DECLARE(fs_type, const struct fs_type);

/* 0: to who has CAP_SYSLOG; 1: the same; 2: to nobody. kernel.kptr_restrict */
static int kptr_restrict;

static int
show_version(struct seq_buf *s)
{
	struct abi_utsname u;

	uts_get(&u);
	seq_printf(s, "%s version %s (gcc %s) %s\n", u.sysname, u.release,
		   __VERSION__, u.version);
	return 0;
}

static int
show_cmdline(struct seq_buf *s)
{
	seq_puts(s, boot_info.cmdline);
	seq_putc(s, '\n');
	return 0;
}

static int
show_filesystems(struct seq_buf *s)
{
	SET_FOREACH(fs_type, const struct fs_type, p)
		seq_printf(s, "%s\t%s\n",
			   (*p)->flags & FS_REQUIRES_DEV ? "" : "nodev",
			   (*p)->name);
	return 0;
}

static int
show_devices(struct seq_buf *s)
{
	unsigned int major;
	const char *name;

	seq_puts(s, "Character devices:\n");
	for (unsigned int i = 0; chrdev_iter(i, &major, &name); i++)
		seq_printf(s, "%3u %s\n", major, name);
	seq_puts(s, "\nBlock devices:\n");
	for (unsigned int i = 0; blkdev_iter(i, &major, &name); i++)
		seq_printf(s, "%3u %s\n", major, name);
	return 0;
}

static int
show_nothing(struct seq_buf *s)
{
	return 0;
}

static int
show_swaps(struct seq_buf *s)
{
	seq_puts(s, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}

static int
show_kallsyms(struct seq_buf *s)
{
	bool show = kptr_restrict < 2 && capable(CAP_SYSLOG);
	unsigned long addr;
	const char *name;

	/* functions are all that is kept */
	for (unsigned int i = 0; !s->overflow && ksym_iter(i, &addr, &name);
	     i++)
		seq_printf(s, "%016lx T %s\n", show ? addr : 0, name);
	return 0;
}

static int
show_locks(struct seq_buf *s)
{
	char line[256];

	for (unsigned int i = 0; locks_show(i, line, sizeof(line)); i++) {
		size_t n = strlen(line);

		seq_write(s, line, n);
		if (n && line[n - 1] != '\n')
			seq_putc(s, '\n');
	}
	return 0;
}

/* the boot loader's map with the kernel in it; addresses for root alone */
static int
show_iomem(struct seq_buf *s)
{
	static const char *const types[] = {
		[BOOT_MEM_USABLE] = "System RAM",
		[BOOT_MEM_RESERVED] = "Reserved",
		[BOOT_MEM_ACPI] = "ACPI Tables",
		[BOOT_MEM_NVS] = "ACPI Non-volatile Storage",
		[BOOT_MEM_UNUSABLE] = "Unusable memory",
	};
	const struct bootinfo *bi = &boot_info;
	bool show = capable(CAP_SYS_ADMIN);

	for (u32 i = 0; i < bi->nr_map; i++) {
		const struct boot_mem_range *r = &bi->map[i];
		paddr_t k = bi->kernel_phys_start, e = bi->kernel_phys_end;

		seq_printf(s, "%08lx-%08lx : %s\n", show ? r->start : 0,
			   show ? r->end - 1 : 0,
			   r->type < ARRAY_SIZE(types) && types[r->type] ?
			   types[r->type] : "Reserved");
		if (k >= r->start && e <= r->end && e > k)
			seq_printf(s, "  %08lx-%08lx : Kernel image\n",
				   show ? k : 0, show ? e - 1 : 0);
	}
	return 0;
}

static int
show_ioports(struct seq_buf *s)
{
	bool show = capable(CAP_SYS_ADMIN);

	for (const struct ioport *p = ioport_next(0); p;
	     p = ioport_next(p->last + 1))
		seq_printf(s, "%04x-%04x : %s\n", show ? p->first : 0,
			   show ? p->last : 0, p->name);
	return 0;
}

static const struct proc_entry entries[] = {
	{ .path = "version", .mode = 0444, .show = show_version },
	{ .path = "cmdline", .mode = 0444, .show = show_cmdline },
	{ .path = "filesystems", .mode = 0444, .show = show_filesystems },
	{ .path = "devices", .mode = 0444, .show = show_devices },
	{ .path = "modules", .mode = 0444, .show = show_nothing },
	/* with no disk, and no block layer yet, these are as on Linux */
	{ .path = "partitions", .mode = 0444, .show = show_nothing },
	{ .path = "diskstats", .mode = 0444, .show = show_nothing },
	{ .path = "swaps", .mode = 0444, .show = show_swaps },
	{ .path = "kallsyms", .mode = 0444, .show = show_kallsyms },
	{ .path = "locks", .mode = 0444, .show = show_locks },
	{ .path = "iomem", .mode = 0400, .show = show_iomem },
	{ .path = "mounts", .link = "self/mounts" },
	{ .path = "ioports", .mode = 0444, .show = show_ioports },
};
SET_ADD(proc_entry, entries[0]);
SET_ADD(proc_entry, entries[1]);
SET_ADD(proc_entry, entries[2]);
SET_ADD(proc_entry, entries[3]);
SET_ADD(proc_entry, entries[4]);
SET_ADD(proc_entry, entries[5]);
SET_ADD(proc_entry, entries[6]);
SET_ADD(proc_entry, entries[7]);
SET_ADD(proc_entry, entries[8]);
SET_ADD(proc_entry, entries[9]);
SET_ADD(proc_entry, entries[10]);
SET_ADD(proc_entry, entries[11]);
SET_ADD(proc_entry, entries[12]);

static const struct proc_sysctl_int kptr_entry = {
	.path = "kernel/kptr_restrict", .mode = 0644, .value = &kptr_restrict,
	.min = 0, .max = 2,
};
SET_ADD(proc_sysctl, kptr_entry);
