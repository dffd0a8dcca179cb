/* SPDX-License-Identifier: MIT */
/*
 * Keyboard requests, ioctl_console(2): maps (loadkmap), function key strings,
 * accents, modes, lamps. User memory is copied outside kbd_lock.
 */
#include <abi/signal.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <task/cred.h>
#include "keymap.h"
#include "local.h"
#include "vt.h"

/* -- maps ---------------------------------------------------------------- */

static long
get_entry(struct abi_kbentry __user *arg)
{
	struct abi_kbentry e;
	u16 *map;

	if (copyin(&e, arg, sizeof(e)))
		return -EFAULT;
	spin_lock_irq(&kbd_lock);
	map = key_maps[e.kb_table];
	e.kb_value = map ? map[e.kb_index] :
		     e.kb_index ? K_HOLE : K_NOSUCHMAP;
	spin_unlock_irq(&kbd_lock);
	return put_user(e.kb_value, &arg->kb_value);
}

/* All holes but the "allocated" mark at key 0. */
static u16 *
new_map(void)
{
	u16 *map = kmalloc(NR_KEYS * sizeof(u16), GFP_KERNEL);

	if (map) {
		map[0] = K_ALLOCATED;
		for (int i = 1; i < NR_KEYS; i++)
			map[i] = K_HOLE;
	}
	return map;
}

static long
set_entry(const struct abi_kbentry __user *arg)
{
	struct abi_kbentry e;
	u16 *fresh = NULL, *old = NULL, *map;
	long err = 0;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	if (copyin(&e, arg, sizeof(e)))
		return -EFAULT;
	if (!e.kb_index && e.kb_value == K_NOSUCHMAP) {
		/* the plain map must stay; made ones are not slab memory */
		spin_lock_irq(&kbd_lock);
		old = e.kb_table ? key_maps[e.kb_table] : NULL;
		if (old) {
			key_maps[e.kb_table] = NULL;
			keymap_count--;
		}
		spin_unlock_irq(&kbd_lock);
		if (old && old[0] == K_ALLOCATED)
			kfree(old);
		return 0;
	}
	if (!KMAP_IS_UNICODE(e.kb_value) && e.kb_value >> 8 >= NR_TYPES)
		return -EINVAL;
	if (!e.kb_index)
		return 0;	/* key 0 only says whether there is a map */
	if (!key_maps[e.kb_table]) {
		fresh = new_map();
		if (!fresh)
			return -ENOMEM;
	}
	spin_lock_irq(&kbd_lock);
	map = key_maps[e.kb_table];
	if (!map && fresh) {
		key_maps[e.kb_table] = map = fresh;
		fresh = NULL;
		keymap_count++;
	}
	if (map)
		map[e.kb_index] = e.kb_value;
	else
		err = -EAGAIN;
	spin_unlock_irq(&kbd_lock);
	kfree(fresh);
	return err;
}

/* -- function keys ------------------------------------------------------- */

static DECLARE_BITMAP(func_owned, MAX_NR_FUNC);	/* by kmalloc */

static long
get_string(struct abi_kbsentry __user *arg)
{
	char *buf = kmalloc(512, GFP_KERNEL);
	u8 func;
	long err;

	if (!buf)
		return -ENOMEM;
	err = get_user(func, &arg->kb_func);
	if (!err) {
		spin_lock_irq(&kbd_lock);
		strlcpy(buf, func_table[func] ? func_table[func] : "", 512);
		spin_unlock_irq(&kbd_lock);
		err = copyout(arg->kb_string, buf, strlen(buf) + 1);
	}
	kfree(buf);
	return err;
}

static long
set_string(const struct abi_kbsentry __user *arg)
{
	char *buf, *old;
	u8 func;
	ssize_t n;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	if (get_user(func, &arg->kb_func))
		return -EFAULT;
	buf = kmalloc(512, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	n = copyinstr(buf, (const char __user *)arg->kb_string, 512);
	if (n < 0) {
		kfree(buf);
		return n == -EFAULT ? -EFAULT : -EINVAL;
	}
	spin_lock_irq(&kbd_lock);
	old = bitmap_test_and_set_bit(func_owned, func) ? func_table[func] :
	      NULL;
	func_table[func] = buf;
	spin_unlock_irq(&kbd_lock);
	kfree(old);
	return 0;
}

/* -- accents ------------------------------------------------------------- */

static long
get_accents(void __user *arg, bool wide)
{
	u32 n = accent_table_size;
	long err = put_user(n, (u32 __user *)arg);

	for (u32 i = 0; i < n && !err; i++) {
		struct abi_kbdiacruc a = accent_table[i];
		struct abi_kbdiacr narrow = { a.diacr, a.base, a.result };

		if (wide)
			err = copyout(&((struct abi_kbdiacrsuc __user *)arg)->
				      kbdiacruc[i], &a, sizeof(a));
		else
			err = copyout(&((struct abi_kbdiacrs __user *)arg)->
				      kbdiacr[i], &narrow, sizeof(narrow));
	}
	return err;
}

static long
set_accents(const void __user *arg, bool wide)
{
	struct abi_kbdiacruc *list;
	u32 n;
	long err = 0;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	if (get_user(n, (const u32 __user *)arg))
		return -EFAULT;
	if (n >= MAX_DIACR)
		return -EINVAL;
	list = kcalloc(MAX_DIACR, sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	for (u32 i = 0; i < n && !err; i++) {
		struct abi_kbdiacr narrow;

		if (wide) {
			err = copyin(&list[i], &((const struct abi_kbdiacrsuc
				     __user *)arg)->kbdiacruc[i],
				     sizeof(*list));
			continue;
		}
		err = copyin(&narrow, &((const struct abi_kbdiacrs __user *)
			     arg)->kbdiacr[i], sizeof(narrow));
		list[i] = (struct abi_kbdiacruc){ narrow.diacr, narrow.base,
						  narrow.result };
	}
	if (!err) {
		spin_lock_irq(&kbd_lock);
		memcpy(accent_table, list, n * sizeof(*list));
		accent_table_size = n;
		spin_unlock_irq(&kbd_lock);
	}
	kfree(list);
	return err;
}

/* -- modes and lamps ----------------------------------------------------- */

static long
set_kbmode(struct vt *v, unsigned long mode)
{
	if (mode > K_OFF)
		return -EINVAL;
	spin_lock_irq(&kbd_lock);
	v->kbmode = mode;
	spin_unlock_irq(&kbd_lock);
	return 0;
}

static long
set_locks(struct vt *v, u32 cmd, unsigned long arg)
{
	spin_lock_irq(&kbd_lock);
	if (cmd == KDSKBLED) {
		v->locks = arg & 7;
	} else {
		v->leds_forced = !(arg & ~7UL);
		v->forced_leds = arg & 7;
	}
	kbd_update_leds();
	spin_unlock_irq(&kbd_lock);
	return arg & ~0x77UL && cmd == KDSKBLED ? -EINVAL : 0;
}

static long
repeat_rate(struct abi_kbd_repeat __user *arg)
{
	struct abi_kbd_repeat r;

	if (!capable(CAP_SYS_TTY_CONFIG))
		return -EPERM;
	if (copyin(&r, arg, sizeof(r)))
		return -EFAULT;
	kbd_repeat(&r.delay, &r.period);
	return copyout(arg, &r, sizeof(r));
}

long
kbd_ioctl(struct vt *v, u32 cmd, unsigned long arg, bool perm)
{
	void __user *up = (void __user *)arg;

	switch (cmd) {
	case KDGKBMODE:
		return put_user((int)v->kbmode, (int __user *)up);
	case KDSKBMODE:
		return perm ? set_kbmode(v, arg) : -EPERM;
	case KDGKBMETA:
		return put_user((int)v->meta, (int __user *)up);
	case KDSKBMETA:
		if (!perm)
			return -EPERM;
		if (arg != K_METABIT && arg != K_ESCPREFIX)
			return -EINVAL;
		v->meta = arg;
		return 0;
	case KDGKBENT:
		return get_entry(up);
	case KDSKBENT:
		return set_entry(up);
	case KDGKBSENT:
		return get_string(up);
	case KDSKBSENT:
		return set_string(up);
	case KDGKBDIACR:
	case KDGKBDIACRUC:
		return get_accents(up, cmd == KDGKBDIACRUC);
	case KDSKBDIACR:
	case KDSKBDIACRUC:
		return set_accents(up, cmd == KDSKBDIACRUC);
	case KDGKBLED:
		return put_user(v->locks, (u8 __user *)up);
	case KDGETLED:
		return put_user((u8)(v->leds_forced ? v->forced_leds :
				     v->locks), (u8 __user *)up);
	case KDSKBLED:
	case KDSETLED:
		return perm ? set_locks(v, cmd, arg) : -EPERM;
	case KDKBDREP:
		return repeat_rate(up);
	case KDGETKEYCODE:
	case KDSETKEYCODE:
		return -EINVAL;		/* the driver's table is fixed */
	case KDSIGACCEPT:
		if (!capable(CAP_KILL))
			return -EPERM;
		if (arg < 1 || arg > NSIG || arg == SIGKILL)
			return -EINVAL;
		kbd_signal_accept(arg);
		return 0;
	}
	return -ENOIOCTLCMD;
}
