/* SPDX-License-Identifier: MIT */
/*
 * sysfuzz_args.c - arguments of fuzzed calls.
 *
 * Most are almost right, as an argument that is refused at the first check
 * reaches little code: descriptors that are open, paths that exist, pointers
 * into an arena filled with words that look like descriptors, lengths, flags
 * and pointers into the arena, so that they do as structures and vectors.  The
 * arena ends where nothing is mapped.  One in a few is wrong on purpose.  The
 * arena is a file, mapped a second time where nothing disturbs it: there it is
 * written and looked at.
 *
 * No word that a worker makes looks like a kernel address or like the poison
 * of a debug kernel's free memory; one that turns up in the arena after a call
 * came out of the kernel (leak_find).  Only in workers whose pointers are all
 * aligned: elsewhere two results overlap, and halves of them make anything.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "sysfuzz.h"

char *arena;
int arena_fd;
static char *view;		/* the arena as we touch it */
#define VIEW(p) (view + ((char *)(p) - arena))
int args_aligned;
struct range kernel_image;

static const char *const paths[] = {
	"a", "b", "c", "d", "d/f", "d/g", "d/../a", "./d/./f", "l", "loop",
	"fifo", "sock", "", ".", "..", "/", "//", "d/", "a/", "missing",
	"missing/x", "/dev/null", "/dev/zero", "/dev/full", "/dev/random",
	"/dev/urandom", "/dev/ptmx", "/dev/tty", "/dev/shm", "/dev/pts",
	"/dev/pts/0", "/dev/mem", "/dev/tty1", "/dev/loop0",
	"/proc/self", "/proc/self/maps", "/proc/self/smaps",
	"/proc/self/mem", "/proc/self/exe", "/proc/self/cwd/a",
	"/proc/self/fd", "/proc/self/fd/3", "/proc/self/fd/4",
	"/proc/self/task", "/proc/self/status", "/proc/self/stat",
	"/proc/self/environ", "/proc/self/auxv", "/proc/self/mountinfo",
	"/proc/self/oom_score_adj", "/proc/self/fdinfo/4",
	"/proc/self/pagemap", "/proc/self/ns/mnt", "/proc/self/wchan",
	"/proc/self/timers", "/proc/self/comm", "/proc/self/limits",
	"/proc/self/cgroup", "/proc/self/syscall", "/proc/self/io",
	"/proc/meminfo", "/proc/stat", "/proc/interrupts", "/proc/cpuinfo",
	"/proc/mounts", "/proc/kallsyms", "/proc/slabinfo", "/proc/vmstat",
	"/proc/net/unix", "/proc/sysvipc/shm", "/proc/1/maps", "/proc/1/fd",
	"/proc/sys/kernel/hostname", "/sys", "/sys/class",
	"/sys/devices/system/cpu/online", "/sys/class/tty/tty0/dev",
	"/init", "/etc",
};
#define NPATHS (sizeof(paths) / sizeof(paths[0]))
static char longname[4200];

static const char *const strings[] = {
	"", "a", "tmpfs", "proc", "sysfs", "devpts", "overlay", "mqueue",
	"cgroup2", "user.x", "trusted.x", "security.capability",
	"system.posix_acl_access", "size=1m", "mode=700", "lowerdir=a",
	"/name", "source", "none", "%s%n",
};
#define NSTRINGS (sizeof(strings) / sizeof(strings[0]))

static const unsigned tty_ioctls[] = {
	0x5401, 0x5402, 0x5403, 0x5405, 0x5409, 0x540b, 0x540e, 0x540f,
	0x5410, 0x5411, 0x5413, 0x5414, 0x541b, 0x5420, 0x5421, 0x5422,
	0x5423, 0x5428, 0x5429, 0x542a, 0x5450, 0x5451, 0x5452, 0x5460,
	0x80045430, 0x40045431, 0x5441, 0x80045432, 0x4b30, 0x4b33, 0x4b3a,
	0x4b44, 0x4b46, 0x4b60, 0x4b61, 0x4b66, 0x4b69, 0x4b72, 0x5600,
	0x5601, 0x5603, 0x5606, 0x5607, 0x5608, 0x560a, 0x80086601,
	0x40086602, 0x8004b70e, 0xb701, 0xb703, 0x5207, 0x80045200,
	0x660b, 0xc0206911, 0x8901, 0x8904, 0x8910, 0x8912, 0x8913, 0x8927,
};

static const uint64_t edges[] = {
	0, 1, 2, 3, 7, 8, 15, 16, 63, 64, 127, 255, 256, 511, 512, 1023,
	1024, 4095, 4096, 4097, 8192, 65535, 65536, 0x7fffffff, 0x80000000,
	0xffffffff, 0x100000000, 0x7fffffffffff, 0x7fffffffffffffff,
	0x8000000000000000, (uint64_t)-1, (uint64_t)-2, (uint64_t)-100,
	(uint64_t)-4096, 0x7ffffffff000, 0x800000000000,
};
#define NEDGES (sizeof(edges) / sizeof(edges[0]))
/* these two are in the kernel's half; leak_find knows them */
#define KBAD1 0xffff888000100000ul
#define KBAD2 0xffffffff80200000ul

static uint64_t
edge(void)
{
	return edges[below(NEDGES)];
}

static uint64_t
bits(void)
{
	uint64_t v = 0;

	for (int n = (int)below(4); n >= 0; n--)
		v |= 1ull << below(one_in(8) ? 63 : 32);
	return v;
}

static uint64_t
number(void)
{
	switch (below(12)) {
	case 0:	return edge();
	case 1:	return bits();
	case 2:	return rnd() >> (17 + below(40));
	case 3:	return -(uint64_t)below(4200);
	case 4: case 5:
		return below(below(4) ? 16 : 80);
	default: return below(3);
	}
}

static char *
pointer(void)
{
	uint64_t at = below(ARENA_SIZE);

	if (one_in(3))
		at &= ~(PAGE - 1ul);
	else if (args_aligned || !one_in(4))
		at &= ~7ul;
	if (one_in(16))		/* across the end */
		at = ARENA_SIZE - (below(64) & (args_aligned ? ~7 : ~0));
	return arena + at;
}

static void
fill_words(char *at, size_t n)
{
	for (size_t i = 0; i + 8 <= n; i += 8) {
		uint64_t v;

		switch (below(8)) {
		case 0: case 1:	v = 0; break;
		case 2:	v = number(); break;
		case 3:	v = below(24) | below(24) << 32; break;
		case 4:	v = (uint64_t)pointer(); break;
		case 5:	v = below(512); break;
		case 6:	v = bits(); break;
		default: v = rnd() >> 1 & 0x7ffffffffffffffful; break;
		}
		/* nor halves from which misplaced ones could be made */
		if (v >> 47 == 0x1ffff &&
		    (args_aligned || v < (uint64_t)-65536))
			v &= 0xffffffff;
		memcpy(VIEW(at + i), &v, 8);
	}
}

void
arena_fill(void)
{
	char *at = pointer();
	size_t n = 64 + below(1024);

	at = (char *)((uint64_t)at & ~7ul);
	if (n > (size_t)(arena + ARENA_SIZE - at))
		n = arena + ARENA_SIZE - at;
	fill_words(at, n);
}

static long
a_path(void)
{
	char *p;
	const char *s;

	if (one_in(12))
		return arg_make(K_ptr, NULL, 0);
	s = one_in(40) ? longname : one_in(3) ? paths[below(20)] :
		paths[below(NPATHS)];
	p = arena + below(ARENA_SIZE - sizeof(longname));
	strcpy(VIEW(p), s);
	if (s == longname && one_in(2))
		VIEW(p)[below(2) ? 255 : 256] = 0;
	return (long)p;
}

static long
an_int(const struct call *c)
{
	if (c && (c->nr == 16) && !one_in(4))		/* ioctl */
		return tty_ioctls[below(sizeof(tty_ioctls) / 4)];
	if (c && c->nr == 202 && one_in(2))		/* futex */
		return below(14) | below(4) << 7;
	return (long)number();
}

long
arg_make(enum kind k, const struct call *c, int i)
{
	static const int off_top[] = { 0, 1, 2, 4, 8, 0x100, 0x1000, 0x2000 };

	(void)i;
	if (one_in(50))
		return (long)(one_in(4) ? KBAD1 : one_in(3) ? KBAD2 : edge());
	switch (k) {
	case K_fd:
		return one_in(20) ? -100 : (long)below(24);
	case K_path:
		return a_path();
	case K_str: {
		char *p = pointer();
		const char *s = strings[below(NSTRINGS)];

		if (p > arena + ARENA_SIZE - 64)
			return (long)p;
		strcpy(VIEW(p), s);
		return (long)p;
	}
	case K_ptr: case K_sigset: case K_buf: case K_wbuf:
		return one_in(6) ? 0 : one_in(24) ? (long)edge() :
			(long)pointer();
	case K_size:
		return one_in(4) ? (long)edge() : (long)below(2 * PAGE);
	case K_off:
		return one_in(3) ? (long)edge() : (long)below(4 * PAGE);
	case K_mode:
		return below(4) ? (long)below(010000) : (long)bits();
	case K_sig:
		return one_in(8) ? (long)edge() : (long)below(66);
	case K_pid:
		switch (below(6)) {
		case 0: return 0;
		case 1: return getpid();
		case 2: return syscall(186);
		case 3: return getpid() + below(5) - 2 > 1 ?
			(long)(getpid() + below(5) - 2) : 0;
		case 4: return -(long)getpid();
		default: return 2 + below(200);
		}
	case K_oflags:
		return below(3) | (one_in(2) ? O_CREAT : 0) | O_NONBLOCK |
			(one_in(2) ? (long)(bits() & 0x7fffff) : 0);
	case K_prot:
		return one_in(8) ? (long)bits() : (long)below(8);
	case K_mapflags:
		return (1 + below(2)) | (one_in(2) ? 0x20 : 0) |
			(one_in(4) ? (long)(bits() & 0x1ffff0) : 0);
	case K_cloneflags:
		return one_in(2) ? 17 : (long)(bits() | below(32));
	case K_atflags:
		return one_in(2) ? 0 : off_top[below(8)];
	case K_whence:
		return below(7);
	case K_waitopts:
		return one_in(4) ? (long)bits() : (long)below(16);
	default:
		return an_int(c);
	}
}

static int
kernel_word(uint64_t v)
{
	if (v == KBAD1 || v == KBAD2)
		return 0;
	/* poison of free pages and of free objects in debug kernels */
	if (v == 0xaaaaaaaaaaaaaaaaul || v == 0x6b6b6b6b6b6b6b6bul)
		return 1;
	return (v >> 30 == 0xffff888000000000ul >> 30) ||
		(v >> 36 == 0xffffc90000000000ul >> 36) ||
		(v >> 28 == 0xffffea0000000000ul >> 28) ||
		(v >= kernel_image.from && v < kernel_image.to);
}

uint64_t
leak_find(const char *p, const char *end, long *offset)
{
	for (; p + 8 <= end; p += 8) {
		uint64_t v;

		memcpy(&v, VIEW(p), 8);
		if (kernel_word(v)) {
			*offset = p - arena;
			return v;
		}
	}
	return 0;
}

void
args_init(int index)
{
	void *at = (void *)(0x100000000ul + index * 0x10000000ul);

	args_aligned = index >> 1 & 1;
	memset(longname, 'n', sizeof(longname) - 1);
	arena_fd = open("arena", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (arena_fd < 0 || ftruncate(arena_fd, ARENA_SIZE) < 0)
		_exit(3);
	arena_fd = fcntl(arena_fd, F_DUPFD, 100);
	arena = mmap(at, ARENA_SIZE, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_FIXED, arena_fd, 0);
	view = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		    arena_fd, 0);
	if (arena == MAP_FAILED || view == MAP_FAILED)
		_exit(3);
	fill_words(arena, ARENA_SIZE);
}
