/* SPDX-License-Identifier: MIT */
/*
 * /proc/sys: what of it does not belong to one room. Every writable file here
 * changes what the kernel does; settings that Linux has and this kernel would
 * not act on are absent.
 */
#include <abi/limits.h>
#include <core/random.h>
#include <core/reboot.h>
#include <lib/bitops.h>
#include <lib/kstrto.h>
#include <lib/printf.h>
#include <mm/mm.h>
#include <mm/pagecache.h>
#include <task/cred.h>
#include <task/user_ns.h>
#include <task/uts.h>
#include <vfs/mount.h>
#include <vfs/namei.h>
#include <vfs/vfs.h>
#include "local.h"

/* one unsigned number, blanks around it allowed; false: it is something else */
static bool
parse_number(const char *buf, u64 *out)
{
	const char *end;

	buf += strspn(buf, " \t");
	*out = kstrtoul_prefix(buf, &end, 0);
	return end != buf && !end[strspn(end, " \t\n")];
}

/* -- names --------------------------------------------------------------- */

static int
show_name(struct seq_buf *s, size_t field)
{
	struct abi_utsname u;

	uts_get(&u);
	seq_printf(s, "%s\n", (char *)&u + field);
	return 0;
}

/* up to the end of the line, longer ones cut: as Linux takes strings */
static ssize_t
write_name(size_t field, const char *buf, size_t len)
{
	size_t n = strcspn(buf, "\n");
	int err = uts_set(field, buf, min_t(size_t, n, HOST_NAME_MAX));

	return err ? err : (ssize_t)len;
}

#define NAME_SHOW(n, field) \
static int show_##n(struct seq_buf *s) \
{ return show_name(s, offsetof(struct abi_utsname, field)); }
NAME_SHOW(hostname, nodename)
NAME_SHOW(domainname, domainname)
NAME_SHOW(ostype, sysname)
NAME_SHOW(osrelease, release)
NAME_SHOW(version, version)

static ssize_t
write_hostname(const char *buf, size_t len)
{
	return write_name(offsetof(struct abi_utsname, nodename), buf, len);
}

static ssize_t
write_domainname(const char *buf, size_t len)
{
	return write_name(offsetof(struct abi_utsname, domainname), buf, len);
}

/* -- kernel -------------------------------------------------------------- */

/* console level, default level of messages, least console level, boot value */
static int
show_printk(struct seq_buf *s)
{
	seq_printf(s, "%d\t%d\t%d\t%d\n", console_loglevel, LOG_WARNING, 1, 7);
	return 0;
}

/* the first can be changed; the others, when given, must be what they are */
static ssize_t
write_printk(const char *buf, size_t len)
{
	static const u64 fixed[3] = { LOG_WARNING, 1, 7 };
	const char *end;
	u64 level, v;

	buf += strspn(buf, " \t");
	level = kstrtoul_prefix(buf, &end, 10);
	if (end == buf || level > 15)
		return -EINVAL;
	for (int i = 0; i < 3; i++) {
		buf = end + strspn(end, " \t\n");
		if (!*buf)
			break;
		v = kstrtoul_prefix(buf, &end, 10);
		if (end == buf || v != fixed[i])
			return -EINVAL;
	}
	console_loglevel = level;
	return len;
}

static int
show_cad(struct seq_buf *s)
{
	seq_printf(s, "%d\n", cad_enabled);
	return 0;
}

static ssize_t
write_cad(const char *buf, size_t len)
{
	u64 v;

	if (!parse_number(buf, &v))
		return -EINVAL;
	cad_enabled = v;
	return len;
}

/* 2: everything is randomised; 0: nothing. 1, all but brk, is not offered */
static int
show_aslr(struct seq_buf *s)
{
	seq_printf(s, "%d\n", aslr_enabled ? 2 : 0);
	return 0;
}

static ssize_t
write_aslr(const char *buf, size_t len)
{
	u64 v;

	if (!parse_number(buf, &v) || (v != 0 && v != 2))
		return -EINVAL;
	aslr_enabled = v;
	return len;
}

#define CONST_SHOW(n, text) \
static int show_##n(struct seq_buf *s) { seq_puts(s, text "\n"); return 0; }
CONST_SHOW(ngroups, "65536")
CONST_SHOW(overflow, "65534")
CONST_SHOW(tainted, "0")
CONST_SHOW(poolsize, "256")
static_assert(NGROUPS_MAX == 65536, "ngroups");

static int
show_last_cap(struct seq_buf *s)
{
	seq_printf(s, "%d\n", CAP_LAST_CAP);
	return 0;
}

/* the last number given out, where the reader is: one may choose the next */
static int
show_last_pid(struct seq_buf *s)
{
	seq_printf(s, "%d\n", READ_ONCE(current_pid_ns()->cursor));
	return 0;
}

static ssize_t
write_last_pid(const char *buf, size_t len)
{
	struct pid_ns *ns = current_pid_ns();
	u64 v;

	if (!ns_capable(ns->ns.owner, CAP_CHECKPOINT_RESTORE) &&
	    !ns_capable(ns->ns.owner, CAP_SYS_ADMIN))
		return -EPERM;
	if (!parse_number(buf, &v) || v >= (u64)pid_max)
		return -EINVAL;
	WRITE_ONCE(ns->cursor, (pid_t)v);
	return len;
}

/* -- random -------------------------------------------------------------- */

static void
put_uuid(struct seq_buf *s, const u8 u[16])
{
	for (int i = 0; i < 16; i++)
		seq_printf(s, i == 4 || i == 6 || i == 8 || i == 10 ?
			   "-%02x" : "%02x", u[i]);
	seq_putc(s, '\n');
}

static void
make_uuid(u8 u[16])			/* RFC 9562, version 4 */
{
	random_bytes(u, 16);
	u[6] = (u[6] & 0x0f) | 0x40;
	u[8] = (u[8] & 0x3f) | 0x80;
}

static int
show_uuid(struct seq_buf *s)
{
	u8 u[16];

	make_uuid(u);
	put_uuid(s, u);
	return 0;
}

static int
show_boot_id(struct seq_buf *s)
{
	static struct mutex lock = MUTEX_INIT(lock, RANK_FS);
	static u8 id[16];

	mutex_lock(&lock);
	if (!id[8])			/* 0x80..0xbf once made */
		make_uuid(id);
	mutex_unlock(&lock);
	put_uuid(s, id);
	return 0;
}

static int
show_entropy(struct seq_buf *s)
{
	seq_printf(s, "%u\n", random_entropy_avail());
	return 0;
}

/* -- vm ------------------------------------------------------------------ */

static int
show_mmap_min(struct seq_buf *s)
{
	seq_printf(s, "%lu\n", mmap_min_addr);
	return 0;
}

static ssize_t
write_mmap_min(const char *buf, size_t len)
{
	u64 v;

	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	if (!parse_number(buf, &v) || v >= USER_MAX)
		return -EINVAL;
	mmap_min_addr = max(ALIGN_UP(v, PAGE_SIZE), USER_MIN);
	return len;
}

static int
show_min_free(struct seq_buf *s)
{
	seq_printf(s, "%lu\n", page_reserve() * (PAGE_SIZE / 1024));
	return 0;
}

/* less than the kernel needs gives that; more than a quarter of all EINVAL */
static ssize_t
write_min_free(const char *buf, size_t len)
{
	u64 v;

	if (!parse_number(buf, &v) ||
	    page_reserve_set(DIV_ROUND_UP(v, PAGE_SIZE / 1024)))
		return -EINVAL;
	return len;
}

/* 1: clean pages, 2: dentries and inodes, 3: both */
static ssize_t
write_drop_caches(const char *buf, size_t len)
{
	u64 v;

	if (!parse_number(buf, &v) || v < 1 || v > 3)
		return -EINVAL;
	if (v & 2)
		vfs_drop_caches();
	if (v & 1)
		reclaim_pages(~0UL >> 1);
	return len;
}

/* -- fs ------------------------------------------------------------------ */

static int
show_file_max(struct seq_buf *s)
{
	seq_printf(s, "%lu\n", files_max);
	return 0;
}

static ssize_t
write_file_max(const char *buf, size_t len)
{
	u64 v;

	if (!parse_number(buf, &v) || v > LONG_MAX)
		return -EINVAL;
	files_max = v;
	return len;
}

static int
show_file_nr(struct seq_buf *s)
{
	seq_printf(s, "%lu\t0\t%lu\n", files_nr(), files_max);
	return 0;
}

static int
show_nr_open(struct seq_buf *s)
{
	seq_printf(s, "%u\n", sysctl_nr_open);
	return 0;
}

static ssize_t
write_nr_open(const char *buf, size_t len)
{
	u64 v;

	if (!parse_number(buf, &v) || v < 64 || v > 1U << 30)
		return -EINVAL;
	sysctl_nr_open = ALIGN_DOWN(v, 64);
	return len;
}

static int
show_pipe_max(struct seq_buf *s)
{
	seq_printf(s, "%u\n", pipe_max_size);
	return 0;
}

/* whole pages, a power of two of them, as F_SETPIPE_SZ rounds */
static ssize_t
write_pipe_max(const char *buf, size_t len)
{
	u64 v;

	if (!parse_number(buf, &v) || !v || v > 1U << 31)
		return -EINVAL;
	pipe_max_size = roundup_pow2(max(v, PAGE_SIZE));
	return len;
}

static int
show_inode_nr(struct seq_buf *s)
{
	u64 nr, unused;

	inode_stat(&nr, &unused);
	seq_printf(s, "%lu\t%lu\n", nr, unused);
	return 0;
}

static int
show_inode_state(struct seq_buf *s)
{
	u64 nr, unused;

	inode_stat(&nr, &unused);
	seq_printf(s, "%lu\t%lu\t0\t0\t0\t0\t0\n", nr, unused);
	return 0;
}

static int
show_dentry_state(struct seq_buf *s)
{
	u64 nr, unused, negative;

	dcache_stat(&nr, &unused, &negative);
	seq_printf(s, "%lu\t%lu\t45\t0\t%lu\t0\n", nr, unused, negative);
	return 0;
}

/* -- user ---------------------------------------------------------------- */

/* namespaces of a kind that one user may have, in the reader's */
static int
show_max_ns(struct seq_buf *s, enum ns_kind kind)
{
	seq_printf(s, "%d\n", READ_ONCE(current_user_ns()->max[kind]));
	return 0;
}

static ssize_t
write_max_ns(const char *buf, size_t len, enum ns_kind kind)
{
	u64 v;

	if (!parse_number(buf, &v) || v > INT_MAX)
		return -EINVAL;
	WRITE_ONCE(current_user_ns()->max[kind], (int)v);
	return len;
}

#define MAX_NS(name, kind) \
static int show_max_##name(struct seq_buf *s) \
{ return show_max_ns(s, kind); } \
static ssize_t write_max_##name(const char *buf, size_t len) \
{ return write_max_ns(buf, len, kind); }
MAX_NS(user, NS_USER)
MAX_NS(uts, NS_UTS)
MAX_NS(mnt, NS_MNT)
MAX_NS(ipc, NS_IPC)
MAX_NS(pid, NS_PID)

/* -- all of it ----------------------------------------------------------- */

#define ENTRY(id, p, m, ...) \
	static const struct proc_entry entry_##id = \
		{ .path = "sys/" p, .mode = (m), __VA_ARGS__ }; \
	SET_ADD(proc_entry, entry_##id)
#define RO(id, p, fn)		ENTRY(id, p, 0444, .show = fn)
#define RW(id, p, fn, wr)	ENTRY(id, p, 0644, .show = fn, .write = wr)

RW(hostname, "kernel/hostname", show_hostname, write_hostname);
RW(domainname, "kernel/domainname", show_domainname, write_domainname);
RO(ostype, "kernel/ostype", show_ostype);
RO(osrelease, "kernel/osrelease", show_osrelease);
RO(version, "kernel/version", show_version);
RW(printk, "kernel/printk", show_printk, write_printk);
RW(cad, "kernel/ctrl-alt-del", show_cad, write_cad);
RO(last_cap, "kernel/cap_last_cap", show_last_cap);
RO(ngroups, "kernel/ngroups_max", show_ngroups);
RO(overflowuid, "kernel/overflowuid", show_overflow);
RO(overflowgid, "kernel/overflowgid", show_overflow);
RO(tainted, "kernel/tainted", show_tainted);
ENTRY(last_pid, "kernel/ns_last_pid", 0666, .show = show_last_pid,
      .write = write_last_pid);
RW(aslr, "kernel/randomize_va_space", show_aslr, write_aslr);
RO(boot_id, "kernel/random/boot_id", show_boot_id);
RO(uuid, "kernel/random/uuid", show_uuid);
RO(entropy, "kernel/random/entropy_avail", show_entropy);
RO(poolsize, "kernel/random/poolsize", show_poolsize);
RW(max_user, "user/max_user_namespaces", show_max_user, write_max_user);
RW(max_uts, "user/max_uts_namespaces", show_max_uts, write_max_uts);
RW(max_ipc, "user/max_ipc_namespaces", show_max_ipc, write_max_ipc);
RW(max_pid, "user/max_pid_namespaces", show_max_pid, write_max_pid);
RW(max_mnt, "user/max_mnt_namespaces", show_max_mnt, write_max_mnt);
RW(mmap_min, "vm/mmap_min_addr", show_mmap_min, write_mmap_min);
RW(min_free, "vm/min_free_kbytes", show_min_free, write_min_free);
ENTRY(drop_caches, "vm/drop_caches", 0200, .write = write_drop_caches);
RW(file_max, "fs/file-max", show_file_max, write_file_max);
RO(file_nr, "fs/file-nr", show_file_nr);
RW(nr_open, "fs/nr_open", show_nr_open, write_nr_open);
RW(pipe_max, "fs/pipe-max-size", show_pipe_max, write_pipe_max);
RO(inode_nr, "fs/inode-nr", show_inode_nr);
RO(inode_state, "fs/inode-state", show_inode_state);
RO(dentry_state, "fs/dentry-state", show_dentry_state);

#define INT(id, p, v, lo, hi) \
	static const struct proc_sysctl_int int_##id = { .path = (p), \
		.mode = 0644, .value = (v), .min = (lo), .max = (hi) }; \
	SET_ADD(proc_sysctl, int_##id)

INT(pid_max, "kernel/pid_max", &pid_max, 301, 262144);
INT(threads_max, "kernel/threads-max", &max_threads, 20, 0x3fffffff);
INT(panic, "kernel/panic", &panic_timeout_s, INT_MIN, INT_MAX);
INT(overcommit, "vm/overcommit_memory", &overcommit_policy, 0, 2);
INT(ratio, "vm/overcommit_ratio", &overcommit_ratio, 0, INT_MAX);
INT(max_map, "vm/max_map_count", &max_map_count, 0, INT_MAX);
/* Linux lets only root see these four */
#define INT_ROOT(id, p, v, hi) \
	static const struct proc_sysctl_int int_##id = { .path = (p), \
		.mode = 0600, .value = (v), .max = (hi) }; \
	SET_ADD(proc_sysctl, int_##id)
INT_ROOT(symlinks, "fs/protected_symlinks", &protected_symlinks, 1);
INT_ROOT(hardlinks, "fs/protected_hardlinks", &protected_hardlinks, 1);
INT_ROOT(fifos, "fs/protected_fifos", &protected_fifos, 2);
INT_ROOT(regular, "fs/protected_regular", &protected_regular, 2);
INT(mount_max, "fs/mount-max", &sysctl_mount_max, 1, INT_MAX);
