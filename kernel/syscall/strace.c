/* SPDX-License-Identifier: MIT */
/*
 * log=syscall=trace: each call as strace(1) prints it, from the one table of
 * system calls.
 *
 * A line is made when the call returns, because output buffers are known only
 * then; calls that do not return (exit) are printed on entry. User memory is
 * read with the nofault copies: tracing must not change what the program's
 * pages do, so a string that is not present prints as its address.
 */
#include <abi/errno.h>
#include <abi/fcntl.h>
#include <abi/mman.h>
#include <abi/wait.h>
#include <core/log.h>
#include <lib/ctype.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/uaccess.h>
#include <proc/proc.h>
#include <syscall/syscall.h>
#include <task/task.h>

#define STR_MAX	32

static const struct syscall_desc descs[] = {
#include "gen/strace.h"
};

const struct syscall_desc *
syscall_describe(u64 nr)
{
	return nr < ARRAY_SIZE(descs) && descs[nr].name ? &descs[nr] : NULL;
}

struct out { char buf[512]; size_t len; };

static void __printf(2, 3)
emit(struct out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	o->len += vscnprintf(o->buf + o->len, sizeof(o->buf) - o->len, fmt, ap);
	va_end(ap);
}

struct flag { u64 bit; const char *name; };

static const struct flag oflag_names[] = {
	{ O_CREAT, "O_CREAT" }, { O_EXCL, "O_EXCL" }, { O_NOCTTY, "O_NOCTTY" },
	{ O_TRUNC, "O_TRUNC" }, { O_APPEND, "O_APPEND" },
	{ O_NONBLOCK, "O_NONBLOCK" }, { O_DIRECTORY, "O_DIRECTORY" },
	{ O_NOFOLLOW, "O_NOFOLLOW" }, { O_CLOEXEC, "O_CLOEXEC" },
	{ O_PATH, "O_PATH" }, { O_LARGEFILE, "O_LARGEFILE" }, { 0, NULL }
};
static const struct flag prot_names[] = {
	{ PROT_READ, "PROT_READ" }, { PROT_WRITE, "PROT_WRITE" },
	{ PROT_EXEC, "PROT_EXEC" }, { 0, NULL }
};
static const struct flag map_names[] = {
	{ MAP_SHARED, "MAP_SHARED" }, { MAP_PRIVATE, "MAP_PRIVATE" },
	{ MAP_FIXED, "MAP_FIXED" }, { MAP_ANONYMOUS, "MAP_ANONYMOUS" },
	{ MAP_NORESERVE, "MAP_NORESERVE" }, { MAP_STACK, "MAP_STACK" },
	{ MAP_DENYWRITE, "MAP_DENYWRITE" }, { MAP_POPULATE, "MAP_POPULATE" },
	{ MAP_FIXED_NOREPLACE, "MAP_FIXED_NOREPLACE" }, { 0, NULL }
};
static const struct flag clone_names[] = {
	{ CLONE_VM, "CLONE_VM" }, { CLONE_FS, "CLONE_FS" },
	{ CLONE_FILES, "CLONE_FILES" }, { CLONE_SIGHAND, "CLONE_SIGHAND" },
	{ CLONE_VFORK, "CLONE_VFORK" }, { CLONE_PARENT, "CLONE_PARENT" },
	{ CLONE_THREAD, "CLONE_THREAD" }, { CLONE_SYSVSEM, "CLONE_SYSVSEM" },
	{ CLONE_SETTLS, "CLONE_SETTLS" },
	{ CLONE_PARENT_SETTID, "CLONE_PARENT_SETTID" },
	{ CLONE_CHILD_CLEARTID, "CLONE_CHILD_CLEARTID" },
	{ CLONE_CHILD_SETTID, "CLONE_CHILD_SETTID" },
	{ 17, "SIGCHLD" }, { 0, NULL }
};
static const struct flag at_names[] = {
	{ AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW" },
	{ AT_REMOVEDIR, "AT_REMOVEDIR" },
	{ AT_SYMLINK_FOLLOW, "AT_SYMLINK_FOLLOW" },
	{ AT_EMPTY_PATH, "AT_EMPTY_PATH" }, { 0, NULL }
};
static const struct flag wait_names[] = {
	{ WNOHANG, "WNOHANG" }, { WSTOPPED, "WSTOPPED" },
	{ WEXITED, "WEXITED" }, { WCONTINUED, "WCONTINUED" },
	{ WNOWAIT, "WNOWAIT" }, { 0, NULL }
};
static const char *const sig_names[] = {
	"0", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT",
	"SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2",
	"SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT",
	"SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU",
	"SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR",
	"SIGSYS",
};

static void
emit_flags(struct out *o, u64 v, const struct flag *f, const char *first)
{
	const char *sep = "";

	if (first) {
		emit(o, "%s", first);
		sep = "|";
	}
	for (; f->name; f++)
		if ((v & f->bit) == f->bit) {
			emit(o, "%s%s", sep, f->name);
			sep = "|";
			v &= ~f->bit;
		}
	if (v || (!*sep && !first))
		emit(o, v ? "%s0x%lx" : "%s0", sep, v);
}

static void
emit_bytes(struct out *o, u64 addr, size_t n, bool string)
{
	char tmp[STR_MAX];
	size_t want = min(n, sizeof(tmp));
	bool cut = n > sizeof(tmp);

	/* at most to the end of the page: the next one may be missing */
	want = min_t(size_t, want, PAGE_SIZE - (addr & (PAGE_SIZE - 1)));
	if (copyin_nofault(tmp, (const void __user *)addr, want)) {
		emit(o, addr ? "0x%lx" : "NULL", addr);
		return;
	}
	emit(o, "\"");
	for (size_t i = 0; i < want; i++) {
		u8 c = tmp[i];

		if (string && !c) {
			cut = false;
			break;
		}
		if (c == '"' || c == '\\')
			emit(o, "\\%c", c);
		else if (c == '\n')
			emit(o, "\\n");
		else if (c == '\t')
			emit(o, "\\t");
		else if (c == '\r')
			emit(o, "\\r");
		else if (c >= 32 && c < 127)
			emit(o, "%c", c);
		else
			emit(o, "\\%o", c);
	}
	emit(o, cut ? "\"..." : "\"");
}

static void
emit_sigset(struct out *o, u64 addr)
{
	u64 set;
	const char *sep = "";

	if (!addr || copyin_nofault(&set, (void __user *)addr, 8)) {
		emit(o, addr ? "0x%lx" : "NULL", addr);
		return;
	}
	emit(o, "[");
	for (int s = 1; s <= NSIG; s++) {
		if (!(set & sigmask(s)))
			continue;
		if (s < SIGRTMIN)
			emit(o, "%s%s", sep, sig_names[s] + 3);
		else
			emit(o, "%sRT_%d", sep, s - SIGRTMIN);
		sep = " ";
	}
	emit(o, "]");
}

static void
emit_arg(struct out *o, int kind, const u64 *args, int i, long result)
{
	u64 v = args[i];
	static const char *const whence[] = { "SEEK_SET", "SEEK_CUR",
		"SEEK_END", "SEEK_DATA", "SEEK_HOLE" };
	static const char *const acc[] = { "O_RDONLY", "O_WRONLY", "O_RDWR",
		"O_ACCMODE" };

	switch (kind) {
	case ARG_FD:
		if ((s32)v == AT_FDCWD) {
			emit(o, "AT_FDCWD");
			break;
		}
		__fallthrough;
	case ARG_INT:
	case ARG_PID:
		emit(o, "%d", (s32)v);
		break;
	case ARG_UINT:
		emit(o, "%u", (u32)v);
		break;
	case ARG_HEX:
		emit(o, "0x%lx", v);
		break;
	case ARG_LONG:
	case ARG_OFF:
		emit(o, "%ld", (s64)v);
		break;
	case ARG_SIZE:
		emit(o, "%lu", v);
		break;
	case ARG_MODE:
		emit(o, "0%o", (u32)v & 0177777);
		break;
	case ARG_PATH:
	case ARG_STR:
		emit_bytes(o, v, 4096, true);
		break;
	case ARG_BUF:
		if (result >= 0)
			emit_bytes(o, v, result, false);
		else
			emit(o, v ? "0x%lx" : "NULL", v);
		break;
	case ARG_WBUF:
		emit_bytes(o, v, args[i + 1], false);
		break;
	case ARG_SIG:
		if (v < ARRAY_SIZE(sig_names))
			emit(o, "%s", sig_names[v]);
		else
			emit(o, "%d", (s32)v);
		break;
	case ARG_OFLAGS:
		emit_flags(o, v & ~3UL, oflag_names, acc[v & 3]);
		break;
	case ARG_PROT:
		if (v)
			emit_flags(o, v, prot_names, NULL);
		else
			emit(o, "PROT_NONE");
		break;
	case ARG_MAPFLAGS:
		emit_flags(o, v, map_names, NULL);
		break;
	case ARG_CLONEFLAGS:
		emit_flags(o, v, clone_names, NULL);
		break;
	case ARG_ATFLAGS:
		emit_flags(o, (u32)v, at_names, NULL);
		break;
	case ARG_WAITOPTS:
		emit_flags(o, (u32)v, wait_names, NULL);
		break;
	case ARG_WHENCE:
		if (v < ARRAY_SIZE(whence))
			emit(o, "%s", whence[v]);
		else
			emit(o, "%d", (s32)v);
		break;
	case ARG_SIGSET:
		emit_sigset(o, v);
		break;
	default:
		emit(o, v ? "0x%lx" : "NULL", v);
	}
}

static void
emit_call(struct out *o, u64 nr, const u64 *args, long result)
{
	const struct syscall_desc *d = syscall_describe(nr);
	int n = d ? d->nr_args : 6;

	emit(o, "[%d] ", pid_nr(current->pid));
	if (d)
		emit(o, "%s(", d->name);
	else
		emit(o, "syscall_0x%lx(", nr);
	for (int i = 0; i < n; i++) {
		if (i)
			emit(o, ", ");
		emit_arg(o, d ? d->kind[i] : ARG_HEX, args, i, result);
	}
	emit(o, ")");
}

void
strace_enter(u64 nr, const u64 args[6])
{
	struct out o;

	/* those that do not come back, or come back as another program */
	if (nr != 60 && nr != 231 && nr != 59 && nr != 322)
		return;
	o.len = 0;
	emit_call(&o, nr, args, 0);
	log_trace(syscall, "%s%s", o.buf, nr == 59 || nr == 322 ? "" : " = ?");
}

void
strace_exit(u64 nr, const u64 args[6], long result)
{
	struct out o;

	if (nr == 15)
		return;
	o.len = 0;
	if (nr == 59 || nr == 322)
		emit(&o, "[%d] execve resumed", pid_nr(current->pid));
	else
		emit_call(&o, nr, args, result);
	if (result < 0 && result >= -4095) {
		const char *e = errno_name(-result);

		if (e)
			emit(&o, " = %s %s", result <= -ERESTARTSYS ?
			     "?" : "-1", e);
		else
			emit(&o, " = %ld", result);
	} else if (nr == 9 || nr == 12 || nr == 25) {
		emit(&o, " = 0x%lx", (u64)result);
	} else {
		emit(&o, " = %ld", result);
	}
	log_trace(syscall, "%s", o.buf);
}
