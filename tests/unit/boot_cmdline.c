/* SPDX-License-Identifier: MIT */
/* The command line: words, lookups, and what goes to init. */
#include <abi/errno.h>
#include <boot/cmdline.h>
#include <lib/string.h>
#include "check.h"

void test_cmdline_words(void);
void test_cmdline_get(void);
void test_cmdline_parse(void);

static bool
word_is(const struct cmdline_word *w, const char *name, const char *value)
{
	if (w->name_len != strlen(name) ||
	    strncmp(w->name, name, w->name_len))
		return false;
	if (!value)
		return !w->value;
	return w->value && w->value_len == strlen(value) &&
		!strncmp(w->value, value, w->value_len);
}

void
test_cmdline_words(void)
{
	/* as Linux's next_arg() cuts them */
	static const char *const cases[][3] = {
		{ "a", "a", NULL },
		{ "  a=b", "a", "b" },
		{ "a=", "a", "" },
		{ "a=b=c", "a", "b=c" },
		{ "a=\"b c\" d", "a", "b c" },
		{ "\"a=b c\" d", "a", "b c" },
		{ "\"a b\" c", "a b", NULL },
		{ "a=\"b c", "a", "b c" },
		{ "a=b\"c d\"e f", "a", "b\"c d\"e" },
		{ "\t\na.b=1\x0b", "a.b", "1" },
		{ "=x", "=x", NULL },
		{ "a=\"\"", "a", "" },
		{ "\"\"", "", NULL },
		{ "--", "--", NULL },
	};
	struct cmdline_word w;
	const char *p;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		p = cmdline_next(cases[i][0], &w);
		CHECK(p);
		CHECK(word_is(&w, cases[i][1], cases[i][2]));
	}
	CHECK(!cmdline_next("", &w) && !cmdline_next("  \t ", &w));
	p = cmdline_next("one two=\"x y\" three", &w);
	CHECK(word_is(&w, "one", NULL));
	p = cmdline_next(p, &w);
	CHECK(word_is(&w, "two", "x y"));
	p = cmdline_next(p, &w);
	CHECK(word_is(&w, "three", NULL) && !cmdline_next(p, &w));
	cmdline_next("foo-bar_x=1", &w);
	CHECK(cmdline_name_is(&w, "foo_bar-x"));
	CHECK(!cmdline_name_is(&w, "foo_bar") &&
	      !cmdline_name_is(&w, "foo_bar_xy"));
}

void
test_cmdline_get(void)
{
	const char *line = "x=1 nokaslr x=\"2 3\" empty= -- x=4 late";
	char buf[8];

	CHECK(cmdline_get(line, "x", buf, sizeof(buf)) == 3 &&
	      !strcmp(buf, "2 3"));
	CHECK(cmdline_get(line, "x", buf, 2) == 3 && !strcmp(buf, "2"));
	CHECK(cmdline_get(line, "empty", buf, sizeof(buf)) == 0 && !buf[0]);
	CHECK(cmdline_get(line, "late", buf, sizeof(buf)) == -ENOENT);
	CHECK(cmdline_has(line, "nokaslr") && !cmdline_has(line, "okaslr") &&
	      !cmdline_has(line, "late"));
}

static u32 calls, reports;
static const char *last_value;

static int
param_two(const char *value)
{
	calls++;
	last_value = value;
	return value && !strcmp(value, "bad") ? -EINVAL : 0;
}
KPARAM("test-two", param_two);

static void
on_report(const char *word, int error)
{
	reports++;
	CHECK(error == -EINVAL && !strcmp(word, "test_two"));
}

void
test_cmdline_parse(void)
{
	cmdline_parse("test_two test-two=1 mod.x=3 mod.y foo=bar single "
		      "TERM=vt100 nopcid no_kvmclock acpi=off "
		      "foo=\"b z\" test_two=bad mem=64M 5 -- a=b -s "
		      "test_two", on_report);
	CHECK(calls == 3 && reports == 1);
	CHECK(last_value && !strcmp(last_value, "bad"));
	CHECK(!strcmp(argv_init[1], "single") && !strcmp(argv_init[2], "5"));
	CHECK(!strcmp(argv_init[3], "a=b") && !strcmp(argv_init[4], "-s"));
	CHECK(!strcmp(argv_init[5], "test_two") && !argv_init[6]);
	CHECK(!strcmp(envp_init[0], "HOME=/") &&
	      !strcmp(envp_init[1], "TERM=vt100"));
	CHECK(!strcmp(envp_init[2], "foo=b z") && !envp_init[3]);
	cmdline_forget_args();
	CHECK(argv_init[0] && !argv_init[1]);
}
