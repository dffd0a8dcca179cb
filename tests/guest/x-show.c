/* SPDX-License-Identifier: MIT */
/* x-show - what a freshly executed program finds; run by other programs.
 * x-show WHAT...: args env auxv fds sig ids limits name=comm exit=N */
#include "gt.h"
#include <elf.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

extern char **environ;

static void
show_auxv(void)
{
	const unsigned long types[] = { AT_PHDR, AT_PHENT, AT_PHNUM, AT_PAGESZ,
		AT_BASE, AT_FLAGS, AT_ENTRY, AT_UID, AT_EUID, AT_GID, AT_EGID,
		AT_SECURE, AT_CLKTCK, AT_RANDOM, AT_EXECFN, AT_PLATFORM,
		AT_SYSINFO_EHDR, AT_HWCAP };
	const char *names[] = { "PHDR", "PHENT", "PHNUM", "PAGESZ", "BASE",
		"FLAGS", "ENTRY", "UID", "EUID", "GID", "EGID", "SECURE",
		"CLKTCK", "RANDOM", "EXECFN", "PLATFORM", "SYSINFO_EHDR",
		"HWCAP" };

	for (unsigned i = 0; i < NELEM(types); i++) {
		unsigned long v = getauxval(types[i]);

		switch (types[i]) {
		case AT_PHDR: case AT_ENTRY: case AT_SYSINFO_EHDR:
		case AT_HWCAP: case AT_RANDOM:
			out("AT_%s set: %s", names[i], v ? "yes" : "no");
			break;
		case AT_EXECFN: case AT_PLATFORM:
			out("AT_%s: %s", names[i], v ? (char *)v : "(null)");
			break;
		default:
			out("AT_%s: %lu", names[i], v);
		}
	}
	out("stack aligned at argv: %s",
	    ((uintptr_t)&((char **)environ)[-1] & 7) ? "no" : "yes");
}

static void
show_fds(void)
{
	for (int i = 0; i < 64; i++) {
		int f = fcntl(i, F_GETFD);

		if (f >= 0)
			out("fd %d open, cloexec %d", i, f);
	}
}

static void
show_sig(void)
{
	uint64_t m = sigmask_get();

	out("mask: %#llx", (unsigned long long)m);
	out("pending: %#llx", (unsigned long long)sigs_pending());
	for (int s = 1; s <= 64; s++) {
		struct gt_ksa a;

		if (syscall(SYS_rt_sigaction, s, (void *)0, &a, 8) < 0)
			out("sigaction %s: %s", gt_sig(s), gt_errno(errno));
		else if (a.handler)
			out("sig %s: %s flags %#lx", gt_sig(s),
			    a.handler == GT_IGN ? "ignored" : "caught",
			    a.flags & ~GT_RESTORER);
	}
	stack_t ss;

	sigaltstack(NULL, &ss);
	out("altstack disabled: %s", ss.ss_flags & SS_DISABLE ? "yes" : "no");
}

int
main(int argc, char **argv)
{
	int code = 0;

	for (int i = 1; i < argc; i++) {
		const char *w = argv[i];

		if (!strcmp(w, "args")) {
			out("argc: %d", argc);
			for (int j = 0; j < argc; j++)
				out("argv[%d]: %s", j, argv[j]);
			out("argv[argc] null: %s", argv[argc] ? "no" : "yes");
		} else if (!strcmp(w, "env")) {
			for (char **p = environ; *p; p++)
				out("env: %s", *p);
		} else if (!strcmp(w, "auxv")) {
			show_auxv();
		} else if (!strcmp(w, "fds")) {
			show_fds();
		} else if (!strcmp(w, "sig")) {
			show_sig();
		} else if (!strcmp(w, "ids")) {
			uid_t r, e, s;

			getresuid(&r, &e, &s);
			out("uids: %d %d %d", r, e, s);
			getresgid(&r, &e, &s);
			out("gids: %d %d %d", r, e, s);
		} else if (!strcmp(w, "comm")) {
			char b[17] = "";

			prctl(PR_GET_NAME, b);
			out("comm: %s", b);
		} else if (!strcmp(w, "exe")) {
			char b[512];
			ssize_t n = readlink("/proc/self/exe", b, 511);

			b[n > 0 ? n : 0] = 0;
			out("exe: %s", b);
		} else if (!strcmp(w, "cmdline")) {
			char b[512];
			ssize_t n = get_file("/proc/self/cmdline", b, 512);

			for (ssize_t k = 0; k < n; k++)
				if (!b[k])
					b[k] = '|';
			out("cmdline: %s", b);
		} else if (!strncmp(w, "exit=", 5)) {
			code = atoi(w + 5);
		} else if (!strcmp(w, "count")) {
			size_t n = 0;

			for (char **p = argv; *p; p++)
				n += strlen(*p) + 1;
			out("count: %d args %zu bytes", argc, n);
		}
	}
	if (argc == 0)
		out("argc 0");
	return code;
}
