/* SPDX-License-Identifier: MIT */
/*
 * /sys/kernel/mm/transparent_hugepage: what of it this kernel can do. enabled
 * is the policy of mm/thp.c. Of the others the choice that holds is shown, and
 * may be written: no compaction for a huge page (defrag), no huge zero page,
 * none in shared memory. There is no khugepaged directory, as there is none.
 */
#include <lib/printf.h>
#include <mm/mm.h>

#include "local.h"

static const struct {
	const char *name;
	const char *words[7];		/* choices, NULL ends */
	u8 fixed;			/* the one that holds; enabled: none */
} files[] = {
	{ "enabled", { "always", "madvise", "never" }, 0 },
	{ "defrag", { "always", "defer", "defer+madvise", "madvise", "never" },
	  4 },
	{ "shmem_enabled", { "always", "within_size", "advise", "never",
			     "deny", "force" }, 3 },
	{ "use_zero_page", { "0" }, 0 },
	{ "hpage_pmd_size", { NULL }, 0 },
};
#define F_ENABLED	0
#define F_ZERO		3
#define F_SIZE		4

const char *
sys_thp_name(unsigned int n, mode_t *mode)
{
	static_assert(THP_ALWAYS == 0 && THP_MADVISE == 1 && THP_NEVER == 2,
		      "words of enabled");
	if (n >= ARRAY_SIZE(files))
		return NULL;
	*mode = n == F_SIZE ? 0444 : 0644;
	return files[n].name;
}

static unsigned int
chosen(unsigned int n)
{
	return n == F_ENABLED ? (unsigned int)READ_ONCE(thp_policy) :
		files[n].fixed;
}

ssize_t
sys_thp_show(unsigned int n, char *buf, size_t len)
{
	size_t at = 0;

	if (n == F_SIZE)
		return scnprintf(buf, len, "%lu", LARGE_PAGE_SIZE);
	if (n == F_ZERO)
		return scnprintf(buf, len, "0");
	for (unsigned int i = 0; files[n].words[i]; i++)
		at += scnprintf(buf + at, len - at, i == chosen(n) ?
				"%s[%s]" : "%s%s", i ? " " : "",
				files[n].words[i]);
	return at;
}

ssize_t
sys_thp_store(unsigned int n, const char *s, size_t len)
{
	size_t l = len && s[len - 1] == '\n' ? len - 1 : len;

	for (unsigned int i = 0; files[n].words[i]; i++) {
		const char *w = files[n].words[i];

		if (strlen(w) != l || memcmp(w, s, l))
			continue;
		if (n == F_ENABLED)
			WRITE_ONCE(thp_policy, i);
		else if (i != chosen(n))
			return -EINVAL;
		return len;
	}
	return -EINVAL;
}
