/* SPDX-License-Identifier: MIT */
/*
 * One registry of devices, of which devtmpfs (/dev), sysfs (/sys/class,
 * /sys/devices) and uevents are views. Drivers register a device with its
 * class, name and number; opening the node finds its file_ops.
 */
#ifndef DEV_DEV_H
#define DEV_DEV_H

#include <lib/list.h>
#include <lib/types.h>
#include <sched/mutex.h>

struct file_ops;
struct inode;
struct file;

#define MKDEV(ma, mi)	((dev_t)((ma) << 20 | (mi)))
#define MAJOR(d)	((unsigned int)((d) >> 20))
#define MINOR(d)	((unsigned int)((d) & 0xfffff))
/* the 64-bit form of stat(2) and mknod(2): glibc's makedev */
static inline u64
dev_encode(dev_t d)
{
	u64 ma = MAJOR(d), mi = MINOR(d);

	return (mi & 0xff) | (ma & 0xfff) << 8 | (mi & ~0xffUL) << 12;
}
static inline dev_t
dev_decode(u64 v)
{
	return MKDEV((v >> 8) & 0xfff, (v & 0xff) | ((v >> 12) & 0xfff00));
}

/* read-only text attribute under the device's sysfs folder; store may be NULL */
struct device;
struct dev_attr {
	const char *name;
	mode_t mode;
	int (*show)(struct device *d, char *buf, size_t len);	/* bytes */
	int (*store)(struct device *d, const char *buf, size_t len);
};

struct dev_class {		/* static, one per class; SET_ADD(dev_class, …) */
	const char *name;	/* "tty", "mem", "block", "net", "input", … */
	bool block;		/* shown in /sys/block, nodes are S_IFBLK */
};

struct device {
	const char *name;		/* I: sysfs name, and /dev name unless node */
	const char *node;		/* I: /dev path ("pts/ptmx") or NULL = name */
	const struct dev_class *cls;	/* I: NULL for bus devices */
	const char *bus;		/* I: "pci", "platform", … or NULL */
	struct device *parent;		/* I: sysfs place; NULL = virtual/<class> */
	dev_t num;			/* I: 0 = no node */
	mode_t mode;			/* I: node's permission bits */
	uid_t uid; gid_t gid;
	const struct dev_attr *const *attrs;	/* I: NULL-terminated or NULL */
	void *driver_data;
	struct list_head link;		/* registry mutex */
	u32 id;				/* I: set at register: inode numbers */
	struct list_head children, sibling;
	bool registered;
};
/*
 * device_register - show it; creates the node in devtmpfs, emits "add".
 * -EINVAL without a name, -EEXIST when its number or name in the class is
 * taken. d and its strings stay the caller's and must live until unregistered.
 * Context: T, no lock of rank inode or above held.
 */
int device_register(struct device *d);
/* after it returns nobody looks at d; its children must have gone before */
void device_unregister(struct device *d);
/*
 * iterate in order of registration, under the registry lock; stops when fn
 * returns non-zero and returns that. fn takes no lock above rank fs.
 */
int device_for_each(int (*fn)(struct device *d, void *arg), void *arg);
/*
 * The registry lock, rank fs, for views that look at several devices at once;
 * a dev_attr's show and store run under it. Not across a copy to user memory.
 */
void device_lock(void);
void device_unlock(void);
struct device *device_find(u32 id);	/* lock held: borrowed under it or NULL */
extern struct list_head device_list;	/* lock held: by link */
/* a class device below one that is of no class: CLASS/ comes in between */
static inline bool
device_has_glue(const struct device *d)
{
	return d->parent && d->cls && !d->parent->cls;
}
/*
 * device_path - d's directory in sysfs, from its root: "devices/...". Length,
 * or -ENAMETOOLONG. Context: T, A; d registered, and kept so by the caller.
 */
int device_path(const struct device *d, char *buf, size_t len);
static inline const char *
device_node(const struct device *d)
{
	return d->node ? d->node : d->name;
}
/*
 * Views register to be told: devtmpfs, and who sends uevents. Called one event
 * at a time, without the registry lock; d is not freed meanwhile.
 */
struct dev_listener {
	void (*event)(struct device *d, bool added);		/* may be NULL */
	/* "add", "remove", "change"... as in the kernel's uevents; may be NULL */
	void (*uevent)(struct device *d, const char *action, u64 seq);
	struct dev_listener *next;
};
void dev_listen(struct dev_listener *l);	/* replays what is there */
/*
 * dev_uevent - tell user space about d (anew). 0, or -EINVAL when the action
 * is not one of Linux's. Context: T, no lock held.
 */
int dev_uevent(struct device *d, const char *action);
int dev_uevent_id(u32 id, const char *action);	/* also -ENODEV */
u64 dev_uevent_seq(void);		/* number of the last one */
/* dev_uevent_text - KEY=value lines of d (MAJOR, MINOR, DEVNAME…): bytes */
int dev_uevent_text(const struct device *d, char *buf, size_t len);

/* ---- character device numbers ---- */
/* chrdev_register - [first, first+n) opens with ops; -EBUSY when taken. */
int chrdev_register(dev_t first, unsigned int n, const char *name,
		    const struct file_ops *ops);
void chrdev_unregister(dev_t first, unsigned int n);
/* used by the VFS when a S_IFCHR inode is opened: ops or NULL (ENXIO) */
const struct file_ops *chrdev_find(dev_t d);
/* i-th entry in order of major, each (major, name) once; false past the end */
bool chrdev_iter(unsigned int i, unsigned int *major, const char **name);
/* the same for block devices; nothing until block/ defines it */
bool blkdev_iter(unsigned int i, unsigned int *major, const char **name);

#endif
