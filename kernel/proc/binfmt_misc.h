/* SPDX-License-Identifier: MIT */
/* binfmt_misc: what its files share. */
#ifndef PROC_BINFMT_MISC_H
#define PROC_BINFMT_MISC_H

#include <core/refcount.h>
#include <lib/list.h>
#include <lib/types.h>
#include <proc/exec.h>
#include <sched/mutex.h>

struct dentry;
struct file;
struct super_block;

#define MISC_LINE_MAX	1920	/* bytes of a registration */

#define MISC_MAGIC	BIT(0)	/* by magic, else by extension */
#define MISC_ARGV0	BIT(1)	/* P */
#define MISC_OPEN	BIT(2)	/* O: the interpreter gets a descriptor */
#define MISC_CRED	BIT(3)	/* C: the program's set-id bits count */
#define MISC_FIXED	BIT(4)	/* F: the interpreter is opened now */

/* a registration, cut up; pointers go into the line it was parsed from */
struct misc_spec {
	char *name, *interp;
	u8 *magic, *mask;	/* magic: the extension, a string; mask or NULL */
	u32 offset, size;	/* of the magic in the file */
	u32 flags;		/* MISC_* */
};

struct misc_entry {
	struct refcount count;
	struct misc_spec spec;		/* I */
	struct file *file;		/* I: of F, counted, writers denied */
	struct super_block *sb;		/* I: counted while it is registered */
	struct list_head link;		/* misc_lock: in misc_entries */
	struct dentry *dentry;		/* misc_lock: pinned while in the list */
	bool enabled;			/* a */
	bool dead;			/* misc_lock: was taken out */
	char line[];			/* what spec points into */
};

extern struct rwsem misc_lock;
extern struct list_head misc_entries;	/* misc_lock: newest first */
extern u32 misc_nr;			/* misc_lock to write: how many */
extern bool misc_enabled;		/* a */

/*
 * misc_parse - cut up a registration of len bytes, NUL behind. 0 or -EINVAL.
 * Writes into line. Pure.
 */
int misc_parse(char *line, size_t len, struct misc_spec *out);
/* misc_match - is this e's? b->buf holds the file's head. Pure. */
bool misc_match(const struct misc_spec *s, const char *head,
		const char *filename);
void misc_entry_put(struct misc_entry *e);	/* T */

#endif
