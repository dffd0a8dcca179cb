/* SPDX-License-Identifier: MIT */
/*
 * sysfuzz.h - what the parts of the system call fuzzer share; see sysfuzz.c.
 */
#ifndef SYSFUZZ_H
#define SYSFUZZ_H

#include <stdint.h>

/* kinds of arguments, as in kernel/syscall/syscalls.tbl */
enum kind {
	K_none, K_fd, K_path, K_str, K_ptr, K_int, K_uint, K_hex, K_long,
	K_size, K_off, K_mode, K_sig, K_pid, K_oflags, K_prot, K_mapflags,
	K_cloneflags, K_atflags, K_whence, K_waitopts, K_sigset, K_buf, K_wbuf,
};

struct call {
	int16_t nr;
	uint8_t kind[6];
	const char *name;
};
extern const struct call calls[];	/* made from syscalls.tbl */
extern const int nr_calls;

#define MAX_WORKERS	64
#define MAX_NR		512

/* What a worker tells the supervisor; one page or more, shared. */
struct slot {
	uint64_t seed;
	volatile uint64_t done;		/* calls made */
	volatile int nr;		/* the call under way */
	long args[6];
};
struct leak {
	volatile int taken;
	int nr;
	uint64_t word;
	long args[6];
	long offset;			/* from the start of the arena */
};
struct board {
	struct slot slot[MAX_WORKERS];
	struct leak leak;		/* the first one found */
	volatile uint32_t good[MAX_NR];	/* calls that succeeded */
	volatile uint32_t tried[MAX_NR];
};

/* The worker's process; does not return. */
_Noreturn void worker(struct board *b, int index, int as_root);

uint64_t rnd(void);			/* of the calling thread */
static inline uint64_t below(uint64_t n) { return rnd() % n; }
static inline int one_in(unsigned n) { return rnd() % n == 0; }
void rnd_seed(uint64_t seed);

/* where the kernel's image is, from /proc/kallsyms */
struct range { uint64_t from, to; };
extern struct range kernel_image;

/* arguments (sysfuzz_args.c) */
#define PAGE		4096
#define ARENA_PAGES	16
#define ARENA_SIZE	(ARENA_PAGES * PAGE)
extern int arena_fd;
extern char *arena;			/* followed by a page without access */
extern int args_aligned;			/* all pointers are, to 8 bytes */
void args_init(int index);
void arena_fill(void);			/* new senseless content */
long arg_make(enum kind k, const struct call *c, int i);
/* a word that user space must never see, in the arena from p on, or 0 */
uint64_t leak_find(const char *p, const char *end, long *offset);

#endif
