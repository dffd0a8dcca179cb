/* SPDX-License-Identifier: MIT */
/*
 * The kernel command line, read as Linux does (bootparam(7)).
 *
 * Words are separated by white space. A word is `name` or `name=value`;
 * double quotes around the value or the whole word keep white space in it and
 * are removed there (nowhere else). In names - and _ are the same. A word
 * `--` ends the kernel's words: what follows belongs to init.
 *
 * Who wants a parameter registers it:
 *
 *	static int
 *	panic_param(const char *value)
 *	{
 *		return kstrtos32(value ? value : "0", 0, &panic_timeout);
 *	}
 *	KPARAM("panic", panic_param);
 *
 * value is NULL for a bare word, else a string that stays for ever.
 * Non-zero return: warned about and otherwise ignored. A word that occurs
 * several times calls the function each time, in order; several functions may
 * share a name. Context of the calls: E, before memory is set up.
 */
#ifndef BOOT_CMDLINE_H
#define BOOT_CMDLINE_H

#include <lib/set.h>
#include <lib/types.h>

struct kparam {
	const char *name;
	int (*fn)(const char *value);
};

#define KPARAM(word, func) \
	static const struct kparam CONCAT(kparam_, func) = \
		{ .name = (word), .fn = (func) }; \
	SET_ADD(kparam, CONCAT(kparam_, func))

/* One word, slices of the line it was read from. */
struct cmdline_word {
	const char *name;
	size_t name_len;
	const char *value;	/* NULL without '=' */
	size_t value_len;
};

/*
 * cmdline_next - read the word at or after p.
 * Returns where to go on, or NULL when there was none. The caller sees `--`
 * as a word of that name. Context: any; pure.
 */
const char *cmdline_next(const char *p, struct cmdline_word *w);

/* cmdline_name_is - does w's name equal name, - and _ alike? */
bool cmdline_name_is(const struct cmdline_word *w, const char *name);

/*
 * cmdline_get - value of the last `name=` before any `--`.
 * @buf: gets it, cut to size - 1 bytes, with a NUL; "" for a bare word.
 * Returns its full length or -ENOENT. Context: any; pure.
 */
ssize_t cmdline_get(const char *cmdline, const char *name, char *buf,
		    size_t size);
/* cmdline_has - does the word occur, with or without value? */
bool cmdline_has(const char *cmdline, const char *name);

#define CMDLINE_INIT_ARGS	32
#define CMDLINE_INIT_ENVS	32

/*
 * What init gets, as NULL-terminated vectors. argv_init[0] is for the caller
 * to set to the program; envp_init starts with HOME=/ and TERM=linux.
 */
extern const char *argv_init[CMDLINE_INIT_ARGS + 2];
extern const char *envp_init[CMDLINE_INIT_ENVS + 2];

/*
 * cmdline_parse - call the registered functions and collect the rest.
 * @report: told of each malformed or surplus word; may be NULL.
 * Unknown words: `a.b` and `a.b=c` are dropped (module parameters), `foo=bar`
 * goes to the environment (replacing an earlier foo), `foo` to the arguments.
 * Context: E, once.
 */
void cmdline_parse(const char *cmdline,
		   void (*report)(const char *word, int error));
/* cmdline_forget_args - `init=` was seen: drop the arguments before it. */
void cmdline_forget_args(void);

#endif
