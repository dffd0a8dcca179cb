/* SPDX-License-Identifier: MIT */
/*
 * The boot story: kernel_main() is called by arch/x86_64/boot/head.S on the
 * boot stack with early page tables, and becomes the idle thread of the boot
 * CPU. The first kernel thread, process 1, does what may sleep: devices, the
 * root file system, and at last execve of init.
 *
 * The order below is the order of dependence; each line uses only what stands
 * above it.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/stat.h>
#include <arch/cpu.h>
#include <arch/init.h>
#include <arch/irqflags.h>
#include <arch/paging.h>
#include <boot/bootinfo.h>
#include <boot/cmdline.h>
#include <core/assert.h>
#include <core/clock.h>
#include <core/initcall.h>
#include <core/ksyms.h>
#include <core/log.h>
#include <core/random.h>
#include <core/smp.h>
#include <core/time.h>
#include <dev/kmsg.h>
#include <fs/init.h>
#include <lib/string.h>
#include <mm/memblock.h>
#include <mm/page.h>
#include <mm/slab.h>
#include <proc/proc.h>
#include <sched/rcu.h>
#include <sched/sched.h>
#include <syscall/syscall.h>
#include <task/itimer.h>
#include <task/kthread.h>
#include <task/local.h>
#include <task/signal.h>
#include <task/work.h>
#include <tty/con.h>
#include <tty/tty.h>
#include <vfs/file.h>
#include <vfs/mount.h>
#include <vfs/namei.h>
#include <vfs/vfs.h>

LOG_MODULE_DEFINE(init);
LOG_MODULE_DEFINE(sched);

void kernel_main(struct bootinfo *bi);

SET_DECLARE(initcall, const struct initcall);

static const char *init_path;		/* init= */
static const char *rdinit_path = "/init";	/* rdinit= */
static struct bootinfo *boot;

static int
init_param(const char *v)
{
	init_path = v;
	cmdline_forget_args();
	return v && *v ? 0 : -EINVAL;
}
KPARAM("init", init_param);

static int
rdinit_param(const char *v)
{
	rdinit_path = v;
	return v && *v ? 0 : -EINVAL;
}
KPARAM("rdinit", rdinit_param);

static const char *root_device;		/* root= */

static int
root_param(const char *v)
{
	root_device = v;
	return v && *v ? 0 : -EINVAL;
}
KPARAM("root", root_param);

/*
 * How to mount and find what root= names. There is no block device yet, so
 * they only must not reach init as words of its own.
 */
static int
root_ro_param(const char *v)
{
	return v ? -EINVAL : 0;
}
KPARAM("ro", root_ro_param);

static int
root_rw_param(const char *v)
{
	return v ? -EINVAL : 0;
}
KPARAM("rw", root_rw_param);

static int
pci_param(const char *v)
{
	/* nothing probes PCI yet; pci=off is what happens */
	return v && *v ? 0 : -EINVAL;
}
KPARAM("pci", pci_param);

static int
norandmaps_param(const char *v)
{
	aslr_enabled = false;
	return v ? -EINVAL : 0;
}
KPARAM("norandmaps", norandmaps_param);

static void
report_word(const char *word, int err)
{
	log_warn(init, "command line: '%s' %s", word,
		 err == -ENOSPC ? "is one too many" : "is malformed");
}

/* Devices that registered a place in the boot; level by level. */
static void
initcalls_run(void)
{
	for (int level = 0; level < INIT_LEVELS; level++)
		SET_FOREACH(initcall, const struct initcall, c)
			if ((*c)->level == level) {
				log_debug(init, "initcall %s", (*c)->name);
				(*c)->fn();
			}
}

static void
release_initrd(const void *p, size_t len)
{
	(void)p;
	(void)len;
}

static void
unpack_initramfs(void)
{
	for (u32 i = 0; i < boot->nr_modules; i++) {
		const struct boot_range *m = &boot->modules[i];
		int r = initramfs_unpack(phys_to_virt(m->start), m->len,
					 release_initrd);

		if (r)
			log_err(init, "initramfs %u is damaged: %s", i,
				errno_name(-r));
		page_free_range(m->start, m->start + m->len);
	}
}

/* Descriptors 0, 1 and 2 of process 1: the console, when there is one. */
static void
open_console(void)
{
	struct file *f;
	int r = vfs_open(AT_FDCWD, "/dev/console", O_RDWR | O_LARGEFILE, 0, &f);

	if (r) {
		log_warn(init, "cannot open /dev/console: %s", errno_name(-r));
		return;
	}
	for (int i = 0; i < 3; i++) {
		int fd = fd_alloc(0, false);

		if (fd < 0)
			break;
		file_get(f);
		fd_install(fd, f);
	}
	file_put(f);
}

static int
try_init(const char *path)
{
	struct exec_args a = { .kargv = argv_init, .kenvp = envp_init };
	int r;

	argv_init[0] = path;
	log_info(init, "Run %s as init process", path);
	r = proc_execve(AT_FDCWD, path, 0, &a);
	if (r && r != -ENOENT)
		log_err(init, "%s: %s", path, errno_name(-r));
	return r;
}

static int
run_init(void)
{
	static const char *const usual[] = { "/sbin/init", "/etc/init",
		"/bin/init", "/bin/sh" };
	struct path p;

	if (rdinit_path && !path_lookup(AT_FDCWD, rdinit_path, LOOKUP_FOLLOW,
					&p)) {
		path_put(&p);
		if (!try_init(rdinit_path))
			return 0;
	}
	if (init_path) {
		if (!try_init(init_path))
			return 0;
		panic("requested init %s failed", init_path);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(usual); i++)
		if (!try_init(usual[i]))
			return 0;
	if (root_device)
		panic("cannot mount root=%s: no block devices yet, and no init "
		      "in the initramfs", root_device);
	panic("no working init found; try init= on the command line");
}

static void
kthreadd_main(void *arg)
{
	(void)arg;
	for (;;) {		/* a name and a parent; it never has to act */
		set_state(TS_UNINTERRUPTIBLE);
		schedule();
	}
}

static void
rcu_main(void *arg)
{
	rcu_thread_main(arg);
}

/* Process 1. Returns into user mode, to where execve has set registers. */
static void
init_main(void *arg)
{
	struct task *t;
	int r;

	(void)arg;
	vfs_init();
	current->fs = fs_context_create();
	current->files = files_create();
	if (!current->fs || !current->files)
		panic("no memory for the first task");
	t = proc_kernel_thread(kthreadd_main, NULL, "kthreadd");
	if (!t)
		panic("no memory for kthreadd");
	sched_wake_new(&t->thread);
	if (!kthread_run(rcu_main, NULL, "rcu"))
		panic("no memory for the rcu thread");
	work_start();
	smp_boot();
	arch_late_init();
	misc_init();
	r = mount_init_rootfs();
	if (r)
		panic("cannot mount the first root: %s", errno_name(-r));
	devtmpfs_init();
	devpts_init();
	chr_mem_init();
	chr_random_init();
	kmsg_init();
	initcalls_run();
	procfs_init();
	sysfs_init();
	unpack_initramfs();
	open_console();
	kprotect_init();
	page_init_free_boot();
	if (syscall_trace_wanted())
		tif_set(current_thread, TIF_SYSCALL_TRACE);
	run_init();
}

void
kernel_main(struct bootinfo *bi)
{
	struct task *t;

	boot = bi;
	ksyms_init();
	arch_early_init(bi);
	if (!bi->nr_map)
		panic("the loader gave no memory map");
	cmdline_parse(bi->cmdline, report_word);
	log_init();
	log_info(init, "%s version %s (%s)", "Kerla", CONFIG_UNAME_RELEASE,
		 CONFIG_UNAME_VERSION);
	log_info(init, "Command line: %s", bi->cmdline);
	log_info(init, "CPU0: %s (family: 0x%x, model: 0x%x, stepping: 0x%x)",
		 boot_cpu_info.model_name[0] ? boot_cpu_info.model_name :
		 boot_cpu_info.vendor, boot_cpu_info.family,
		 boot_cpu_info.model, boot_cpu_info.stepping);
	memblock_init(bi);
	acpi_early_init(bi);
	paging_init();
	page_init();
	slab_init();
	rcu_set_free(kfree);
	random_init(bi->seed, bi->seed_len);
	memset(bi->seed, 0, sizeof(bi->seed));
	sched_init();
	arch_irq_init();
	time_init();
	task_init();
	proc_init();
	sched_set_tick_hook(task_tick);
	irq_enable();
	t = proc_kernel_thread(init_main, NULL, "swapper");
	if (!t)
		panic("no memory for process 1");
	sched_wake_new(&t->thread);
	sched_idle_loop();
}
