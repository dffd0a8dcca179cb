/* SPDX-License-Identifier: MIT */
/*
 * /proc/net/unix, proc(5). The first column is a kernel address there and
 * always zero here. Names are printed with NUL bytes as '@'.
 */
#include <fs/procfs.h>
#include "unix.h"

#define ACCEPTCON	0x10000		/* Flags: listening */
enum { ST_UNCONNECTED = 1, ST_CONNECTING, ST_CONNECTED, ST_DISCONNECTING };

static void
show_name(struct seq_buf *s, const struct uaddr *a)
{
	u32 n = a->len - offsetof(struct abi_sockaddr_un, sun_path);
	const char *p = a->raw + offsetof(struct abi_sockaddr_un, sun_path);

	seq_putc(s, ' ');
	if (*p)
		n--;			/* a path's own NUL */
	for (u32 i = 0; i < n; i++)
		seq_putc(s, p[i] ? p[i] : '@');
}

/* t held */
static void
show_one(struct seq_buf *s, struct usock *u)
{
	const struct uaddr *a = smp_load_acquire(&u->addr);
	bool up = u->state == US_ESTABLISHED;
	u64 ino = 0;
	int st;

	spin_lock(&u->s.lock);
	if (u->s.file) {
		ino = u->s.file->inode->ino;
		st = up ? ST_CONNECTED : ST_UNCONNECTED;
	} else {
		st = up ? ST_CONNECTING : ST_DISCONNECTING;
	}
	spin_unlock(&u->s.lock);
	seq_printf(s, "%016x: %08X %08X %08X %04X %02X %5lu", 0,
		   refcount_read(&u->s.count), 0,
		   u->state == US_LISTEN ? ACCEPTCON : 0, u->s.type, st, ino);
	if (a)
		show_name(s, a);
	seq_putc(s, '\n');
}

static int
unix_show(struct seq_buf *s)
{
	struct usock *u;

	seq_puts(s, "Num       RefCount Protocol Flags    Type St Inode "
		 "Path\n");
	spin_lock(&unix_lock);
	list_for_each_entry(u, &unix_all, all_link)
		show_one(s, u);
	spin_unlock(&unix_lock);
	return 0;
}

static const struct proc_entry unix_entry = {
	.path = "net/unix", .mode = 0444, .show = unix_show,
};
SET_ADD(proc_entry, unix_entry);
