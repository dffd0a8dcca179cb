/* SPDX-License-Identifier: MIT */
/*
 * Which virtual terminal is shown. A request (key, ioctl, escape sequence)
 * may come from anywhere and is done by work under vt_mutex. When the shown
 * terminal is in VT_PROCESS mode (an X server), its owner is asked by a
 * signal and answers with VT_RELDISP; when it is gone the switch just goes
 * on. The new terminal's owner gets its acquire signal.
 */
#include <abi/signal.h>
#include <task/signal.h>
#include <task/task.h>
#include "local.h"
#include "vt.h"

struct waitq vt_switch_wait;
int vt_last;
bool vt_switch_locked;

static int wanted = -1;			/* a */
static struct work switch_work;

/* To the owner of a VT_PROCESS terminal; false when there is none. */
static bool
signal_owner(struct vt *v, int sig)
{
	struct task *t;
	bool ok = false;
	unsigned long irq = spin_lock_irqsave(&tasklist_lock);

	t = v->owner ? pid_task(v->owner, PIDTYPE_TGID) : NULL;
	if (t)
		task_get(t);
	spin_unlock_irqrestore(&tasklist_lock, irq);
	if (t) {
		ok = !sig || !signal_send_group(t, sig, SEND_SIG_PRIV);
		task_put(t);
	}
	return ok;
}

void
vt_mode_reset(struct vt *v)
{
	v->mode = (struct abi_vt_mode){ .mode = VT_AUTO };
	v->switch_to = -1;
	if (v->owner)
		pid_put(v->owner);
	v->owner = NULL;
}

/* vt_mutex held */
static void
complete(int index)
{
	struct vt *v = &vts[index];
	unsigned long irq;

	irq = spin_lock_irqsave(&con_lock);
	vt_last = vt_fg;
	vt_fg = index;
	spin_unlock_irqrestore(&con_lock, irq);
	if (v->kdmode == KD_TEXT)
		vt_redraw();
	if (v->mode.mode == VT_PROCESS &&
	    !signal_owner(v, v->mode.acqsig)) {
		vt_mode_reset(v);
		vt_set_kdmode(v, KD_TEXT);
	}
	kbd_release_all();
	waitq_wake_all(&vt_switch_wait);
}

int
vt_switch_now(int index)
{
	struct vt *old = &vts[vt_fg];
	int err;

	if (index < 0 || index >= NR_VT)
		return -ENXIO;
	if (index == vt_fg || vt_switch_locked)
		return 0;
	err = vt_alloc(&vts[index]);
	if (err)
		return err;
	if (old->mode.mode == VT_PROCESS) {
		old->switch_to = index;
		if (signal_owner(old, old->mode.relsig))
			return 0;
		vt_mode_reset(old);
	} else if (old->kdmode == KD_GRAPHICS) {
		return 0;	/* nobody could restore the picture */
	}
	complete(index);
	return 0;
}

/* VT_RELDISP */
void
vt_release_answer(struct vt *v, unsigned long arg, long *err)
{
	int to = v->switch_to;

	*err = 0;
	if (v->mode.mode != VT_PROCESS) {
		*err = -EINVAL;
	} else if (to < 0) {
		/* no switch is on its way: only the "acquired" answer fits */
		*err = arg == VT_ACKACQ ? 0 : -EINVAL;
	} else if (arg == 0) {
		v->switch_to = -1;	/* refused */
	} else {
		v->switch_to = -1;
		complete(to);
	}
}

static void
switch_work_fn(struct work *w)
{
	int index = __atomic_exchange_n(&wanted, -1, __ATOMIC_SEQ_CST);

	if (index < 0)
		return;
	mutex_lock(&vt_mutex);
	(void)vt_switch_now(index);
	mutex_unlock(&vt_mutex);
}

void
vt_request_switch(int index)
{
	if (index < 0 || index >= NR_VT)
		return;
	__atomic_store_n(&wanted, index, __ATOMIC_SEQ_CST);
	work_queue(&switch_work);
}

void
vt_switch_init(void)
{
	waitq_init(&vt_switch_wait);
	work_init(&switch_work, switch_work_fn);
}
