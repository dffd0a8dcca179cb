/* SPDX-License-Identifier: MIT */
/*
 * Registrations of binfmt_misc: ":name:type:offset:magic:mask:interpreter:flags"
 * with any byte as the delimiter. Type M compares bytes of the file's head, E
 * the name's extension, given as the magic. In magic and mask \xHH is a byte.
 *
 * Pure: no locks, no allocation; the line is cut up in place.
 */
#include <abi/errno.h>
#include <lib/ctype.h>
#include <lib/kstrto.h>
#include <lib/string.h>
#include "binfmt_misc.h"

struct cursor { char *p, *end; char del; };

/* the text up to the next delimiter, which becomes its NUL; NULL: none */
static char *
field(struct cursor *c)
{
	char *s = c->p, *d = memchr(s, c->del, c->end - s);

	if (!d)
		return NULL;
	*d = '\0';
	c->p = d + 1;
	return s;
}

/* the same where a delimiter may stand as \xHH only: checks the escapes */
static char *
bytes_field(struct cursor *c)
{
	char *s = c->p, *p = s;

	for (; p < c->end && *p != c->del; p++) {
		if (*p != '\\' || p[1] != 'x')
			continue;
		if (c->end - p < 4 || !isxdigit(p[2]) || !isxdigit(p[3]))
			return NULL;
		p += 3;
	}
	if (p >= c->end)
		return NULL;
	*p = '\0';
	c->p = p + 1;
	return s;
}

static u8
hex(char c)
{
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

/* \xHH become bytes; how many there are then */
static u32
unescape(char *s)
{
	u8 *start = (u8 *)s, *to = start;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] == 'x') {
			*to++ = hex(s[2]) << 4 | hex(s[3]);
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	return to - start;
}

static int
parse_magic(struct cursor *c, struct misc_spec *o)
{
	char *off = field(c), *magic, *mask;
	u32 v = 0;

	if (!off || (*off && kstrtou32(off, 10, &v)))
		return -EINVAL;
	magic = bytes_field(c);
	if (!magic || !*magic)
		return -EINVAL;
	mask = bytes_field(c);
	if (!mask)
		return -EINVAL;
	o->magic = (u8 *)magic;
	o->size = unescape(magic);
	if (*mask) {
		o->mask = (u8 *)mask;
		if (unescape(mask) != o->size)
			return -EINVAL;
	}
	o->offset = v;
	if (o->size > EXEC_BUF_SIZE || v > EXEC_BUF_SIZE - o->size)
		return -EINVAL;
	return 0;
}

static int
parse_extension(struct cursor *c, struct misc_spec *o)
{
	char *ext;

	if (!field(c))
		return -EINVAL;
	ext = field(c);
	if (!ext || !*ext || strchr(ext, '/') || !field(c))
		return -EINVAL;
	o->magic = (u8 *)ext;
	return 0;
}

static void
parse_flags(struct cursor *c, struct misc_spec *o)
{
	for (; c->p < c->end; c->p++) {
		switch (*c->p) {
		case 'P': o->flags |= MISC_ARGV0; break;
		case 'O': o->flags |= MISC_OPEN; break;
		case 'C': o->flags |= MISC_CRED | MISC_OPEN; break;
		case 'F': o->flags |= MISC_FIXED; break;
		default: return;
		}
	}
}

int
misc_parse(char *line, size_t len, struct misc_spec *o)
{
	struct cursor c = { line + 1, line + len, line[0] };
	char *type;
	int r;

	*o = (struct misc_spec){ 0 };
	if (len < 11 || len > MISC_LINE_MAX || memchr(line, '\0', len))
		return -EINVAL;
	o->name = field(&c);
	if (!o->name || !*o->name || !strcmp(o->name, ".") ||
	    !strcmp(o->name, "..") || strchr(o->name, '/'))
		return -EINVAL;
	type = field(&c);
	if (!type || (strcmp(type, "M") && strcmp(type, "E")))
		return -EINVAL;
	if (*type == 'M')
		o->flags |= MISC_MAGIC;
	r = *type == 'M' ? parse_magic(&c, o) : parse_extension(&c, o);
	if (r)
		return r;
	o->interp = field(&c);
	if (!o->interp || !*o->interp)
		return -EINVAL;
	parse_flags(&c, o);
	if (c.p < c.end && *c.p == '\n')
		c.p++;
	return c.p == c.end ? 0 : -EINVAL;
}

bool
misc_match(const struct misc_spec *s, const char *head, const char *filename)
{
	const u8 *at = (const u8 *)head + s->offset;
	const char *dot;

	if (!(s->flags & MISC_MAGIC)) {
		dot = strrchr(filename, '.');
		return dot && !strcmp(dot + 1, (const char *)s->magic);
	}
	for (u32 i = 0; i < s->size; i++)
		if ((at[i] ^ s->magic[i]) & (s->mask ? s->mask[i] : 0xff))
			return false;
	return true;
}
