/* SPDX-License-Identifier: MIT */
/*
 * Red-black and radix trees: random operations against arrays, with the
 * structure itself looked over.
 */
#include <abi/errno.h>
#include <lib/radix.h>
#include <lib/rbtree.h>
#include <lib/string.h>
#include "check.h"
#include "host.h"

void test_rbtree_model(void);
void test_rbtree_cached(void);
void test_radix_model(void);
void test_radix_pool(void);
void test_radix_ranges(void);

/* ---- red-black, augmented by the largest value in the subtree ---- */

#define N 700
struct item {
	struct rb_node rb;
	u64 key, value, most;
	bool in;
};
static struct item item[N];
#define ITEM(n) rb_entry((n), struct item, rb)

static u64
most_of(const struct rb_node *n)
{
	u64 m = ITEM(n)->value;

	if (n->left)
		m = max(m, ITEM(n->left)->most);
	if (n->right)
		m = max(m, ITEM(n->right)->most);
	return m;
}

static void
propagate(struct rb_node *n, struct rb_node *stop)
{
	for (; n != stop; n = rb_parent(n)) {
		u64 m = most_of(n);

		if (ITEM(n)->most == m)
			break;
		ITEM(n)->most = m;
	}
}

static void
copy(struct rb_node *from, struct rb_node *to)
{
	ITEM(to)->most = ITEM(from)->most;
}

static void
rotate(struct rb_node *from, struct rb_node *to)
{
	ITEM(to)->most = ITEM(from)->most;
	ITEM(from)->most = most_of(from);
}

static const struct rb_augment_ops ops = { propagate, copy, rotate };

/* black height; every rule of the tree */
static int
check_subtree(const struct rb_node *n, const struct rb_node *parent)
{
	bool black;
	int l, r;

	if (!n)
		return 0;
	black = n->parent_color & 1;
	CHECK(rb_parent(n) == parent);
	CHECK(ITEM(n)->most == most_of(n));
	if (!black)
		CHECK((!n->left || n->left->parent_color & 1) &&
		      (!n->right || n->right->parent_color & 1));
	l = check_subtree(n->left, n);
	r = check_subtree(n->right, n);
	CHECK(l == r);
	return l + black;
}

static void
insert(struct rb_root *root, struct item *it)
{
	struct rb_node **link = &root->node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = it->key < ITEM(parent)->key ? &parent->left :
			&parent->right;
	}
	rb_link_node(&it->rb, parent, link);
	it->most = it->value;
	propagate(parent, NULL);
	rb_insert_augmented(&it->rb, root, &ops);
}

void
test_rbtree_model(void)
{
	struct rb_root root = RB_ROOT;
	struct rb_node *n, *next;
	u32 count = 0;

	for (u32 i = 0; i < N; i++)
		item[i] = (struct item){ .key = i, .value = unit_below(1000) };
	for (u32 round = 0; round < 12000; round++) {
		struct item *it = &item[unit_below(N)];
		u32 seen = 0;
		s64 last = -1;

		if (it->in) {
			rb_erase_augmented(&it->rb, &root, &ops);
			count--;
		} else {
			insert(&root, it);
			count++;
		}
		it->in = !it->in;
		if (round % 37)
			continue;
		check_subtree(root.node, NULL);
		CHECK(!root.node || root.node->parent_color & 1);
		for (n = rb_first(&root); n; n = rb_next(n), seen++) {
			CHECK((s64)ITEM(n)->key > last);
			last = ITEM(n)->key;
			CHECK(ITEM(n)->in);
		}
		CHECK(seen == count);
		for (n = rb_last(&root); n; n = rb_prev(n))
			seen--;
		CHECK(!seen);
	}
	/* post-order frees every node once */
	rb_for_each_postorder_safe(n, next, &root) {
		count--;
		memset(n, 0xee, sizeof(*n));
	}
	CHECK(!count);
}

void
test_rbtree_cached(void)
{
	struct rb_root_cached root = RB_ROOT_CACHED;

	for (u32 i = 0; i < N; i++)
		item[i].in = false, item[i].key = i;
	for (u32 round = 0; round < 4000; round++) {
		struct item *it = &item[unit_below(200)];

		if (it->in) {
			rb_erase_cached(&it->rb, &root);
		} else {
			struct rb_node **link = &root.root.node, *p = NULL;
			bool leftmost = true;

			while (*link) {
				p = *link;
				if (it->key < ITEM(p)->key) {
					link = &p->left;
				} else {
					link = &p->right;
					leftmost = false;
				}
			}
			rb_link_node(&it->rb, p, link);
			rb_insert_color_cached(&it->rb, &root, leftmost);
		}
		it->in = !it->in;
		CHECK(rb_first_cached(&root) == rb_first(&root.root));
	}
	{
		struct rb_node *f = rb_first_cached(&root);
		static struct item other;

		REQUIRE(f);
		other.key = ITEM(f)->key;
		rb_replace_node(f, &other.rb, &root.root);
		CHECK(rb_first(&root.root) == &other.rb);
		CHECK(!rb_next(&other.rb) ||
		      rb_prev(rb_next(&other.rb)) == &other.rb);
	}
}

/* ---- radix ---- */

static long nodes;
static int fail_in = -1;

static struct radix_node *
node_alloc(void)
{
	struct radix_node *n;

	if (fail_in >= 0 && fail_in-- == 0)
		return NULL;
	nodes++;
	n = host_malloc(sizeof(*n));
	memset(n, 0xa5, sizeof(*n));
	return n;
}

static void
node_free(struct radix_node *n)
{
	nodes--;
	host_free(n);
}

static const struct radix_ops radix_ops = { node_alloc, node_free };

#define KEYS 900
static u64 key[KEYS];
static bool present[KEYS], tag[KEYS][RADIX_NR_TAGS];

static void
make_keys(void)
{
	for (u32 i = 0; i < KEYS; i++) {
		bool again;

		do {
			switch (unit_below(5)) {
			case 0: key[i] = unit_below(300); break;
			case 1: key[i] = unit_below(300) * 64; break;
			case 2: key[i] = unit_random(); break;
			case 3: key[i] = ~unit_below(300); break;
			default: key[i] = 1UL << unit_below(64); break;
			}
			again = false;
			for (u32 j = 0; j < i; j++)
				again |= key[j] == key[i];
		} while (again);
	}
}

static void
check_radix(struct radix_root *r)
{
	u32 want = 0, got = 0, tagged, i;
	u64 at = 0, last = 0;
	void *p;

	for (i = 0; i < KEYS; i++)
		want += present[i];
	while ((p = radix_next(r, &at))) {
		CHECK(*(u64 *)p == at && (!got || at > last));
		last = at;
		got++;
		if (!++at)
			break;
	}
	CHECK(got == want);
	for (u32 t = 0; t < RADIX_NR_TAGS; t++) {
		for (tagged = 0, i = 0; i < KEYS; i++)
			tagged += tag[i][t];
		CHECK(radix_tagged(r, t) == !!tagged);
		at = 0;
		while ((p = radix_next_tagged(r, &at, t))) {
			CHECK(*(u64 *)p == at);
			tagged--;
			if (!++at)
				break;
		}
		CHECK(!tagged);
	}
	/* the same by gangs */
	at = 0;
	for (got = 0;;) {
		void *out[7];
		u64 idx[7];
		unsigned int n = radix_gang(r, &at, out, idx, 7);

		for (i = 0; i < n; i++)
			CHECK(*(u64 *)out[i] == idx[i]);
		got += n;
		if (n < 7 || !at)
			break;
	}
	CHECK(got == want);
}

void
test_radix_model(void)
{
	struct radix_root r;

	radix_init(&r, &radix_ops);
	make_keys();
	for (u32 round = 0; round < 30000; round++) {
		u32 k = unit_below(round / 10000 == 1 ? 40 : KEYS);
		u32 t = unit_below(RADIX_NR_TAGS);
		u32 op = unit_below(6);
		int e;

		if (op < 2) {
			if (!unit_below(8))
				fail_in = unit_below(4);
			e = radix_insert(&r, key[k], &key[k], NULL);
			fail_in = -1;
			if (e == -ENOMEM)
				continue;
			CHECK(e == (present[k] ? -EEXIST : 0));
			present[k] = true;
		} else if (op == 2 || (round > 24000 && op < 5)) {
			CHECK(radix_delete(&r, key[k]) ==
			      (present[k] ? &key[k] : NULL));
			present[k] = false;
			memset(tag[k], 0, sizeof(tag[k]));
		} else if (op == 3) {
			CHECK(radix_tag_set(&r, key[k], t) == present[k]);
			tag[k][t] = present[k];
		} else if (op == 4) {
			CHECK(radix_tag_clear(&r, key[k], t) == present[k]);
			tag[k][t] = false;
		} else {
			CHECK(radix_lookup(&r, key[k]) ==
			      (present[k] ? &key[k] : NULL));
			CHECK(radix_tag_get(&r, key[k], t) == tag[k][t]);
		}
		if (round % 500 == 0)
			check_radix(&r);
	}
	check_radix(&r);
	for (u32 k = 0; k < KEYS; k += 2)
		radix_delete(&r, key[k]);
	radix_destroy(&r);
	CHECK(!nodes && radix_empty(&r));
}

void
test_radix_pool(void)
{
	struct radix_pool pool = { NULL, 0 };
	struct radix_root r;
	static u64 v[2];
	struct radix_node *n;

	radix_init(&r, &radix_ops);
	for (u32 i = 0; i < RADIX_POOL_MAX; i++)
		radix_pool_add(&pool, node_alloc());
	/* with a full pool the worst insertion cannot fail */
	fail_in = 0;
	CHECK(radix_insert(&r, 0, &v[0], &pool) == 0);
	fail_in = 0;
	CHECK(radix_insert(&r, ~0UL, &v[1], &pool) == 0);
	fail_in = -1;
	CHECK(radix_lookup(&r, ~0UL) == &v[1]);
	CHECK(radix_replace(&r, 0, &v[1]) == &v[0]);
	CHECK(!radix_replace(&r, 17, &v[1]));
	while ((n = radix_pool_take(&pool)))
		node_free(n);
	CHECK(radix_delete(&r, ~0UL) == &v[1]);
	CHECK(radix_delete(&r, 0) == &v[1]);
	CHECK(!nodes);
}

void
test_radix_ranges(void)
{
	struct radix_root r;
	static u64 v;

	radix_init(&r, &radix_ops);
	CHECK(radix_next_hole(&r, 5, 10) == 5);
	for (u64 i = 10; i < 200; i++)
		CHECK(radix_insert(&r, i, &v, NULL) == 0);
	CHECK(radix_next_hole(&r, 10, 1000) == 200);
	CHECK(radix_next_hole(&r, 10, 50) == 60);
	CHECK(radix_next_hole(&r, 9, 50) == 9);
	CHECK(radix_delete(&r, 100) == &v);
	CHECK(radix_next_hole(&r, 10, 1000) == 100);
	radix_destroy(&r);
	CHECK(!nodes);
}
