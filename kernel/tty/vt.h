/* SPDX-License-Identifier: MIT */
/* What the files of the virtual terminals share. */
#ifndef TTY_VT_H
#define TTY_VT_H

#include <abi/kd.h>
#include <tty/con.h>
#include <tty/tty.h>

#define NR_VT	12

struct vt {
	struct tty tty;
	struct vt_screen s;		/* con_lock */
	vt_cell_t *cells;		/* con_lock; NULL: not allocated */
	vt_cell_t *sb;			/* con_lock; NULL: no scrollback yet */
	u8 kdmode;			/* con_lock: KD_TEXT or KD_GRAPHICS */

	/* vt_mutex */
	struct abi_vt_mode mode;
	struct pid *owner;		/* counted: of mode VT_PROCESS */
	int switch_to;			/* asked the owner to release; -1 none */

	/* keyboard, kbd_lock */
	u8 kbmode;			/* K_XLATE ... */
	u8 meta;			/* K_METABIT, K_ESCPREFIX */
	u8 locks;			/* LED_*: num, caps, scroll lock */
	u8 slock;			/* sticky shifts, one key */
	u8 lock;			/* locked shifts */
	bool leds_forced;		/* KDSETLED */
	u8 forced_leds;
};

extern struct vt vts[NR_VT];
extern struct spinlock con_lock;	/* screens and the driver; irqsave */
extern struct mutex vt_mutex;		/* switching, fonts; rank object */
extern int vt_fg;			/* con_lock: index of the shown one */

static inline struct vt *
vt_of_tty(struct tty *t)
{
	return container_of(t, struct vt, tty);
}

/* vt.c */
int vt_alloc(struct vt *v);		/* vt_mutex */
int vt_free(struct vt *v);		/* vt_mutex; -EBUSY */
void vt_resize_all(void);		/* vt_mutex: the driver's size changed */
void vt_redraw(void);			/* everything, now */
void vt_refresh(void);			/* what changed, soon */
void vt_scroll_view(int lines);		/* > 0 back; any context */
void vt_beep(u32 hz, u32 ms);
void vt_set_kdmode(struct vt *v, u8 mode);
/* vt_switch.c */
void vt_request_switch(int index);	/* any context */
int vt_switch_now(int index);		/* vt_mutex: ask or do */
void vt_release_answer(struct vt *v, unsigned long arg, long *err);
void vt_mode_reset(struct vt *v);	/* vt_mutex */
extern struct waitq vt_switch_wait;
extern int vt_last;
extern bool vt_switch_locked;
void vt_switch_init(void);

/* vt_ioctl.c, vt_font.c, kbd_ioctl.c: -ENOIOCTLCMD for others */
long vt_ioctl(struct tty *t, struct file *f, u32 cmd, unsigned long arg);
long vt_font_ioctl(struct vt *v, u32 cmd, unsigned long arg, bool perm);
long kbd_ioctl(struct vt *v, u32 cmd, unsigned long arg, bool perm);
void vt_font_init(void);

/* kbd.c */
extern struct spinlock kbd_lock;
void kbd_vt_init(struct vt *v);
void kbd_update_leds(void);		/* kbd_lock held */
void kbd_release_all(void);		/* shown console changed */
u8 kbd_shift_state(void);
/* set (0: leave) and read back the repeat rate, ms */
void kbd_repeat(s32 *delay_ms, s32 *period_ms);
/* KDSIGACCEPT: sig to the current task at the next KeyboardSignal key */
void kbd_signal_accept(int sig);
/* CSI q of the shown console */
void kbd_set_leds(struct vt *v, u32 leds);

#endif
