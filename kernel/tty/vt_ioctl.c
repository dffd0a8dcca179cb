/* SPDX-License-Identifier: MIT */
/*
 * Requests of virtual terminals, ioctl_console(2). Changing things needs the
 * terminal to be the caller's own, or CAP_SYS_TTY_CONFIG. Fonts are in
 * vt_font.c, keyboard maps in kbd_ioctl.c.
 */
#include <abi/kd.h>
#include <mm/uaccess.h>
#include <task/task.h>
#include "local.h"
#include "vt.h"

#define PIT_HZ		1193182

static bool
may_change(struct tty *t)
{
	return READ_ONCE(current->signal->tty) == t ||
	       capable(CAP_SYS_TTY_CONFIG);
}

static long
sound(u32 cmd, unsigned long arg)
{
	u32 count = arg & 0xffff, ms = arg >> 16 & 0xffff;

	if (cmd == KIOCSOUND)
		ms = count ? ~0U : 0;	/* until told otherwise */
	vt_beep(count ? PIT_HZ / count : 0, count ? ms : 0);
	return 0;
}

static long
set_mode(struct vt *v, const void __user *arg)
{
	struct abi_vt_mode m;

	if (copyin(&m, arg, sizeof(m)))
		return -EFAULT;
	if (m.mode != VT_AUTO && m.mode != VT_PROCESS)
		return -EINVAL;
	mutex_lock(&vt_mutex);
	vt_mode_reset(v);
	v->mode = m;
	v->mode.frsig = 0;
	v->owner = current->tgid;
	pid_get(v->owner);
	mutex_unlock(&vt_mutex);
	return 0;
}

static long
get_state(void __user *arg)
{
	struct abi_vt_stat st = { .v_active = READ_ONCE(vt_fg) + 1,
				  .v_state = 1 };

	for (int i = 0; i < NR_VT; i++)
		if (vts[i].tty.opens)
			st.v_state |= 1U << (i + 1);
	return copyout(arg, &st, sizeof(st));
}

static long
open_query(int __user *arg)
{
	for (int i = 0; i < NR_VT; i++)
		if (!vts[i].tty.opens)
			return put_user(i + 1, arg);
	return put_user(-1, arg);
}

static long
activate(unsigned long n)
{
	long err;

	if (n == 0 || n > NR_VT)
		return -ENXIO;
	mutex_lock(&vt_mutex);
	err = vt_switch_now(n - 1);
	mutex_unlock(&vt_mutex);
	return err;
}

static long
set_activate(const void __user *arg)
{
	struct abi_vt_setactivate a;
	long err;

	if (copyin(&a, arg, sizeof(a)))
		return -EFAULT;
	if (a.console == 0 || a.console > NR_VT)
		return -ENXIO;
	mutex_lock(&vt_mutex);
	err = vt_alloc(&vts[a.console - 1]);
	if (!err) {
		struct vt *v = &vts[a.console - 1];

		vt_mode_reset(v);
		v->mode = a.mode;
		v->mode.frsig = 0;
		v->owner = current->tgid;
		pid_get(v->owner);
		err = vt_switch_now(a.console - 1);
	}
	mutex_unlock(&vt_mutex);
	return err;
}

static long
disallocate(unsigned long n)
{
	long err = 0;

	if (n > NR_VT)
		return -ENXIO;
	mutex_lock(&tty_mutex);
	mutex_lock(&vt_mutex);
	if (n) {
		err = vt_free(&vts[n - 1]);
	} else {
		for (int i = 1; i < NR_VT; i++)
			(void)vt_free(&vts[i]);
	}
	mutex_unlock(&vt_mutex);
	mutex_unlock(&tty_mutex);
	return err;
}

/* VT_RESIZE: the size is the screen's; asking for it is no error */
static long
resize(u32 cmd, const u16 __user *arg)
{
	struct con_driver *con = con_driver_current();
	u16 rows, cols;

	if (get_user(rows, arg) || get_user(cols, arg + 1))
		return -EFAULT;
	if ((rows && rows != con->rows) || (cols && cols != con->cols))
		return -EINVAL;
	return 0;
}

static long
tioclinux(struct vt *v, u8 __user *arg)
{
	u8 sub;
	s32 lines;

	if (!may_change(&v->tty))
		return -EPERM;
	if (get_user(sub, arg))
		return -EFAULT;
	switch (sub) {
	case 4:			/* unblank: never blank */
	case 10:		/* blanking interval */
		return 0;
	case 6:
		return put_user(kbd_shift_state(), arg);
	case 7:
		return put_user(v->s.mouse, arg);
	case 12:
		return READ_ONCE(vt_fg);
	case 13:
		if (get_user(lines, (s32 __user *)(arg + 4)))
			return -EFAULT;
		vt_scroll_view(lines ? -lines : -VT_MAX_COLS * 100);
		return 0;
	case 15:		/* which console is blanked */
		return 0;
	}
	return -EINVAL;
}

static long
vt_requests(struct vt *v, u32 cmd, unsigned long arg, bool perm)
{
	void __user *up = (void __user *)arg;
	long err;

	switch (cmd) {
	case VT_OPENQRY:
		return open_query(up);
	case VT_GETMODE:
		return copyout(up, &v->mode, sizeof(v->mode));
	case VT_GETSTATE:
		return get_state(up);
	case VT_SETMODE:
		return perm ? set_mode(v, up) : -EPERM;
	case VT_ACTIVATE:
		return perm ? activate(arg) : -EPERM;
	case VT_SETACTIVATE:
		return perm ? set_activate(up) : -EPERM;
	case VT_WAITACTIVE:
		if (!perm)
			return -EPERM;
		if (arg == 0 || arg > NR_VT)
			return -ENXIO;
		return wait_event_intr(&vt_switch_wait,
				       READ_ONCE(vt_fg) == (int)arg - 1);
	case VT_RELDISP:
		if (!perm)
			return -EPERM;
		mutex_lock(&vt_mutex);
		vt_release_answer(v, arg, &err);
		mutex_unlock(&vt_mutex);
		return err;
	case VT_DISALLOCATE:
		return disallocate(arg);
	case VT_RESIZE:
	case VT_RESIZEX:
		return perm ? resize(cmd, up) : -EPERM;
	case VT_LOCKSWITCH:
	case VT_UNLOCKSWITCH:
		if (!capable(CAP_SYS_TTY_CONFIG))
			return -EPERM;
		vt_switch_locked = cmd == VT_LOCKSWITCH;
		return 0;
	case VT_GETHIFONTMASK:
		return put_user((u16)0, (u16 __user *)up);
	case TIOCLINUX:
		return tioclinux(v, up);
	}
	return -ENOIOCTLCMD;
}

long
vt_ioctl(struct tty *t, struct file *f, u32 cmd, unsigned long arg)
{
	struct vt *v = vt_of_tty(t);
	bool perm;
	long r;

	if (cmd >> 8 != 'K' && cmd >> 8 != 'V' && cmd != TIOCLINUX)
		return -ENOIOCTLCMD;
	perm = may_change(t);
	switch (cmd) {
	case KIOCSOUND:
	case KDMKTONE:
		return perm ? sound(cmd, arg) : -EPERM;
	case KDGKBTYPE:
		return put_user((u8)KB_101, (u8 __user *)arg);
	case KDADDIO: case KDDELIO: case KDENABIO: case KDDISABIO:
		return -EINVAL;		/* port access is ioperm(2)'s */
	case KDSETMODE:
		if (!perm)
			return -EPERM;
		if (arg > 3)
			return -EINVAL;
		vt_set_kdmode(v, arg == KD_GRAPHICS ? KD_GRAPHICS : KD_TEXT);
		return 0;
	case KDGETMODE:
		return put_user((int)v->kdmode, (int __user *)arg);
	case KDMAPDISP: case KDUNMAPDISP:
		return -EINVAL;
	}
	r = vt_requests(v, cmd, arg, perm);
	if (r == -ENOIOCTLCMD)
		r = kbd_ioctl(v, cmd, arg, perm);
	if (r == -ENOIOCTLCMD)
		r = vt_font_ioctl(v, cmd, arg, perm);
	return r;
}
