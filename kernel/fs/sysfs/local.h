/* SPDX-License-Identifier: MIT */
/* What the files of fs/sysfs share. */
#ifndef SYSFS_LOCAL_H
#define SYSFS_LOCAL_H

#include <abi/errno.h>
#include <dev/dev.h>
#include <lib/string.h>
#include <vfs/file.h>
#include <vfs/fs.h>

/*
 * What a sysfs name stands for. Directories first, then files, then links.
 * id: the device; str: class or bus name; n: index or CPU.
 */
enum sys_kind {
	SYS_ROOT, SYS_BLOCK, SYS_BUSES, SYS_BUS, SYS_BUS_DEVICES, SYS_CLASSES,
	SYS_CLASS, SYS_DEV, SYS_DEV_CHAR, SYS_DEV_BLOCK, SYS_DEVICES,
	SYS_DEVICES_BUS, SYS_VIRTUAL, SYS_VIRTUAL_CLASS, SYS_SYSTEM, SYS_CPUS,
	SYS_CPU, SYS_CLOCKSOURCES, SYS_CLOCKSOURCE, SYS_FS, SYS_KERNEL,
	SYS_KERNEL_MM, SYS_THP,
	SYS_DEVICE, SYS_GLUE,
	SYS_LAST_DIR = SYS_GLUE,

	SYS_ATTR_DEV, SYS_ATTR_UEVENT, SYS_ATTR, SYS_CPU_ONLINE_LIST,
	SYS_CPU_POSSIBLE_LIST, SYS_CPU_PRESENT_LIST, SYS_CPU_OFFLINE_LIST,
	SYS_CPU_KERNEL_MAX, SYS_CLOCK_CURRENT, SYS_CLOCK_AVAILABLE,
	SYS_UEVENT_SEQNUM, SYS_THP_FILE,
	SYS_LAST_FILE = SYS_THP_FILE,

	SYS_LINK_DEVICE,	/* to device id's directory */
	SYS_LINK_CLASS,		/* to class str */
	SYS_LINK_BUS,		/* to bus str */
};

struct sys_key {
	u8 kind;		/* enum sys_kind */
	u16 n;			/* SYS_ATTR: which; SYS_CPU: which */
	u32 id;			/* device id, 0: none */
	const char *str;	/* name of class or bus: static data of it */
};

/* one entry of a directory, while the registry lock is held */
struct sys_child {
	char name[72];
	struct sys_key key;
	mode_t mode;		/* with type */
	loff_t pos;		/* readdir position, ascending in a directory */
};

struct sys_inode {
	struct inode vfs;
	struct sys_key key;	/* I */
	u8 depth;		/* I: directories above: 0 for the root */
};
static inline struct sys_inode *
sys_i(struct inode *i)
{
	return container_of(i, struct sys_inode, vfs);
}

/*
 * sys_children - call fn for each entry of directory k in order of position;
 * fn returning true ends it. Registry lock held.
 */
void sys_children(const struct sys_key *k,
		  bool (*fn)(const struct sys_child *c, void *arg), void *arg);
/* is what k stands for still there? registry lock held */
bool sys_alive(const struct sys_key *k);
ino_t sys_ino(const struct sys_key *k);
/* file contents: bytes or -errno; sys_store consumes a NUL-terminated string */
ssize_t sys_show(const struct sys_key *k, char *buf, size_t len);
ssize_t sys_store(const struct sys_key *k, const char *s, size_t len);
extern const struct file_ops sys_file_fops;

/* thp.c: file n of transparent_hugepage; NULL: there are no more */
const char *sys_thp_name(unsigned int n, mode_t *mode);
ssize_t sys_thp_show(unsigned int n, char *buf, size_t len);
ssize_t sys_thp_store(unsigned int n, const char *s, size_t len);

#endif
