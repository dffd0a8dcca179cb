/* SPDX-License-Identifier: MIT */
/*
 * Words of the command line: the reader that Linux's parse_args() defines,
 * as slices of the text. Pure; also linked into the EFI stub, so nothing
 * here may use another file of the kernel. Registered parameters: kparam.c.
 */
#include <abi/errno.h>
#include <boot/cmdline.h>

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

const char *
cmdline_next(const char *p, struct cmdline_word *w)
{
	bool in_quote = false, quoted = false;
	const char *start, *equals = NULL, *end;

	while (is_space(*p))
		p++;
	if (!*p)
		return NULL;
	if (*p == '"') {
		p++;
		in_quote = quoted = true;
	}
	start = p;
	for (; *p && (in_quote || !is_space(*p)); p++) {
		if (*p == '=' && !equals && p > start)
			equals = p;
		if (*p == '"')
			in_quote = !in_quote;
	}
	end = p;
	if (quoted && end > start && end[-1] == '"')
		end--;
	w->name = start;
	if (!equals) {
		w->name_len = end - start;
		w->value = NULL;
		w->value_len = 0;
		return p;
	}
	w->name_len = equals - start;
	w->value = equals + 1;
	if (w->value < end && *w->value == '"') {
		w->value++;
		if (!quoted && end > w->value && end[-1] == '"')
			end--;
	}
	w->value_len = end - w->value;
	return p;
}

bool
cmdline_name_is(const struct cmdline_word *w, const char *name)
{
	size_t i;
	char a, b;

	for (i = 0; i < w->name_len; i++) {
		a = w->name[i] == '-' ? '_' : w->name[i];
		b = name[i] == '-' ? '_' : name[i];
		if (a != b)
			return false;	/* end of name included */
	}
	return name[i] == '\0';
}

static bool
is_end(const struct cmdline_word *w)
{
	return !w->value && w->name_len == 2 && w->name[0] == '-' &&
		w->name[1] == '-';
}

/* The last word of that name in *found. */
static bool
find_last(const char *p, const char *name, struct cmdline_word *found)
{
	struct cmdline_word w;
	bool any = false;

	while ((p = cmdline_next(p, &w)) && !is_end(&w)) {
		if (cmdline_name_is(&w, name)) {
			*found = w;
			any = true;
		}
	}
	return any;
}

ssize_t
cmdline_get(const char *cmdline, const char *name, char *buf, size_t size)
{
	struct cmdline_word w;
	size_t i;

	if (!find_last(cmdline, name, &w))
		return -ENOENT;
	for (i = 0; i < w.value_len && i + 1 < size; i++)
		buf[i] = w.value[i];
	if (size)
		buf[i] = '\0';
	return w.value_len;
}

bool
cmdline_has(const char *cmdline, const char *name)
{
	struct cmdline_word w;

	return find_last(cmdline, name, &w);
}
