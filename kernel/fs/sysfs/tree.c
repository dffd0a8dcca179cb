/* SPDX-License-Identifier: MIT */
/*
 * The shape of sysfs: what lies in each directory, worked out from the device
 * registry whenever it is asked for.
 *
 *	block/NAME		links to block devices
 *	bus/BUS/devices/NAME	links
 *	class/CLASS/NAME	links
 *	dev/{char,block}/M:m	links
 *	devices/virtual/CLASS/NAME	devices without parent
 *	devices/BUS/NAME	devices of a bus without parent
 *	devices/…/NAME/CLASS/NAME	below a parent that is of no class
 *	devices/system/{cpu,clocksource}
 *	fs, kernel/mm/transparent_hugepage
 *
 * Positions: fixed entries come first; devices are at POS_DEV + id, which a
 * registration or removal does not move. Classes and buses are listed once, at
 * their first device.
 *
 * Slashes in device names show as '!'.
 */
#include <core/smp.h>
#include <lib/printf.h>
#include "local.h"

#define POS_DEV		4096

struct walk {
	bool (*fn)(const struct sys_child *c, void *arg);
	void *arg;
	loff_t next;		/* position of the next fixed entry */
	loff_t base;		/* of devices: position of id 0 */
	bool done;
};

static void
emit(struct walk *w, const char *name, struct sys_key key, mode_t mode,
     loff_t pos)
{
	struct sys_child c = { .key = key, .mode = mode, .pos = pos };

	if (w->done)
		return;
	strlcpy(c.name, name, sizeof(c.name));
	for (char *p = c.name; *p; p++)
		if (*p == '/')
			*p = '!';
	w->done = w->fn(&c, w->arg);
}

static void
dir(struct walk *w, const char *name, u8 kind)
{
	emit(w, name, (struct sys_key){ .kind = kind }, S_IFDIR | 0755,
	     w->next++);
}

static void
file(struct walk *w, const char *name, u8 kind, mode_t mode, u32 id, u16 n)
{
	emit(w, name, (struct sys_key){ .kind = kind, .id = id, .n = n },
	     S_IFREG | mode, w->next++);
}

static void
link_to(struct walk *w, const char *name, const struct device *d)
{
	emit(w, name, (struct sys_key){ .kind = SYS_LINK_DEVICE, .id = d->id },
	     S_IFLNK | 0777, w->base + d->id);
}

static void
device_dir(struct walk *w, const struct device *d)
{
	emit(w, d->name, (struct sys_key){ .kind = SYS_DEVICE, .id = d->id },
	     S_IFDIR | 0755, w->base + d->id);
}

static inline const char *
class_name(const struct device *d)
{
	return d->cls ? d->cls->name : NULL;
}

static inline bool
str_same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* does an earlier device pass the test that d passes? then d's group is shown */
#define IS_FIRST(d, test) ({ \
	struct device *o; \
	bool first_ = true; \
	list_for_each_entry(o, &device_list, link) { \
		if (o == (d)) \
			break; \
		if (test) { \
			first_ = false; \
			break; \
		} \
	} \
	first_; })

/* -- directories with a rule over all devices ---------------------------- */

static void
classes(struct walk *w, u8 kind)
{
	struct device *d;

	list_for_each_entry(d, &device_list, link) {
		if (!d->cls || (kind == SYS_VIRTUAL_CLASS && d->parent))
			continue;
		if (!IS_FIRST(d, str_same(class_name(o), class_name(d)) &&
			      (kind == SYS_CLASS || !o->parent)))
			continue;
		emit(w, d->cls->name, (struct sys_key){ .kind = kind,
			.str = d->cls->name }, S_IFDIR | 0755, w->base + d->id);
		if (w->done)
			return;
	}
}

static void
buses(struct walk *w, u8 kind)
{
	struct device *d;

	list_for_each_entry(d, &device_list, link) {
		/* in devices/: those with a device of no class and no parent */
		bool top = kind == SYS_DEVICES_BUS;

		if (!d->bus || (top && (d->parent || d->cls)))
			continue;
		if (!IS_FIRST(d, str_same(o->bus, d->bus) &&
			      !(top && (o->parent || o->cls))))
			continue;
		emit(w, d->bus, (struct sys_key){ .kind = kind,
			.str = d->bus }, S_IFDIR | 0755, w->base + d->id);
		if (w->done)
			return;
	}
}

static bool
in_group(const struct device *d, const struct sys_key *k)
{
	switch (k->kind) {
	case SYS_BLOCK:
		return d->cls && d->cls->block && !(d->parent && d->parent->cls);
	case SYS_BUS_DEVICES:
		return str_same(d->bus, k->str);
	case SYS_CLASS:
		return str_same(class_name(d), k->str);
	case SYS_DEV_CHAR:
		return d->num && !(d->cls && d->cls->block);
	case SYS_DEV_BLOCK:
		return d->num && d->cls && d->cls->block;
	case SYS_DEVICES:
		return !d->parent && !d->cls && !d->bus;
	case SYS_DEVICES_BUS:
		return !d->parent && !d->cls && str_same(d->bus, k->str);
	case SYS_VIRTUAL_CLASS:
		return !d->parent && str_same(class_name(d), k->str);
	case SYS_GLUE:
		return device_has_glue(d) && d->parent->id == k->id &&
		       str_same(class_name(d), k->str);
	}
	return false;
}

static void
group(struct walk *w, const struct sys_key *k)
{
	struct device *d;
	char num[24];

	list_for_each_entry(d, &device_list, link) {
		if (!in_group(d, k))
			continue;
		switch (k->kind) {
		case SYS_DEV_CHAR:
		case SYS_DEV_BLOCK:
			snprintf(num, sizeof(num), "%u:%u", MAJOR(d->num),
				 MINOR(d->num));
			link_to(w, num, d);
			break;
		case SYS_BLOCK:
		case SYS_BUS_DEVICES:
		case SYS_CLASS:
			link_to(w, d->name, d);
			break;
		default:
			device_dir(w, d);
		}
		if (w->done)
			return;
	}
}

/* -- a device ------------------------------------------------------------ */

static void
device(struct walk *w, struct device *d)
{
	struct device *c;

	file(w, "uevent", SYS_ATTR_UEVENT, 0644, d->id, 0);
	if (d->num)
		file(w, "dev", SYS_ATTR_DEV, 0444, d->id, 0);
	if (d->cls)
		emit(w, "subsystem", (struct sys_key){ .kind = SYS_LINK_CLASS,
			.str = d->cls->name }, S_IFLNK | 0777, w->next++);
	else if (d->bus)
		emit(w, "subsystem", (struct sys_key){ .kind = SYS_LINK_BUS,
			.str = d->bus }, S_IFLNK | 0777, w->next++);
	if (d->parent && d->cls)
		emit(w, "device", (struct sys_key){ .kind = SYS_LINK_DEVICE,
			.id = d->parent->id }, S_IFLNK | 0777, w->next++);
	for (u16 i = 0; d->attrs && d->attrs[i]; i++)
		file(w, d->attrs[i]->name, SYS_ATTR, d->attrs[i]->mode, d->id,
		     i);
	list_for_each_entry(c, &d->children, sibling) {
		struct device *o;
		bool first = true;

		if (w->done)
			return;
		if (!device_has_glue(c)) {
			device_dir(w, c);
			continue;
		}
		list_for_each_entry(o, &d->children, sibling) {
			if (o == c)
				break;
			if (str_same(class_name(o), class_name(c))) {
				first = false;
				break;
			}
		}
		if (first)
			emit(w, c->cls->name, (struct sys_key){
				.kind = SYS_GLUE, .id = d->id,
				.str = c->cls->name }, S_IFDIR | 0755,
			     w->base + c->id);
	}
}

/* -- the rest ------------------------------------------------------------ */

static void
cpus(struct walk *w)
{
	char name[16];

	file(w, "online", SYS_CPU_ONLINE_LIST, 0444, 0, 0);
	file(w, "offline", SYS_CPU_OFFLINE_LIST, 0444, 0, 0);
	file(w, "possible", SYS_CPU_POSSIBLE_LIST, 0444, 0, 0);
	file(w, "present", SYS_CPU_PRESENT_LIST, 0444, 0, 0);
	file(w, "kernel_max", SYS_CPU_KERNEL_MAX, 0444, 0, 0);
	for (u32 c = 0; c < nr_cpus && !w->done; c++) {
		snprintf(name, sizeof(name), "cpu%u", c);
		emit(w, name, (struct sys_key){ .kind = SYS_CPU, .n = c },
		     S_IFDIR | 0755, w->next++);
	}
}

static void
thp_files(struct walk *w)
{
	const char *name;
	mode_t mode;

	for (u16 n = 0; (name = sys_thp_name(n, &mode)); n++)
		file(w, name, SYS_THP_FILE, mode, 0, n);
}

void
sys_children(const struct sys_key *k,
	     bool (*fn)(const struct sys_child *c, void *arg), void *arg)
{
	struct walk w = { .fn = fn, .arg = arg, .next = 2,
		.base = POS_DEV };
	struct device *d;

	switch (k->kind) {
	case SYS_ROOT:
		dir(&w, "block", SYS_BLOCK);
		dir(&w, "bus", SYS_BUSES);
		dir(&w, "class", SYS_CLASSES);
		dir(&w, "dev", SYS_DEV);
		dir(&w, "devices", SYS_DEVICES);
		dir(&w, "fs", SYS_FS);
		dir(&w, "kernel", SYS_KERNEL);
		break;
	case SYS_BUSES:
		buses(&w, SYS_BUS);
		break;
	case SYS_BUS:
		emit(&w, "devices", (struct sys_key){ .kind = SYS_BUS_DEVICES,
			.str = k->str }, S_IFDIR | 0755, w.next);
		break;
	case SYS_CLASSES:
		classes(&w, SYS_CLASS);
		break;
	case SYS_DEV:
		dir(&w, "block", SYS_DEV_BLOCK);
		dir(&w, "char", SYS_DEV_CHAR);
		break;
	case SYS_DEVICES:
		dir(&w, "system", SYS_SYSTEM);
		dir(&w, "virtual", SYS_VIRTUAL);
		buses(&w, SYS_DEVICES_BUS);
		w.base += 1L << 32;		/* behind all of those */
		group(&w, k);
		break;
	case SYS_VIRTUAL:
		classes(&w, SYS_VIRTUAL_CLASS);
		break;
	case SYS_SYSTEM:
		dir(&w, "clocksource", SYS_CLOCKSOURCES);
		dir(&w, "cpu", SYS_CPUS);
		break;
	case SYS_CPUS:
		cpus(&w);
		break;
	case SYS_CLOCKSOURCES:
		dir(&w, "clocksource0", SYS_CLOCKSOURCE);
		break;
	case SYS_CLOCKSOURCE:
		file(&w, "available_clocksource", SYS_CLOCK_AVAILABLE, 0444,
		     0, 0);
		file(&w, "current_clocksource", SYS_CLOCK_CURRENT, 0444, 0, 0);
		break;
	case SYS_KERNEL:
		file(&w, "uevent_seqnum", SYS_UEVENT_SEQNUM, 0444, 0, 0);
		dir(&w, "mm", SYS_KERNEL_MM);
		break;
	case SYS_KERNEL_MM:
		dir(&w, "transparent_hugepage", SYS_THP);
		break;
	case SYS_THP:
		thp_files(&w);
		break;
	case SYS_DEVICE:
		d = device_find(k->id);
		if (d)
			device(&w, d);
		break;
	default:
		group(&w, k);
	}
}

bool
sys_alive(const struct sys_key *k)
{
	struct device *d;

	if (k->id)
		return device_find(k->id);
	if (!k->str)
		return true;
	/* a class or bus: while it has a device */
	list_for_each_entry(d, &device_list, link)
		if (str_same(class_name(d), k->str) || str_same(d->bus, k->str))
			return true;
	return false;
}

/* -- names of things ----------------------------------------------------- */

ino_t
sys_ino(const struct sys_key *k)
{
	/* the address of a class's name tells it apart */
	return ((u64)k->kind << 56 | (u64)k->n << 40 | (u64)k->id << 8) ^
	       ((u64)k->str & 0xffffffffff) * 31 ^ 1;
}
