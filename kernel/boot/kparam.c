/* SPDX-License-Identifier: MIT */
/*
 * The command line handed out: registered parameters are called, the rest
 * becomes init's arguments and environment, by the rules of bootparam(7) and
 * Linux's unknown_bootoption().
 *
 * All strings live in one copy of the line, words[], cut in place: a copy
 * never has more bytes than the line, because each word loses at least the
 * white space after it, which its NUL takes. It stays for ever; handlers and
 * init's vectors point into it.
 */
#include <abi/errno.h>
#include <boot/bootinfo.h>
#include <boot/cmdline.h>
#include <lib/string.h>

SET_DECLARE(kparam, const struct kparam);

const char *argv_init[CMDLINE_INIT_ARGS + 2] = { "init" };
const char *envp_init[CMDLINE_INIT_ENVS + 2] = { "HOME=/", "TERM=linux" };

static char words[BOOT_CMDLINE_MAX + 1];

/* Put s at the end of a NULL-terminated vector with room for max. */
static int __init
vector_add(const char **v, unsigned int max, const char *s)
{
	unsigned int i;

	for (i = 0; v[i]; i++)
		;
	if (i >= max)
		return -E2BIG;
	v[i] = s;
	return 0;
}

/* `name=value` in the environment, in the place of an older name if any. */
static int __init
environment_set(const char *word, size_t name_len)
{
	unsigned int i;

	for (i = 0; envp_init[i]; i++) {
		if (!strncmp(envp_init[i], word, name_len + 1)) {
			envp_init[i] = word;
			return 0;
		}
	}
	return vector_add(envp_init, CMDLINE_INIT_ENVS + 1, word);
}

/*
 * Words that somebody looks up in the line by himself, most of them before
 * this (bootinfo, head.S, the EFI stub, memblock, ACPI, the CPU's features).
 */
static const char *const looked_up[] __initdata = {
	"mem", "nokaslr", "initrd", "acpi", "noxsave", "noxsaveopt",
	"nofsgsbase", "nopcid", "nosmep", "nosmap", "noumip", "nox2apic",
	"nordrand", "nogbpages", "no-kvmclock", "no-tsc-deadline",
};

/* Call all that registered the name; were there any? */
static bool __init
call_registered(const struct cmdline_word *w, char *word, const char *value,
		void (*report)(const char *, int))
{
	bool known = false;
	unsigned int i;
	int error;

	for (i = 0; i < ARRAY_SIZE(looked_up); i++)
		known |= cmdline_name_is(w, looked_up[i]);
	SET_FOREACH(kparam, const struct kparam, p) {
		if (!cmdline_name_is(w, (*p)->name))
			continue;
		known = true;
		error = (*p)->fn(value);
		if (error && report)
			report(word, error);
	}
	return known;
}

static int __init
word_to_init(const struct cmdline_word *w, char *word)
{
	if (memchr(word, '.', w->name_len))
		return 0;		/* a module's; we have none to load */
	if (w->value)
		return environment_set(word, w->name_len);
	return vector_add(argv_init, CMDLINE_INIT_ARGS + 1, word);
}

void __init
cmdline_parse(const char *cmdline, void (*report)(const char *, int))
{
	struct cmdline_word w, own;
	bool for_init = false;
	size_t used = 0;
	char *word;
	int error;

	while ((cmdline = cmdline_next(cmdline, &w))) {
		if (used + w.name_len + w.value_len + 2 > sizeof(words)) {
			if (report)
				report("", -E2BIG);
			return;
		}
		word = words + used;
		memcpy(word, w.name, w.name_len);
		used += w.name_len;
		own = (struct cmdline_word){ word, w.name_len, NULL, 0 };
		if (w.value) {
			words[used++] = '=';
			own.value = words + used;
			own.value_len = w.value_len;
			memcpy(words + used, w.value, w.value_len);
			used += w.value_len;
		}
		words[used++] = '\0';

		if (!for_init && !strcmp(word, "--")) {
			for_init = true;
			continue;
		}
		if (for_init) {
			error = vector_add(argv_init, CMDLINE_INIT_ARGS + 1,
					   word);
		} else {
			/* handlers get the name without the value */
			if (own.value)
				word[own.name_len] = '\0';
			if (call_registered(&own, word, own.value, report))
				continue;
			if (own.value)
				word[own.name_len] = '=';
			error = word_to_init(&own, word);
		}
		if (error && report)
			report(word, error);
	}
}

void __init
cmdline_forget_args(void)
{
	memset(argv_init + 1, 0, sizeof(argv_init) - sizeof(argv_init[0]));
}
