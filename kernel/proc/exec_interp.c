/* SPDX-License-Identifier: MIT */
/*
 * A program that another one runs: scripts and what binfmt_misc knows. The
 * file is replaced by its interpreter, whose arguments are its own name, one
 * word of its own, the name of the file, and the arguments of before.
 *
 * The interpreter may be given the file as a descriptor, AT_EXECFD: its number
 * is known only when close-on-exec descriptors are gone, which is after the
 * stack was made, so it is written there last.
 */
#include <abi/errno.h>
#include <abi/signal.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <proc/exec.h>
#include <task/local.h>
#include <task/signal.h>
#include <task/task.h>
#include <vfs/file.h>

/* bytes of the first argument with its NUL; it may be longer than a page */
static size_t
first_arg(const struct exec_strings *s)
{
	size_t n = 0;

	for (u32 i = 0; i < s->nr_pages; i++) {
		size_t l = strnlen(page_to_virt(s->pages[i]), PAGE_SIZE);

		n += l;
		if (l < PAGE_SIZE)
			break;
	}
	return n + 1;
}

static void
drop_argv0(struct exec_bin *b)
{
	if (b->nr_prefix) {
		kfree(b->prefix[0]);
		memmove(b->prefix, b->prefix + 1,
			--b->nr_prefix * sizeof(b->prefix[0]));
	} else {
		b->args_skip = first_arg(&b->args);
	}
}

/* b->file goes behind the interpreter. Cannot fail. */
static void
replace_file(struct exec_bin *b, const struct exec_how *h, struct file *f)
{
	if (h->keep_file) {
		b->executable = b->file;
		b->executable_cred = h->keep_cred;
	} else {
		exec_close(b->file);
	}
	b->file = f;
}

int
exec_interpret_as(struct exec_bin *b, const struct exec_how *h)
{
	u32 n = h->arg ? 3 : 2;
	struct file *f = h->file;
	char *add[3], *interp;
	int r = 0;

	if (b->path_inaccessible)
		r = -ENOENT;
	else if (h->keep_file && b->executable)
		r = -ENOEXEC;
	else if (!f)
		r = exec_open(h->path, &f);
	if (r) {
		exec_close(h->file);
		return r;
	}
	add[0] = kstrdup(h->path, GFP_KERNEL);
	add[1] = h->arg ? kstrdup(h->arg, GFP_KERNEL) : NULL;
	add[n - 1] = kstrdup(b->interp, GFP_KERNEL);
	interp = kstrdup(h->path, GFP_KERNEL);
	if (!add[0] || !add[1] || !add[n - 1] || !interp) {
		kfree(add[0]);
		kfree(add[1]);
		if (n == 3)
			kfree(add[2]);
		kfree(interp);
		exec_close(f);
		return -ENOMEM;
	}
	if (h->keep_argv0)
		b->argv0_kept = true;
	else
		drop_argv0(b);
	memmove(b->prefix + n, b->prefix, b->nr_prefix * sizeof(b->prefix[0]));
	memcpy(b->prefix, add, n * sizeof(add[0]));
	b->nr_prefix += n;
	replace_file(b, h, f);
	kfree(b->interp);
	b->interp = interp;
	return 1;
}

int
exec_interpret(struct exec_bin *b, const char *path, const char *arg)
{
	struct exec_how h = { .path = path, .arg = arg };

	return exec_interpret_as(b, &h);
}

void
exec_put_fd(struct exec_bin *b)
{
	static const struct abi_siginfo died = {
		.si_signo = SIGSEGV, .si_code = SI_KERNEL,
	};
	int fd = fd_alloc(0, false);
	u64 v = fd;

	/* there is no program any more that an error could be returned to */
	if (fd < 0 || copyout((void __user *)b->execfd_at, &v, sizeof(v))) {
		if (fd >= 0)
			fd_free(fd);
		signal_force_info(SIGSEGV, &died);
		return;
	}
	current->mm->saved_auxv[b->execfd_aux] = v;
	file_allow_write(b->executable);
	fd_install(fd, b->executable);
	b->executable = NULL;
}
