/* SPDX-License-Identifier: MIT */
/*
 * Propagation of mounts: random scripts of mount, bind, move, umount and
 * changes of type, from fixed seeds; after each step what mountinfo shows of
 * the tree is printed, with groups and file systems numbered as they come.
 */
#include "gt.h"
#include <sys/mount.h>

#define DIRS	5
#define TOP	"/tmp/mntprop"

static uint32_t seed;

static uint32_t
rnd(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

struct mi {
	int id, parent, shared, master, from;
	char root[200], at[300], src[40];
	int unbindable, depth;
};
static struct mi mi[400];
static int nr;

static int
by_place(const void *a, const void *b)
{
	const struct mi *x = a, *y = b;
	int c = strcmp(x->at, y->at);

	return c ? c : x->depth - y->depth;
}

static void
read_mounts(void)
{
	static char b[1 << 17];
	char *line, *save = NULL;
	ssize_t n = get_file("/proc/self/mountinfo", b, sizeof(b));

	nr = 0;
	if (n <= 0)
		return;
	for (line = strtok_r(b, "\n", &save); line && nr < 400;
	     line = strtok_r(NULL, "\n", &save)) {
		struct mi *m = &mi[nr];
		char opts[200], *p;
		int used = 0;

		memset(m, 0, sizeof(*m));
		if (sscanf(line, "%d %d %*s %199s %299s %199s%n", &m->id,
			   &m->parent, m->root, m->at, opts, &used) < 5)
			continue;
		if (strncmp(m->at, TOP "/", sizeof(TOP)))
			continue;
		p = line + used;
		if (strstr(p, " shared:"))
			m->shared = atoi(strstr(p, " shared:") + 8);
		if (strstr(p, " master:"))
			m->master = atoi(strstr(p, " master:") + 8);
		if (strstr(p, " propagate_from:"))
			m->from = atoi(strstr(p, " propagate_from:") + 16);
		m->unbindable = !!strstr(p, " unbindable");
		p = strstr(p, " - ");
		if (p)
			sscanf(p, " - %*s %39s", m->src);
		nr++;
	}
	for (int k = 0; k < nr; k++)
		for (int id = mi[k].parent, again = 1; again;) {
			again = 0;
			for (int j = 0; j < nr; j++)
				if (mi[j].id == id) {
					mi[k].depth++;
					id = mi[j].parent;
					again = 1;
					break;
				}
		}
	qsort(mi, nr, sizeof(mi[0]), by_place);
}

static int groups[400], nr_groups;

static int
group(int g)
{
	if (!g)
		return 0;
	for (int k = 0; k < nr_groups; k++)
		if (groups[k] == g)
			return k + 1;
	groups[nr_groups] = g;
	return ++nr_groups;
}

static uint32_t
show(int full)
{
	uint32_t h = 2166136261u;
	char b[800];

	nr_groups = 0;
	for (int k = 0; k < nr; k++) {
		struct mi *m = &mi[k];

		snprintf(b, sizeof(b), "%s %s %s d%d s%d m%d f%d%s",
			 m->at + sizeof(TOP) - 1, m->root, m->src, m->depth,
			 group(m->shared), group(m->master), group(m->from),
			 m->unbindable ? " unbindable" : "");
		for (char *p = b; *p; p++)
			h = (h ^ (unsigned char)*p) * 16777619u;
		if (full)
			out("  %s", b);
	}
	return h;
}

/* a directory: one of DIRS in a mount or in the base, maybe one level down */
static const char *
some_dir(void)
{
	static char b[4][400];
	static int k;
	char *p = b[k++ & 3];

	if (nr && rnd(3))
		snprintf(p, 400, "%s", mi[rnd(nr)].at);
	else
		strcpy(p, TOP);
	if (rnd(4) || !strcmp(p, TOP))
		sprintf(p + strlen(p), "/%c", 'a' + rnd(DIRS));
	return p;
}

static const char *
some_mount(void)
{
	return nr ? mi[rnd(nr)].at : TOP "/a";
}

static void
make_dirs(const char *at)
{
	char p[400];

	for (int k = 0; k < DIRS; k++) {
		snprintf(p, sizeof(p), "%s/%c", at, 'a' + k);
		mkdir(p, 0755);
	}
}

static void
step(int n)
{
	static const struct { unsigned long f; const char *s; } types[] = {
		{ MS_SHARED, "shared" }, { MS_SHARED, "shared" },
		{ MS_SHARED, "shared" }, { MS_SLAVE, "slave" },
		{ MS_SLAVE, "slave" }, { MS_PRIVATE, "private" },
		{ MS_UNBINDABLE, "unbindable" },
	};
	const char *a, *b, *what = "";
	char src[20];
	int r = -1, t;

	a = b = "";
	switch (nr > 40 ? 9 : rnd(11)) {
	case 0: case 1: case 2:
		what = "tmpfs";
		b = some_dir();
		snprintf(src, sizeof(src), "t%d", n);
		r = mount(src, b, "tmpfs", 0, NULL);
		if (!r)
			make_dirs(b);
		break;
	case 3:
		what = "bind";
		a = rnd(2) ? some_mount() : some_dir();
		b = some_dir();
		r = mount(a, b, NULL, MS_BIND, NULL);
		break;
	case 4:
		what = "rbind";
		a = rnd(2) ? some_mount() : some_dir();
		b = some_dir();
		r = mount(a, b, NULL, MS_BIND | MS_REC, NULL);
		break;
	case 5: case 6: case 7:
		t = rnd(NELEM(types));
		what = types[t].s;
		b = some_mount();
		r = mount(NULL, b, NULL, types[t].f | (rnd(3) ? 0 : MS_REC),
			  NULL);
		break;
	case 8:
		what = "move";
		a = some_mount();
		b = some_dir();
		r = mount(a, b, NULL, MS_MOVE, NULL);
		break;
	case 9:
		what = "detach";
		b = some_mount();
		r = umount2(b, MNT_DETACH);
		break;
	case 10:
		what = "umount";
		b = some_mount();
		r = umount2(b, 0);
		break;
	}
	t = r ? errno : 0;
	read_mounts();
	out("%d %s %s %s: %s %d %08x", n, what, a, b, t ? gt_errno(t) : "ok",
	    nr, show(0));
	if (n % 10 == 9)
		show(1);
}

static void
script(void)
{
	mkdir(TOP, 0755);
	NEED(mount("base", TOP, "tmpfs", 0, NULL));
	NEED(mount(NULL, TOP, NULL, MS_PRIVATE, NULL));
	make_dirs(TOP);
	read_mounts();
	for (int k = 0; k < 60; k++)
		step(k);
	NEED(umount2(TOP, MNT_DETACH));
}

int
main(void)
{
	char name[20];

	(void)unshare(CLONE_NEWNS);
	(void)mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	for (int k = 1; k <= 8; k++) {
		seed = k * 7919;
		snprintf(name, sizeof(name), "script %d", k);
		in_child(name, script);
	}
	return 0;
}
