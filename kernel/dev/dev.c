/* SPDX-License-Identifier: MIT */
/*
 * The registry of devices: one list in order of registration. devtmpfs and
 * uevents are listeners; sysfs reads the list whenever somebody looks.
 *
 * A device belongs to the driver that registered it (it is embedded there), so
 * views keep its id, never a pointer: ids are not used twice.
 *
 * Two locks. event_lock makes registrations and what listeners do about them
 * one sequence; listeners take directory locks, so it comes before those.
 * registry_lock protects the list and is taken inside directory locks (sysfs
 * lookups), so listeners are called without it.
 */
#include <abi/errno.h>
#include <core/log.h>
#include <dev/dev.h>
#include <lib/printf.h>
#include <lib/string.h>

LOG_MODULE_DEFINE(dev);

/* before every directory lock, whatever the caller may hold: not ranked */
static struct mutex event_lock = MUTEX_INIT(event_lock, RANK_NONE);
static struct mutex registry_lock = MUTEX_INIT(registry_lock, RANK_FS);
struct list_head device_list = LIST_HEAD_INIT(device_list);
static u32 next_id = 1;			/* registry_lock */
static struct dev_listener *listeners;	/* event_lock */
static u64 uevent_seq;			/* event_lock */

void
device_lock(void)
{
	mutex_lock(&registry_lock);
}

void
device_unlock(void)
{
	mutex_unlock(&registry_lock);
}

struct device *
device_find(u32 id)
{
	struct device *d;

	list_for_each_entry(d, &device_list, link)
		if (d->id == id)
			return d;
	return NULL;
}

int
device_for_each(int (*fn)(struct device *d, void *arg), void *arg)
{
	struct device *d;
	int r = 0;

	device_lock();
	list_for_each_entry(d, &device_list, link) {
		r = fn(d, arg);
		if (r)
			break;
	}
	device_unlock();
	return r;
}

/* what the path of d begins with, when it has no parent */
static int
top_path(const struct device *d, char *buf, size_t len)
{
	if (d->cls)
		return snprintf(buf, len, "devices/virtual/%s", d->cls->name);
	if (d->bus)
		return snprintf(buf, len, "devices/%s", d->bus);
	return snprintf(buf, len, "devices");
}

int
device_path(const struct device *d, char *buf, size_t len)
{
	int n, start;

	if (!d->parent) {
		n = top_path(d, buf, len);
	} else {
		n = device_path(d->parent, buf, len);
		if (n > 0 && device_has_glue(d) && (size_t)n < len)
			n += snprintf(buf + n, len - n, "/%s", d->cls->name);
	}
	if (n < 0 || (size_t)n >= len)
		return -ENAMETOOLONG;
	start = n + 1;
	n += snprintf(buf + n, len - n, "/%s", d->name);
	if ((size_t)n >= len)
		return -ENAMETOOLONG;
	for (int i = start; i < n; i++)
		if (buf[i] == '/')
			buf[i] = '!';
	return n;
}

int
dev_uevent_text(const struct device *d, char *buf, size_t len)
{
	int n = 0;

	if (len)
		buf[0] = '\0';
	if (d->num) {
		n = scnprintf(buf, len, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\n",
			      MAJOR(d->num), MINOR(d->num), device_node(d));
		if (d->mode)
			n += scnprintf(buf + n, len - n, "DEVMODE=0%o\n",
				       d->mode);
		if (d->uid)
			n += scnprintf(buf + n, len - n, "DEVUID=%u\n",
				       d->uid);
		if (d->gid)
			n += scnprintf(buf + n, len - n, "DEVGID=%u\n",
				       d->gid);
	}
	return n;
}

static const char *
action_find(const char *a)
{
	static const char *const actions[] = {
		"add", "remove", "change", "move", "online", "offline",
		"bind", "unbind",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(actions); i++)
		if (!strcmp(a, actions[i]))
			return actions[i];
	return NULL;
}

/* event_lock held */
static void
uevent_locked(struct device *d, const char *action)
{
	uevent_seq++;
	for (struct dev_listener *l = listeners; l; l = l->next)
		if (l->uevent)
			l->uevent(d, action, uevent_seq);
	log_debug(dev, "%s %s", action, d->name);
}

int
dev_uevent(struct device *d, const char *action)
{
	action = action_find(action);
	if (!action)
		return -EINVAL;
	mutex_lock(&event_lock);
	if (d->registered)
		uevent_locked(d, action);
	mutex_unlock(&event_lock);
	return 0;
}

int
dev_uevent_id(u32 id, const char *action)
{
	struct device *d;
	int err = -ENODEV;

	action = action_find(action);
	if (!action)
		return -EINVAL;
	mutex_lock(&event_lock);
	d = device_find(id);		/* event_lock keeps the list still */
	if (d) {
		uevent_locked(d, action);
		err = 0;
	}
	mutex_unlock(&event_lock);
	return err;
}

u64
dev_uevent_seq(void)
{
	return READ_ONCE(uevent_seq);
}

/* would d's node or its place in its class be another's? */
static bool
is_taken(const struct device *d)
{
	struct device *o;

	list_for_each_entry(o, &device_list, link) {
		if (o->cls != d->cls)
			continue;
		if (d->num && o->num == d->num)
			return true;
		if (!strcmp(o->name, d->name) &&
		    (d->cls || (o->bus == d->bus && o->parent == d->parent)))
			return true;
	}
	return false;
}

int
device_register(struct device *d)
{
	int err = 0;

	if (!d->name || !d->name[0] || strlen(d->name) > 63)
		return -EINVAL;
	mutex_lock(&event_lock);
	device_lock();
	if (d->registered || is_taken(d)) {
		err = -EEXIST;
	} else {
		d->id = next_id++;
		list_init(&d->children);
		list_init(&d->sibling);
		if (d->parent)
			list_add_tail(&d->sibling, &d->parent->children);
		list_add_tail(&d->link, &device_list);
		d->registered = true;
	}
	device_unlock();
	if (!err) {
		for (struct dev_listener *l = listeners; l; l = l->next)
			if (l->event)
				l->event(d, true);
		uevent_locked(d, "add");
	}
	mutex_unlock(&event_lock);
	return err;
}

void
device_unregister(struct device *d)
{
	mutex_lock(&event_lock);
	if (d->registered) {
		for (struct dev_listener *l = listeners; l; l = l->next)
			if (l->event)
				l->event(d, false);
		uevent_locked(d, "remove");
		device_lock();
		if (!list_empty(&d->children))
			log_err(dev, "%s goes before its children", d->name);
		d->registered = false;
		list_del_init(&d->sibling);
		list_del(&d->link);
		device_unlock();
	}
	mutex_unlock(&event_lock);
}

void
dev_listen(struct dev_listener *l)
{
	struct device *d;

	mutex_lock(&event_lock);
	l->next = listeners;
	listeners = l;
	/* nothing is added or removed while event_lock is held */
	if (l->event)
		list_for_each_entry(d, &device_list, link)
			l->event(d, true);
	mutex_unlock(&event_lock);
}
