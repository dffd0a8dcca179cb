/* SPDX-License-Identifier: MIT */
/*
 * Kernel objects (Bonwick, "The Slab Allocator", 1994; magazines after
 * Bonwick and Adams, 2001).
 *
 * A slab is 2^order frames cut into objects of one size; what is known about
 * it stands in the struct page of its head (and, for the way from an object to
 * its cache, in the tails). Objects not handed out are either chained through
 * their first word from page->freelist, or were never touched: they begin at
 * number page->mapcount (a slab is cut as it is used, not when it is made).
 *
 *	full slab	on no list
 *	partial		on cache->partial
 *	empty		on cache->empty, at most KEEP_EMPTY; others are freed
 *
 * In front of each cache every CPU has a magazine, a small array of free
 * objects. slab_alloc and slab_free touch only that, with interrupts off,
 * except when it is empty or full; then half of it moves under the cache's
 * lock. A CPU's first use of a cache makes the magazine; until then, and
 * when there is no memory for one, an empty magazine of capacity 0 stands in.
 * The caches that magazines and caches themselves come from have none.
 *
 * CONFIG_DEBUG: each object is followed by a word that says allocated or
 * free, which finds double frees and overruns, and free objects are poisoned
 * from the second word on, which finds writes after free.
 *
 * Locking: cache->lock (rank slab, irqsave) for slabs; magazines belong to
 * their CPU with interrupts off; caches[] only grows under caches_lock.
 */
#include <core/smp.h>
#include <lib/bitops.h>
#include <lib/string.h>
#include <sched/sched.h>

#include "slab.h"

#define MAX_CACHES	96
#define KEEP_EMPTY	1
#define MAG_SIZE	256

struct slab_mag {
	u32 n, cap;
	void *obj[];
};
#define MAG_MAX		((MAG_SIZE - sizeof(struct slab_mag)) / sizeof(void *))

static struct slab_mag no_mag;		/* capacity 0: never written */
DEFINE_PERCPU(struct slab_mag *, slab_mags[MAX_CACHES]) = {
	[0 ... MAX_CACHES - 1] = &no_mag
};

static struct slab_cache *caches[MAX_CACHES];
static unsigned int nr_caches;
static struct spinlock caches_lock = SPINLOCK_INIT(RANK_OBJQUEUE);
static struct slab_cache cache_cache, mag_cache;

/* ---- debugging ---- */

#if CONFIG_DEBUG
#define MARK_FREE	0xf4eef4eef4eef4eeUL
#define MARK_USED	0xa110ca7eda110ca7UL
#define POISON_BYTE	0x6b
#define MARK_BYTES	8

static u64 *
mark_of(const struct slab_cache *c, void *o)
{
	return (u64 *)((char *)o + ALIGN_UP(c->size, 8));
}

static void
debug_cut(struct slab_cache *c, void *o)
{
	*mark_of(c, o) = MARK_FREE;
	if (c->size > 8)
		memset((char *)o + 8, POISON_BYTE, c->size - 8);
}

static void
debug_alloc(struct slab_cache *c, void *o)
{
	if (*mark_of(c, o) != MARK_FREE)
		panic("slab %s: object %p is not free (mark %lx)", c->name, o,
		      *mark_of(c, o));
	if (c->size > 8 && memchr_inv((char *)o + 8, POISON_BYTE, c->size - 8))
		panic("slab %s: object %p written after free", c->name, o);
	*mark_of(c, o) = MARK_USED;
}

static void
debug_free(struct slab_cache *c, void *o)
{
	struct page *p = slab_page(o);
	u64 mark;

	if (!page_test(p, PG_SLAB) || p->cache != c)
		panic("slab %s: %p is not of this cache", c->name, o);
	/* exchanged: two may do it at once */
	mark = xchg(mark_of(c, o), MARK_FREE);
	if (mark == MARK_FREE)
		panic("slab %s: double free of %p", c->name, o);
	if (mark != MARK_USED)
		panic("slab %s: %p overrun (mark %lx)", c->name, o, mark);
	debug_cut(c, o);
}
#else
#define MARK_BYTES	0
#define debug_cut(c, o)		do { } while (0)
#define debug_alloc(c, o)	do { } while (0)
#define debug_free(c, o)	do { } while (0)
#endif

/* ---- slabs; cache lock held unless said ---- */

static void
count_pages(struct slab_cache *c, long n)
{
	mem_count(c->flags & SLAB_RECLAIM ? MC_SLAB_RECLAIM : MC_SLAB, n);
}

/* no lock held */
static struct page *
slab_make(struct slab_cache *c, gfp_t gfp)
{
	unsigned int order = c->order;
	struct page *p;

	gfp &= ~(gfp_t)GFP_ZERO;
	p = page_alloc(order, order ? gfp | GFP_NORETRY | GFP_NOWARN : gfp);
	if (!p && order > c->min_order) {
		order = c->min_order;
		p = page_alloc(order, gfp);
	}
	if (!p)
		return NULL;
	for (unsigned int i = 0; i < 1U << order; i++) {
		p[i].flags |= BIT(PG_SLAB) | (i ? BIT(PG_TAIL) : BIT(PG_HEAD));
		p[i].cache = c;
		p[i].slab_link.next = (struct list_head *)p;	/* of a tail */
	}
	p->freelist = NULL;
	p->inuse = 0;
	p->objects = (PAGE_SIZE << order) / c->stride;
	list_init(&p->slab_link);
	return p;
}

/* no lock held, or irqs off at least; the slab is on no list */
static void
slab_unmake(struct slab_cache *c, struct page *p)
{
	unsigned int order = page_order(p);

	for (unsigned int i = 0; i < 1U << order; i++) {
		p[i].flags &= ~(BIT(PG_SLAB) | BIT(PG_TAIL) | BIT(PG_HEAD));
		p[i].mapcount.v = 0;
	}
	count_pages(c, -(1L << order));
	page_free(p, order);
}

static void *
slab_take(struct slab_cache *c, struct page *p)
{
	void *o = p->freelist;

	if (o) {
		p->freelist = *(void **)o;
	} else {
		o = (char *)page_to_virt(p) +
			(size_t)p->mapcount.v++ * c->stride;
		debug_cut(c, o);
	}
	p->inuse++;
	return o;
}

/* up to n objects into out; returns how many */
static unsigned int
take_many(struct slab_cache *c, void **out, unsigned int n)
{
	unsigned int got = 0;

	while (got < n) {
		struct page *p;

		if (list_empty(&c->partial)) {
			if (list_empty(&c->empty))
				break;
			p = list_first_entry(&c->empty, struct page, slab_link);
			list_move(&p->slab_link, &c->partial);
			c->nr_empty--;
		}
		p = list_first_entry(&c->partial, struct page, slab_link);
		while (got < n && p->inuse < p->objects)
			out[got++] = slab_take(c, p);
		if (p->inuse == p->objects)
			list_del_init(&p->slab_link);
	}
	c->active += got;
	return got;
}

/* give n objects back; slabs to be unmade are chained on *dead */
static void
give_many(struct slab_cache *c, void **obj, unsigned int n,
	  struct list_head *dead)
{
	c->active -= n;
	for (unsigned int i = 0; i < n; i++) {
		struct page *p = slab_head(obj[i]);

		*(void **)obj[i] = p->freelist;
		p->freelist = obj[i];
		if (p->inuse-- == p->objects)
			list_add(&p->slab_link, &c->partial);
		if (p->inuse)
			continue;
		if (c->nr_empty < KEEP_EMPTY) {
			list_move(&p->slab_link, &c->empty);
			c->nr_empty++;
		} else {
			list_move(&p->slab_link, dead);
			c->total -= p->objects;
			c->pages -= 1UL << page_order(p);
		}
	}
}

static void
unmake_list(struct slab_cache *c, struct list_head *dead)
{
	struct page *p, *n;

	list_for_each_entry_safe(p, n, dead, slab_link)
		slab_unmake(c, p);
}

static unsigned int
get_objects(struct slab_cache *c, gfp_t gfp, void **out, unsigned int n)
{
	unsigned long f = spin_lock_irqsave(&c->lock);
	unsigned int got = take_many(c, out, n);
	struct page *p;

	spin_unlock_irqrestore(&c->lock, f);
	if (got)
		return got;
	p = slab_make(c, gfp);
	if (!p)
		return 0;
	f = spin_lock_irqsave(&c->lock);
	count_pages(c, 1L << page_order(p));
	c->total += p->objects;
	c->pages += 1UL << page_order(p);
	list_add(&p->slab_link, &c->partial);
	got = take_many(c, out, n);
	spin_unlock_irqrestore(&c->lock, f);
	return got;
}

static void
put_objects(struct slab_cache *c, void **obj, unsigned int n)
{
	LIST_HEAD(dead);
	unsigned long f = spin_lock_irqsave(&c->lock);

	give_many(c, obj, n, &dead);
	spin_unlock_irqrestore(&c->lock, f);
	if (!list_empty(&dead))
		unmake_list(c, &dead);
}

/* ---- magazines ---- */

/* this CPU's first use of c: T or A, may fail */
static void
mag_make(struct slab_cache *c, gfp_t gfp)
{
	struct slab_mag *m;
	unsigned long f;

	if (!c->mag_cap ||
	    !get_objects(&mag_cache, gfp | GFP_NOWARN, (void **)&m, 1))
		return;
	debug_alloc(&mag_cache, m);
	m->n = 0;
	m->cap = c->mag_cap;
	f = irq_save();
	if (this_cpu_elem(slab_mags, c->index) == &no_mag) {
		this_cpu_elem(slab_mags, c->index) = m;
		m = NULL;
	}
	irq_restore(f);
	if (m) {
		debug_free(&mag_cache, m);
		put_objects(&mag_cache, (void **)&m, 1);
	}
}

static __noinline void *
alloc_slow(struct slab_cache *c, gfp_t gfp)
{
	void *obj[MAG_MAX / 2 + 1];
	struct slab_mag *m = this_cpu_elem(slab_mags, c->index);
	unsigned int n = 1, keep;
	unsigned long f;

	if (unlikely(m == &no_mag)) {
		mag_make(c, gfp);
		m = this_cpu_elem(slab_mags, c->index);
	}
	n += m->cap / 2;
	n = get_objects(c, gfp, obj, min_t(unsigned int, n, ARRAY_SIZE(obj)));
	if (!n)
		return NULL;
	/* we may have slept: another CPU, or an interrupt filled it */
	f = irq_save();
	m = this_cpu_elem(slab_mags, c->index);
	for (keep = 1; keep < n && m->n < m->cap; keep++)
		m->obj[m->n++] = obj[keep];
	irq_restore(f);
	if (unlikely(keep < n))
		put_objects(c, obj + keep, n - keep);
	return obj[0];
}

void *
slab_alloc(struct slab_cache *c, gfp_t gfp)
{
	unsigned long f;
	struct slab_mag *m;
	void *o;

	alloc_check(gfp);
	f = irq_save();
	m = this_cpu_elem(slab_mags, c->index);
	if (likely(m->n)) {
		o = m->obj[--m->n];
		irq_restore(f);
	} else {
		irq_restore(f);
		o = alloc_slow(c, gfp);
		if (unlikely(!o))
			return NULL;
	}
	debug_alloc(c, o);
	if ((gfp & GFP_ZERO) || (c->flags & SLAB_ZERO))
		memset(o, 0, c->size);
	return o;
}

static __noinline void
free_slow(struct slab_cache *c, void *o)
{
	void *obj[MAG_MAX / 2 + 1];
	struct slab_mag *m;
	unsigned int n = 0;
	unsigned long f;

	if (this_cpu_elem(slab_mags, c->index) == &no_mag)
		mag_make(c, GFP_ATOMIC);
	f = irq_save();
	m = this_cpu_elem(slab_mags, c->index);
	if (m->n >= m->cap)
		while (n < m->cap / 2)
			obj[n++] = m->obj[--m->n];
	if (m->n < m->cap)
		m->obj[m->n++] = o;
	else
		obj[n++] = o;
	irq_restore(f);
	put_objects(c, obj, n);
}

void
slab_free(struct slab_cache *c, void *o)
{
	unsigned long f;
	struct slab_mag *m;

	debug_free(c, o);
	f = irq_save();
	m = this_cpu_elem(slab_mags, c->index);
	if (likely(m->n < m->cap)) {
		m->obj[m->n++] = o;
		irq_restore(f);
		return;
	}
	irq_restore(f);
	free_slow(c, o);
}

/* this CPU's objects of c go back to their slabs; with irqs off */
static void
mag_flush(void *arg)
{
	struct slab_cache *c = arg;
	unsigned long f = irq_save();
	struct slab_mag *m = this_cpu_elem(slab_mags, c->index);
	LIST_HEAD(dead);

	if (m->n) {
		spin_lock(&c->lock);
		give_many(c, m->obj, m->n, &dead);
		spin_unlock(&c->lock);
		m->n = 0;
	}
	irq_restore(f);
	unmake_list(c, &dead);
}

/* ---- caches ---- */

/* pages for one slab: little waste, and several objects in it */
static unsigned int
pick_order(size_t stride, unsigned int *min_order)
{
	unsigned int o = 0;

	while ((PAGE_SIZE << o) < stride)
		o++;
	*min_order = o;
	while (o < 3) {
		size_t room = PAGE_SIZE << o, waste = room % stride;

		if (waste * 8 <= room && room / stride >= 4)
			break;
		o++;
	}
	return o;
}

static void
cache_setup(struct slab_cache *c, const char *name, size_t size, size_t align,
	    u32 flags)
{
	unsigned int min_order;

	align = max_t(size_t, align, 8);
	*c = (struct slab_cache){
		.name = name, .size = size, .flags = flags,
		.stride = ALIGN_UP(ALIGN_UP(max_t(size_t, size, 8), 8) +
				   MARK_BYTES, align),
	};
	spin_init(&c->lock, RANK_SLAB);
	list_init(&c->partial);
	list_init(&c->empty);
	c->order = pick_order(c->stride, &min_order);
	c->min_order = min_order;
	c->mag_cap = size <= 256 ? MAG_MAX : size <= 1024 ? 15 : 7;
}

/* false when the table is full */
static bool
cache_enter(struct slab_cache *c)
{
	bool ok = false;

	spin_lock(&caches_lock);
	for (unsigned int i = 0; i < MAX_CACHES; i++) {
		if (caches[i])
			continue;
		c->index = i;
		caches[i] = c;
		nr_caches = max(nr_caches, i + 1);
		ok = true;
		break;
	}
	spin_unlock(&caches_lock);
	return ok;
}

struct slab_cache *
slab_create(const char *name, size_t size, size_t align, u32 flags)
{
	struct slab_cache *c = slab_alloc(&cache_cache, GFP_KERNEL);

	if (!c)
		return NULL;
	cache_setup(c, name, size, align, flags);
	if (!cache_enter(c)) {
		slab_free(&cache_cache, c);
		return NULL;
	}
	return c;
}

void
slab_destroy(struct slab_cache *c)
{
	struct page *p, *n;

	mag_flush(c);
	if (nr_cpus > 1)
		smp_call(cpu_online_mask, mag_flush, c);
	ASSERT(!c->active);
	list_for_each_entry_safe(p, n, &c->empty, slab_link)
		slab_unmake(c, p);
	for_each_cpu(cpu) {
		struct slab_mag *m = per_cpu(slab_mags, cpu)[c->index];

		per_cpu(slab_mags, cpu)[c->index] = &no_mag;
		if (m == &no_mag)
			continue;
		debug_free(&mag_cache, m);
		put_objects(&mag_cache, (void **)&m, 1);
	}
	spin_lock(&caches_lock);
	caches[c->index] = NULL;
	spin_unlock(&caches_lock);
	slab_free(&cache_cache, c);
}

void
slab_init(void)
{
	cache_setup(&cache_cache, "slab_cache", sizeof(struct slab_cache), 64,
		    0);
	cache_setup(&mag_cache, "slab_magazine", MAG_SIZE, 8, 0);
	cache_cache.mag_cap = 0;
	mag_cache.mag_cap = 0;
	cache_enter(&cache_cache);
	cache_enter(&mag_cache);
	kmalloc_init();
	mm_init();
}

void
slab_init_cpu(unsigned int cpu)
{
	for (unsigned int i = 0; i < MAX_CACHES; i++)
		per_cpu(slab_mags, cpu)[i] = &no_mag;
}

unsigned long
slab_trim(void)
{
	unsigned long freed = 0;

	for (unsigned int i = 0; i < nr_caches; i++) {
		struct slab_cache *c = caches[i];
		LIST_HEAD(dead);
		struct page *p;
		unsigned long f;

		if (!c)
			continue;
		mag_flush(c);
		f = spin_lock_irqsave(&c->lock);
		list_for_each_entry(p, &c->empty, slab_link) {
			c->total -= p->objects;
			c->pages -= 1UL << page_order(p);
			freed += 1UL << page_order(p);
		}
		list_splice_init(&c->empty, &dead);
		c->nr_empty = 0;
		spin_unlock_irqrestore(&c->lock, f);
		unmake_list(c, &dead);
	}
	return freed;
}

bool
slab_stat_get(unsigned int i, struct slab_stat *out)
{
	struct slab_cache *c;

	do {
		if (i >= nr_caches)
			return false;
		c = caches[i];
		/* a hole: an empty line would be worse than a repeated one */
	} while (!c && i++ < MAX_CACHES);
	*out = (struct slab_stat){
		.name = c->name, .active = c->active, .total = c->total,
		.size = c->size, .pages = c->pages,
		.per_slab = (PAGE_SIZE << c->order) / c->stride,
	};
	return true;
}
