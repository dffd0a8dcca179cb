/* SPDX-License-Identifier: MIT */
/*
 * Program loading: what execve(2) hands to a binary format, and the pure ELF
 * parser.
 */
#ifndef PROC_EXEC_H
#define PROC_EXEC_H

#include <abi/elf.h>
#include <lib/set.h>
#include <lib/types.h>

struct cred;
struct file;
struct mm;
struct page;

#define EXEC_BUF_SIZE	256	/* bytes of the file a format decides on */
#define EXEC_MAX_NEST	5	/* interpreters of interpreters */

/*
 * Strings copied from the caller: NUL-terminated, one after the other in
 * pages of ours.
 */
struct exec_strings {
	struct page **pages;		/* owned array of owned pages */
	u32 nr_pages, cap_pages;
	size_t len;			/* bytes in use */
	u32 count;
};

#define EXEC_MAX_PREFIX	(3 * (EXEC_MAX_NEST + 1))

struct exec_bin {
	struct file *file;		/* counted; replaced by scripts */
	char buf[EXEC_BUF_SIZE];	/* its first bytes, zero filled */
	struct exec_strings args, envs;
	size_t args_skip;		/* bytes of args: a script dropped argv[0] */
	/* what scripts put before the arguments; owned strings */
	char *prefix[EXEC_MAX_PREFIX];
	u32 nr_prefix;
	char *filename;			/* AT_EXECFN: as execve was given */
	char *interp;			/* path now being loaded (for scripts) */
	struct cred *cred;		/* private: what the program will have */
	bool secure;			/* AT_SECURE */
	bool path_inaccessible;		/* fexecve of a close-on-exec fd */
	struct mm *mm;			/* new address space */
	/* of binfmt_misc, what it runs for: */
	struct file *executable;	/* counted: gets a descriptor, or NULL */
	bool executable_cred;		/* credentials are made of it */
	bool argv0_kept;		/* said by AT_FLAGS */
	u32 execfd_aux;			/* where in the auxiliary vector */
	vaddr_t execfd_at;
	u32 depth;
	bool no_return;			/* other threads were ended */
	/* results for the new user state */
	vaddr_t entry, sp;
};

/*
 * A binary format. load: 0 done; -ENOEXEC not mine; 1 the file was replaced
 * by its interpreter, look again; other errors end execve.
 */
struct binfmt {
	const char *name;
	int (*load)(struct exec_bin *b);
};
/* SET_ADD(binfmt, elf_fmt) */

/* ---- for formats ---- */
/*
 * exec_commit - the point of no return: other threads end, b->mm becomes the
 * current address space. When it fails with b->no_return set, the other
 * threads are gone and the caller of execve must die.
 */
int exec_commit(struct exec_bin *b);
/* exec_interpret - b->file becomes path; argv[0] is replaced by path, arg. */
int exec_interpret(struct exec_bin *b, const char *path, const char *arg);
/* the same as how says; file NULL: open path, else consumed */
struct exec_how {
	const char *path, *arg;
	struct file *file;
	bool keep_argv0;	/* goes behind path and the old name */
	bool keep_file;		/* the new program gets it as AT_EXECFD */
	bool keep_cred;		/* with keep_file: set-id bits count */
};
int exec_interpret_as(struct exec_bin *b, const struct exec_how *how);
/* exec_put_fd - b->executable becomes a descriptor; kills when it cannot. */
void exec_put_fd(struct exec_bin *b);
/* binfmt_misc_load - as binfmt.load, for what is registered at run time. */
int binfmt_misc_load(struct exec_bin *b);
/* exec_open - open path for execution: rights, writers denied. */
int exec_open(const char *path, struct file **out);
void exec_close(struct file *f);	/* undoes exec_open */
/* exec_argc - arguments the new program will have. */
u32 exec_argc(const struct exec_bin *b);
/*
 * exec_put_strings - write all strings of b below address top in b->mm.
 * Returns their lowest address, or 0 on failure; sets arg and env bounds.
 */
vaddr_t exec_put_strings(struct exec_bin *b, vaddr_t top);

/* ---- pure ELF ---- */
#define ELF_MAX_PHNUM	((64 * 1024) / sizeof(struct elf64_phdr))
struct elf_image {
	const struct elf64_phdr *ph;	/* phnum entries */
	u16 phnum;
	bool dyn;			/* ET_DYN */
	u64 entry;			/* unrelocated */
	u64 vaddr_min, vaddr_end;	/* of PT_LOADs, page rounded */
	u64 align;			/* largest p_align, a power of two */
	u64 phdr_vaddr;			/* where PT_LOAD puts the headers, or 0 */
	const struct elf64_phdr *interp;
	u32 stack_flags;		/* PF_* of PT_GNU_STACK */
	bool has_gnu_stack;
};
/* elf_check_header - 0, -ENOEXEC (not ours to run), -EINVAL. Pure. */
int elf_check_header(const struct elf64_ehdr *eh);
/* elf_parse - check phnum program headers and sum them up. Pure. */
int elf_parse(const struct elf64_ehdr *eh, const struct elf64_phdr *ph,
	      struct elf_image *out);

#endif
