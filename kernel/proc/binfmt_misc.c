/* SPDX-License-Identifier: MIT */
/*
 * binfmt_misc: formats that root registers at run time, each with a program
 * that runs files of it. This file finds and runs; binfmt_misc_fs.c is the file
 * system through which it is steered; binfmt_parse.c reads registrations.
 *
 * Entries are counted: by the list, by the inode of their file, by an execve
 * that uses one. They are asked before the built-in formats, newest first.
 *
 * Locking: misc_lock shared to look, exclusive to change the list.
 * Limits: one set for the whole machine; MISC_ENTRIES_MAX entries.
 */
#include <abi/errno.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <proc/exec.h>
#include <vfs/file.h>
#include "binfmt_misc.h"

struct rwsem misc_lock = RWSEM_INIT(misc_lock, RANK_FS);
LIST_HEAD(misc_entries);
u32 misc_nr;
bool misc_enabled = true;

void
misc_entry_put(struct misc_entry *e)
{
	if (!refcount_put(&e->count))
		return;
	exec_close(e->file);
	kfree(e);
}

static struct misc_entry *
find_entry(const struct exec_bin *b)
{
	struct misc_entry *e, *found = NULL;

	rwsem_read_lock(&misc_lock);
	list_for_each_entry(e, &misc_entries, link)
		if (READ_ONCE(e->enabled) &&
		    misc_match(&e->spec, b->buf, b->interp)) {
			refcount_get(&e->count);
			found = e;
			break;
		}
	rwsem_read_unlock(&misc_lock);
	return found;
}

/* F: the file opened when it was registered, whatever has that name now */
static int
reopen(struct misc_entry *e, struct file **out)
{
	struct file *f;
	int r = vfs_open_real(&e->file->path,
			      O_RDONLY | O_LARGEFILE | FILE_OPEN_EXEC, &f);

	if (r)
		return r;
	r = file_deny_write(f);
	if (r)
		file_put(f);
	else
		*out = f;
	return r;
}

int
binfmt_misc_load(struct exec_bin *b)
{
	struct misc_entry *e;
	struct exec_how how;
	int r = 0;

	if (likely(!READ_ONCE(misc_nr)) || !READ_ONCE(misc_enabled))
		return -ENOEXEC;
	e = find_entry(b);
	if (!e)
		return -ENOEXEC;
	how = (struct exec_how){
		.path = e->spec.interp,
		.keep_argv0 = e->spec.flags & MISC_ARGV0,
		.keep_file = e->spec.flags & MISC_OPEN,
		.keep_cred = e->spec.flags & MISC_CRED,
	};
	if (e->file)
		r = reopen(e, &how.file);
	if (!r)
		r = exec_interpret_as(b, &how);
	misc_entry_put(e);
	return r;
}
