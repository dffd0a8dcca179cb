/* SPDX-License-Identifier: MIT */
/* core(5): when there is a core, and what is in it. */
#include "gt.h"

#include <dirent.h>
#include <elf.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/procfs.h>

#define PAGE 4096ul

static unsigned char *marked, *secret, *shared;
static int pipe_fd[2];

static void
limit(unsigned long n)
{
	struct rlimit r = { n, RLIM_INFINITY };

	NEED(setrlimit(RLIMIT_CORE, &r));
}

static void *
sleeper(void *a)
{
	char c = 'x';

	NEED(write(pipe_fd[1], &c, 1));
	for (;;)
		pause();
	return a;
}

static void
prepare(void)
{
	int p = PROT_READ | PROT_WRITE, f = MAP_PRIVATE | MAP_ANONYMOUS;

	marked = mmap(NULL, 4 * PAGE, p, f, -1, 0);
	secret = mmap(NULL, PAGE, p, f, -1, 0);
	shared = mmap(NULL, PAGE, p, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(marked + PAGE, 0x5a, PAGE);
	memset(secret, 0x77, PAGE);
	memset(shared, 0x33, PAGE);
	NEED(madvise(secret, PAGE, MADV_DONTDUMP));
	NEED(pipe(pipe_fd));
}

static void
crash(void)
{
	*(volatile int *)8 = 1;
}

static void
crash_threads(void)
{
	pthread_t t;
	char c;

	limit(RLIM_INFINITY);
	for (int i = 0; i < 3; i++) {
		pthread_create(&t, NULL, sleeper, NULL);
		NEED(read(pipe_fd[0], &c, 1));
	}
	crash();
}

static void crash_none(void) { limit(0); crash(); }
static void crash_small(void) { limit(100); crash(); }
static void crash_cut(void) { limit(3 * PAGE); crash(); }
static void crash_abort(void) { limit(RLIM_INFINITY); abort(); }
static void crash_quit(void) { limit(RLIM_INFINITY); raise(SIGQUIT); }
static void crash_term(void) { limit(RLIM_INFINITY); raise(SIGTERM); }

static void
crash_undumpable(void)
{
	limit(RLIM_INFINITY);
	prctl(PR_SET_DUMPABLE, 0);
	crash();
}

static void
crash_filter(void)
{
	int fd;

	limit(RLIM_INFINITY);
	fd = (int)NEED(open("/proc/self/coredump_filter", O_WRONLY));
	NEED(write(fd, "0", 1));
	crash();
}

/* the name of the core here, if there is one */
static const char *
find_core(void)
{
	static char b[300];
	DIR *d = opendir(".");
	struct dirent *e;

	b[0] = 0;
	while (d && (e = readdir(d)))
		if (!strcmp(e->d_name, "core") ||
		    !strncmp(e->d_name, "core.", 5))
			snprintf(b, sizeof(b), "%s", e->d_name);
	if (d)
		closedir(d);
	return b[0] ? b : NULL;
}

static unsigned char *core;
static size_t core_len;
static Elf64_Ehdr *eh;
static Elf64_Phdr *ph;

static int
load_core(void)
{
	const char *n = find_core();
	struct stat st;
	int fd;

	if (!n)
		return 0;
	fd = open(n, O_RDONLY);
	NEED(fstat(fd, &st));
	core_len = st.st_size;
	out("core mode %o regular %d", st.st_mode & 07777,
	    S_ISREG(st.st_mode));
	core = mmap(NULL, core_len + 1, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	eh = (void *)core;
	ph = (void *)(core + eh->e_phoff);
	unlink(n);
	return 1;
}

/* where address a is in the core: NULL, or its byte; *has: it has a header */
static unsigned char *
in_core(void *a, int *has)
{
	*has = 0;
	for (int i = 0; i < eh->e_phnum; i++) {
		unsigned long off = (unsigned long)a - ph[i].p_vaddr;

		if (ph[i].p_type != PT_LOAD || off >= ph[i].p_memsz)
			continue;
		*has = 1;
		return off < ph[i].p_filesz &&
			ph[i].p_offset + off < core_len ?
			core + ph[i].p_offset + off : NULL;
	}
	return NULL;
}

static void
show_mem(const char *what, void *a)
{
	int has;
	unsigned char *p = in_core(a, &has);

	out("%s: header %d%s", what, has, p ? "" : " not dumped");
	if (p)
		out("  byte %02x", *p);
}

static void
show_note(Elf64_Nhdr *n, const char *name, unsigned char *d)
{
	switch (n->n_type) {
	case NT_PRSTATUS: {
		struct elf_prstatus *s = (void *)d;

		out("%s PRSTATUS %u sig %d fpvalid %d user ip %d", name,
		    n->n_descsz, s->pr_cursig, s->pr_fpvalid,
		    s->pr_reg[16] < 1ul << 47 && s->pr_reg[16] > 4096);
		break;
	}
	case NT_PRPSINFO: {
		struct elf_prpsinfo *s = (void *)d;

		out("%s PRPSINFO %u fname %.16s state %d uid %d args %d", name,
		    n->n_descsz, s->pr_fname, s->pr_state, s->pr_uid,
		    strstr(s->pr_psargs, "coredump") != NULL);
		break;
	}
	case 0x53494749: {
		siginfo_t *s = (void *)d;

		out("%s SIGINFO %u %s code %d addr %ld", name, n->n_descsz,
		    gt_sig(s->si_signo), s->si_code, (long)s->si_addr);
		break;
	}
	case NT_AUXV:
		out("%s AUXV %s", name, n->n_descsz > 128 ? "ok" : "short");
		break;
	case 0x46494c45: {
		uint64_t *f = (void *)d;

		out("%s FILE some %d page %ld name %d", name, f[0] > 0,
		    (long)f[1], strstr((char *)(f + 2 + 3 * f[0]),
				       "coredump") != NULL);
		break;
	}
	case NT_PRFPREG:
		out("%s PRFPREG %u", name, n->n_descsz);
		break;
	case 0x202:		/* the machine's: size and whether there is one */
		break;
	default:
		/* what newer ones add */
		break;
	}
}

static void
show_notes(void)
{
	for (int i = 0; i < eh->e_phnum; i++) {
		unsigned char *p = core + ph[i].p_offset, *end;

		if (ph[i].p_type != PT_NOTE)
			continue;
		end = p + ph[i].p_filesz;
		while (p + sizeof(Elf64_Nhdr) <= end) {
			Elf64_Nhdr *n = (void *)p;
			char *name = (char *)(n + 1);
			unsigned char *d = (unsigned char *)name +
				((n->n_namesz + 3) & ~3u);

			show_note(n, name, d);
			p = d + ((n->n_descsz + 3) & ~3u);
		}
	}
}

static void
show_core(void)
{
	if (!load_core()) {
		out("no core");
		return;
	}
	out("ident %d type %d machine %d phentsize %d notes first %d",
	    !memcmp(core, ELFMAG, 4), eh->e_type, eh->e_machine,
	    eh->e_phentsize, ph[0].p_type == PT_NOTE);
	show_notes();
	show_mem("marked", marked + PAGE);
	show_mem("hole", marked);
	show_mem("secret", secret);
	show_mem("shared", shared);
}

int
main(void)
{
	static const struct { const char *n; void (*fn)(void); } simple[] = {
		{ "no limit, no core", crash_none },
		{ "less than a page", crash_small },
		{ "undumpable", crash_undumpable },
		{ "abort", crash_abort }, { "quit", crash_quit },
		{ "term", crash_term },
	};
	char b[64];

	NEED(chdir("/tmp"));
	for (size_t i = 0; i < NELEM(simple); i++) {
		in_child(simple[i].n, simple[i].fn);
		if (load_core())
			out("  has notes %d", ph[0].p_type == PT_NOTE);
		else
			out("  no core");
	}
	in_child("cut off", crash_cut);
	if (load_core())
		YES(core_len <= 3 * PAGE);
	prepare();		/* children have it at the same addresses */
	in_child("threads", crash_threads);
	get_file("/proc/self/coredump_filter", b, sizeof(b));
	out("filter %s", b);
	show_core();
	in_child("filter 0", crash_filter);
	show_core();
	return 0;
}
