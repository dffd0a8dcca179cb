/* SPDX-License-Identifier: MIT */
/* Maps of ids: what is taken as one, and lookups against a plain model. */
#include <abi/errno.h>
#include <lib/idmap.h>
#include <lib/printf.h>
#include <lib/string.h>
#include "check.h"

void test_idmap_parse(void);
void test_idmap_lookup(void);
int fuzz_idmap(const u8 *data, size_t len);

static int
parse(const char *s, struct id_range *r, u32 *n)
{
	char buf[256];

	strlcpy(buf, s, sizeof(buf));
	return idmap_parse(buf, r, n);
}

void
test_idmap_parse(void)
{
	static const char *const bad[] = {
		"", "\n", "0", "0 0", "0 0 0", "0 0 1 1", "x 0 1", "0 x 1",
		"0 0 x", "-1 0 1", "0 0 1x", "4294967295 0 1",
		"0 4294967295 1", "4294967290 0 6", "0 4294967290 6",
		"0 0 4294967295\n1 1 1", "0 0 1\n\n1 1 1", "0 0 2\n1 5 1",
		"0 0 2\n5 1 1", "0x10 0 1", "0 0 18446744073709551617",
	};
	static char many[IDMAP_MAX * 32];
	static struct id_range r[IDMAP_MAX];
	size_t len = 0;
	u32 n;

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(parse(bad[i], r, &n) == -EINVAL);
	CHECK(parse(" \t0  1000 1 \t\n", r, &n) == 0 && n == 1 &&
	      r[0].first == 0 && r[0].lower == 1000 && r[0].count == 1);
	CHECK(parse("0 0 4294967295", r, &n) == 0 && n == 1);
	CHECK(parse("9 5 1\n3 7 2", r, &n) == 0 && n == 2 && r[1].first == 3);
	for (u32 i = 0; i < IDMAP_MAX; i++)
		len += snprintf(many + len, sizeof(many) - len, "%u %u 1\n",
				i * 2, i * 3);
	CHECK(idmap_parse(many, r, &n) == 0 && n == IDMAP_MAX);
	len = 0;
	for (u32 i = 0; i < IDMAP_MAX + 1; i++)
		len += snprintf(many + len, sizeof(many) - len, "%u %u 1\n",
				i * 2, i * 3);
	CHECK(idmap_parse(many, r, &n) == -EINVAL);
}

static u32
model(const struct id_range *r, u32 n, u32 id, bool up)
{
	for (u32 i = 0; i < n; i++) {
		u32 from = up ? r[i].lower : r[i].first;

		if (id >= from && id - from < r[i].count)
			return (up ? r[i].first : r[i].lower) + (id - from);
	}
	return IDMAP_NONE;
}

static bool
agree(const struct id_range *r, u32 n, u32 id)
{
	static struct id_range down[IDMAP_MAX], up[IDMAP_MAX];
	struct id_map m = { n, down, up };

	memcpy(down, r, n * sizeof(*r));
	memcpy(up, r, n * sizeof(*r));
	idmap_sort_down(down, n);
	idmap_sort_up(up, n);
	return idmap_down(&m, id) == model(r, n, id, false) &&
		idmap_up(&m, id) == model(r, n, id, true);
}

void
test_idmap_lookup(void)
{
	static struct id_range r[IDMAP_MAX];
	struct id_map none = { 0, NULL, NULL }, one = { 1, r, r };
	u32 n;

	CHECK(idmap_down(&none, 0) == IDMAP_NONE);
	CHECK(parse("100 7 10\n0 1000 50\n4294967200 60 90", r, &n) == 0);
	for (u32 id = 0; id < 1200; id++)
		CHECK(agree(r, n, id));
	for (u32 id = 4294967100U; id; id++)
		CHECK(agree(r, n, id));
	CHECK(idmap_down_range(&one, 100, 10) == 7);
	CHECK(idmap_down_range(&one, 101, 10) == IDMAP_NONE);
	CHECK(idmap_down_range(&one, 109, 1) == 16);
	CHECK(idmap_down_range(&one, 99, 2) == IDMAP_NONE);
}

/* any text: no crash, and what is taken is disjoint and within bounds */
int
fuzz_idmap(const u8 *data, size_t len)
{
	static struct id_range r[IDMAP_MAX];
	static char buf[4096];
	u32 n;

	len = min(len, sizeof(buf) - 1);
	memcpy(buf, data, len);
	buf[len] = '\0';
	if (idmap_parse(buf, r, &n))
		return 0;
	for (u32 i = 0; i < n; i++) {
		CHECK(r[i].count && r[i].first + r[i].count > r[i].first);
		CHECK(agree(r, n, r[i].first));
		CHECK(agree(r, n, r[i].lower + r[i].count));
	}
	return 0;
}
