/* SPDX-License-Identifier: MIT */
/*
 * Interpreter scripts, execve(2): "#!interpreter [optional-arg]". One
 * argument, taken to the end of the line with blanks around it dropped. The
 * line must fit the head that was read, unless the cut is in the argument.
 */
#include <abi/errno.h>
#include <lib/string.h>
#include <proc/exec.h>

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

static int
script_load(struct exec_bin *b)
{
	char line[EXEC_BUF_SIZE + 1], *p, *end, *name, *arg = NULL;

	if (b->buf[0] != '#' || b->buf[1] != '!')
		return -ENOEXEC;
	memcpy(line, b->buf, EXEC_BUF_SIZE);
	line[EXEC_BUF_SIZE] = '\0';
	end = strchr(line, '\n');
	p = line + 2;
	while (blank(*p))
		p++;
	name = p;
	while (*p && *p != '\n' && !blank(*p))
		p++;
	/* a name cut off by the buffer's end is not the name */
	if (!end && p == line + EXEC_BUF_SIZE)
		return -ENOEXEC;
	if (p == name)
		return -ENOEXEC;
	if (!end)
		end = line + strnlen(line, EXEC_BUF_SIZE);
	if (p < end) {
		*p++ = '\0';
		while (p < end && blank(*p))
			p++;
		*end = '\0';
		while (end > p && blank(end[-1]))
			*--end = '\0';
		if (p < end)
			arg = p;
	} else {
		*p = '\0';
	}
	return exec_interpret(b, name, arg);
}

static const struct binfmt script_fmt = {
	.name = "script",
	.load = script_load,
};
SET_ADD(binfmt, script_fmt);
