/* SPDX-License-Identifier: MIT */
/* What the files of tty/ share. */
#ifndef TTY_LOCAL_H
#define TTY_LOCAL_H

#include <tty/tty.h>
#include "ntty.h"

struct iov_iter;
struct poll_table;

/* file->private */
struct tty_file {
	struct tty *tty;	/* counted */
	u32 hup_seq;		/* of tty when opened */
	bool console;		/* through /dev/console: survives hangup */
};

static inline bool
tty_file_hung(const struct tty_file *tf)
{
	return tf->hup_seq != READ_ONCE(tf->tty->hup_seq) && !tf->console;
}

/* tty->nt points at n */
struct tty_nt {
	struct ntty n;
	struct tty *tty;
};

static inline bool
tty_is_master(const struct tty *t)
{
	return t->drv->type == TTYD_PTY_MASTER;
}

extern struct mutex tty_mutex;		/* opening, closing; rank tty */
extern const struct file_ops tty_file_ops;

/* tty.c */
int tty_file_attach(struct file *f, struct tty *t, bool console);
int tty_alloc_ntty(struct tty *t);
void tty_free_ntty(struct tty *t);
extern struct file *tty_console_redirect;	/* TIOCCONS; tty_mutex */

/* input.c */
/* input that waits goes to the discipline; t->lock held */
void tty_input_drain_locked(struct tty *t);
void tty_input_flush(struct tty *t);
/* after input was read: more room; t->lock held */
void tty_input_taken_locked(struct tty *t);
int tty_input_open(struct tty *t);
void tty_input_close(struct tty *t);

/* io.c */
ssize_t tty_read_iter(struct file *f, struct iov_iter *to, loff_t *pos,
		      u32 flags);
ssize_t tty_write_iter(struct file *f, struct iov_iter *from, loff_t *pos,
		       u32 flags);
u32 tty_poll(struct file *f, struct poll_table *pt);
/* until all output is sent, or deadline: 0, -ERESTARTSYS, -ETIMEDOUT */
int tty_wait_sent(struct tty *t, nsec_t deadline);
void tty_set_stopped(struct tty *t, bool stop);
void tty_flush_output(struct tty *t);	/* t->lock held */
/* what follows when output was stopped or goes on: TCXONC, ^S */
void tty_flow_changed(struct tty *t, bool stop);

/* ioctl.c, termios.c */
long tty_ioctl(struct file *f, u32 cmd, unsigned long arg);
long tty_termios_ioctl(struct tty *t, u32 cmd, unsigned long arg);
void tty_set_termios(struct tty *t, const struct abi_termios2 *new);

/* jobctl.c */
int tty_check_change(struct tty *t);	/* background writer or setter */
int tty_check_read(struct tty *t);	/* background reader */
void tty_take_control(struct tty *t, struct file *f);	/* open of a leader */
long tty_jobctl_ioctl(struct tty *t, struct tty *real, struct file *f,
		      u32 cmd, unsigned long arg);	/* -ENOIOCTLCMD */
void tty_signal_pgrp(struct tty *t, int sig);
void tty_jobctl_init(void);
/* hang-up: the session loses t; its leader is told */
void tty_release_session(struct tty *t, bool exit_session);

/* pty.c */
struct tty *pty_slave_get(u32 index);
int ptmx_open(struct inode *i, struct file *f);
ssize_t pty_master_read(struct tty *t, struct iov_iter *to, bool nonblock);
ssize_t pty_master_write(struct tty *t, struct iov_iter *from, bool nonblock);
u32 pty_master_poll(struct tty *t);
void pty_packet_event(struct tty *slave, u8 set, u8 clear);

/* vt.c */
struct tty *vt_foreground_get(void);

#endif
