/* SPDX-License-Identifier: MIT */
/*
 * Asynchronous I/O contexts: io_setup(2), io_getevents(2).
 *
 * A context is a ring of events that the process sees: its pages belong to an
 * unnamed file, mapped shared; the address of the mapping is the context's name
 * and the number at its start (checked with the address) finds it in the table
 * of the address space. A request reserves room in the ring before it begins,
 * so that its event always has a place. The program may move the ring's head,
 * taking events without a system call: what it writes there changes nothing
 * but its own events, as each use is taken modulo the size. tail is the
 * kernel's own, and only copied to the ring.
 *
 * Structures: mm->aio has a tree of contexts by number, made by the first
 * io_setup(2); mm calls aio_exit() with the last user of the address space, so
 * exit and execve end contexts and fork does not inherit them (the mapping it
 * does, to no avail). A context goes with its last reference, the requests'
 * among them; at exit nobody waits for these.
 *
 * Locking: see aio.h. Table lock (rank files) the tree. ctx->lock is held
 * for a few instructions by threads only.
 *
 * Limits: fs.aio-max-nr of requests in all contexts, each counted as it was
 * asked for. The ring cannot be moved by mremap(2).
 */
#include <abi/mman.h>
#include <core/smp.h>
#include <fs/procfs.h>
#include <mm/uaccess.h>
#include "aio.h"
#include "internal.h"

#define EVENT_SIZE	sizeof(struct abi_io_event)
#define PAGE_EVENTS	(PAGE_SIZE / EVENT_SIZE)
#define MAX_EVENTS	(0x10000000U / EVENT_SIZE)

struct aio_ring {
	u32 nr_pages;
	struct page *pages[];
};

struct aio_table {
	struct spinlock lock;
	struct rb_root by_id;		/* lock: struct kioctx */
	u32 next_id;			/* lock */
};

static int aio_max_nr = 65536;
static int aio_nr;			/* nr_lock */
static struct spinlock nr_lock = SPINLOCK_INIT(RANK_FILES);

/* -- the ring ------------------------------------------------------------- */

static void
ring_free(struct aio_ring *r)
{
	for (u32 i = 0; i < r->nr_pages; i++)
		page_put(r->pages[i]);
	kvfree(r);
}

static struct aio_ring *
ring_alloc(u32 nr_pages)
{
	struct aio_ring *r = kvmalloc(sizeof(*r) + nr_pages *
				      sizeof(r->pages[0]), GFP_KERNEL);

	if (!r)
		return NULL;
	for (r->nr_pages = 0; r->nr_pages < nr_pages; r->nr_pages++) {
		struct page *p = page_alloc1(GFP_USER | GFP_ZERO);

		if (!p) {
			ring_free(r);
			return NULL;
		}
		r->pages[r->nr_pages] = p;
		cond_resched();
	}
	return r;
}

static void
ring_vm_open(struct vma *v)
{
	file_get(v->file);
}

static void
ring_vm_close(struct vma *v)
{
	file_put(v->file);
}

static int
ring_frame(struct vma *v, u64 pgoff, paddr_t *pa, u64 *cache)
{
	const struct aio_ring *r = v->private;

	if (pgoff >= r->nr_pages)
		return -EFAULT;
	*pa = page_to_phys(r->pages[pgoff]);
	*cache = PTE_CACHE_WB;
	return 0;
}

static const char *
ring_name(struct vma *v)
{
	return "/[aio] (deleted)";
}

static const struct vm_ops ring_vm_ops = {
	.open = ring_vm_open, .close = ring_vm_close, .frame = ring_frame,
	.name = ring_name,
};

static int
ring_mmap(struct file *f, struct vma *v)
{
	v->file = f;
	v->private = f->private;
	v->ops = &ring_vm_ops;
	v->flags |= VM_PFNMAP | VM_DONTEXPAND;
	file_get(f);
	return 0;
}

static void
ring_release(struct file *f)
{
	ring_free(f->private);
}

static const struct file_ops ring_fops = {
	.release = ring_release,
};

static inline struct abi_aio_ring *
ring_head(const struct kioctx *c)
{
	return page_to_virt(c->ring->pages[0]);
}

/* the i-th event; the head of the ring has the size of one */
static inline struct abi_io_event *
ring_event(const struct kioctx *c, u32 i)
{
	static_assert(sizeof(struct abi_aio_ring) == EVENT_SIZE, "layout");

	i++;
	return (struct abi_io_event *)page_to_virt(
		c->ring->pages[i / PAGE_EVENTS]) + i % PAGE_EVENTS;
}

static inline u32
events_head(const struct kioctx *c)
{
	return READ_ONCE(ring_head(c)->head) % c->nr;
}

/* -- room and events ------------------------------------------------------ */

int
kioctx_reserve(struct kioctx *c)
{
	u32 used;
	int r = 0;

	spin_lock(&c->lock);
	used = (c->tail + c->nr - events_head(c)) % c->nr;
	if (c->dead)
		r = -EINVAL;
	else if (c->in_flight + used >= c->nr - 1)
		r = -EAGAIN;
	else
		c->in_flight++;
	spin_unlock(&c->lock);
	return r;
}

static void
wake(struct kioctx *c)
{
	smp_mb();
	if (waitq_active(&c->wq))
		waitq_wake_all(&c->wq);
}

void
kioctx_unreserve(struct kioctx *c)
{
	spin_lock(&c->lock);
	c->in_flight--;
	spin_unlock(&c->lock);
	wake(c);
}

void
kioctx_event(struct kioctx *c, const struct abi_io_event *ev)
{
	spin_lock(&c->lock);
	*ring_event(c, c->tail) = *ev;
	smp_wmb();
	WRITE_ONCE(c->tail, c->tail + 1 == c->nr ? 0 : c->tail + 1);
	WRITE_ONCE(ring_head(c)->tail, c->tail);
	c->in_flight--;
	spin_unlock(&c->lock);
	wake(c);
}

static bool
has_events(const struct kioctx *c)
{
	return events_head(c) != READ_ONCE(c->tail);
}

/* How many were copied out, -EFAULT for none at all. */
static long
take_events(struct kioctx *c, struct abi_io_event __user *out, long max)
{
	long done = 0;
	u32 head, tail;
	int err = 0;

	mutex_lock(&c->read_lock);
	head = events_head(c);
	tail = READ_ONCE(c->tail);
	smp_rmb();
	while (done < max && head != tail) {
		u32 n = min_t(u32, (head < tail ? tail : c->nr) - head,
			      PAGE_EVENTS - (head + 1) % PAGE_EVENTS);

		n = min_t(long, n, max - done);
		err = copyout(out + done, ring_event(c, head), n * EVENT_SIZE);
		if (err)
			break;
		done += n;
		head = (head + n) % c->nr;
		WRITE_ONCE(ring_head(c)->head, head);
		cond_resched();
	}
	mutex_unlock(&c->read_lock);
	return done ? done : err;
}

long
kioctx_get_events(struct kioctx *c, long min_nr, long nr,
	       struct abi_io_event __user *out, nsec_t deadline)
{
	long done = 0, n;
	int err = 0;

	if (min_nr > nr || min_nr < 0)
		return -EINVAL;
	for (;;) {
		n = take_events(c, out + done, nr - done);
		if (n < 0)
			return done ? done : n;
		done += n;
		if (READ_ONCE(c->dead))
			return done ? done : -EINVAL;
		if (done >= min_nr || !deadline || err)
			return done ? done : err;
		err = wait_event_intr_timeout(&c->wq, has_events(c) ||
					      READ_ONCE(c->dead), deadline);
		if (err == -ETIMEDOUT)
			err = deadline = 0;
		else if (err)
			err = -EINTR;
	}
}

/* -- the table ------------------------------------------------------------ */

static struct kioctx *
find(struct aio_table *t, u32 id)
{
	struct rb_node *n = t->by_id.node;

	while (n) {
		struct kioctx *c = rb_entry(n, struct kioctx, node);

		if (c->id == id)
			return c;
		n = id < c->id ? n->left : n->right;
	}
	return NULL;
}

static void
insert(struct aio_table *t, struct kioctx *c)
{
	struct rb_node **link = &t->by_id.node, *parent = NULL;

	while (find(t, t->next_id))
		t->next_id++;
	c->id = t->next_id++;
	ring_head(c)->id = c->id;
	while (*link) {
		parent = *link;
		link = c->id < rb_entry(parent, struct kioctx, node)->id ?
			&parent->left : &parent->right;
	}
	rb_link_node(&c->node, parent, link);
	rb_insert_color(&c->node, &t->by_id);
}

static struct aio_table *
table_of(struct mm *m)
{
	struct aio_table *t = READ_ONCE(m->aio), *other;

	if (t)
		return t;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return NULL;
	spin_init(&t->lock, RANK_FILES);
	other = cmpxchg(&m->aio, NULL, t);
	if (!other)
		return t;
	kfree(t);
	return other;
}

struct kioctx *
kioctx_get(vaddr_t addr)
{
	const struct abi_aio_ring __user *u =
		(const struct abi_aio_ring __user *)addr;
	struct aio_table *t = READ_ONCE(current->mm->aio);
	struct kioctx *c;
	u32 id;

	if (get_user(id, &u->id) || !t)
		return NULL;
	spin_lock(&t->lock);
	c = find(t, id);
	if (c && c->addr == addr)
		refcount_get(&c->count);
	else
		c = NULL;
	spin_unlock(&t->lock);
	return c;
}

void
kioctx_put(struct kioctx *c)
{
	if (!refcount_put(&c->count))
		return;
	file_put(c->ring_file);
	kfree(c);
}

vaddr_t
kioctx_addr(const struct kioctx *c)
{
	return c->addr;
}

u32
kioctx_size(const struct kioctx *c)
{
	return c->nr;
}

/* -- making and ending ---------------------------------------------------- */

static int
count_requests(u32 n)
{
	int r = -EAGAIN;

	spin_lock(&nr_lock);
	if ((u64)aio_nr + n <= (u64)aio_max_nr) {
		aio_nr += n;
		r = 0;
	}
	spin_unlock(&nr_lock);
	return r;
}

static void
uncount_requests(u32 n)
{
	spin_lock(&nr_lock);
	aio_nr -= n;
	spin_unlock(&nr_lock);
}

static void
ring_start(struct kioctx *c)
{
	*ring_head(c) = (struct abi_aio_ring){
		.nr = c->nr, .magic = AIO_RING_MAGIC,
		.compat_features = AIO_RING_COMPAT_FEATURES,
		.incompat_features = AIO_RING_INCOMPAT_FEATURES,
		.header_length = sizeof(struct abi_aio_ring),
	};
}

static size_t
ring_bytes(const struct kioctx *c)
{
	return (size_t)c->ring->nr_pages << PAGE_SHIFT;
}

/* the ring for at least n events, its file and its mapping */
static int
make_ring(struct kioctx *c, u32 n)
{
	struct vm_backing b = { .mmap = ring_mmap,
		.may = VM_MAYREAD | VM_MAYWRITE | VM_MAYSHARE };
	int r;

	c->ring = ring_alloc(DIV_ROUND_UP((n + 2 + 1) * EVENT_SIZE, PAGE_SIZE));
	if (!c->ring)
		return -ENOMEM;
	c->nr = c->ring->nr_pages * PAGE_EVENTS - 1;
	ring_start(c);
	r = file_alloc_pseudo("[aio]", &ring_fops, c->ring, O_RDWR,
			      &c->ring_file);
	if (r) {
		ring_free(c->ring);
		return r;
	}
	b.file = c->ring_file;
	r = mm_mmap(current->mm, &c->addr, ring_bytes(c),
		    PROT_READ | PROT_WRITE, MAP_SHARED, &b, 0);
	if (r)
		file_put(c->ring_file);
	return r;
}

int
kioctx_create(u32 nr, struct kioctx **out)
{
	/* twice: events that are not fetched yet take room, too */
	u64 n = max_t(u64, nr, nr_cpus * 4) * 2;
	struct aio_table *t = table_of(current->mm);
	struct kioctx *c;
	int r;

	if (nr > INT_MAX || (n <= MAX_EVENTS && nr > (u32)aio_max_nr))
		return -EAGAIN;
	if (n > MAX_EVENTS)
		return -EINVAL;
	c = t ? kzalloc(sizeof(*c), GFP_KERNEL) : NULL;
	if (!c)
		return -ENOMEM;
	refcount_set(&c->count, 2);	/* the table's, the caller's */
	spin_init(&c->lock, RANK_OBJQUEUE);
	mutex_init(&c->read_lock, RANK_OBJECT);
	waitq_init(&c->wq);
	INIT_LIST_HEAD(&c->active);
	c->max_reqs = nr;
	r = count_requests(nr);
	if (r)
		goto out_free;
	r = make_ring(c, n);
	if (r)
		goto out_count;
	spin_lock(&t->lock);
	insert(t, c);
	spin_unlock(&t->lock);
	*out = c;
	return 0;
out_count:
	uncount_requests(nr);
out_free:
	kfree(c);
	return r;
}

/* false: somebody else did. It is on no table any more. */
static bool
kioctx_kill(struct kioctx *c)
{
	bool was;

	spin_lock(&c->lock);
	was = c->dead;
	WRITE_ONCE(c->dead, true);
	spin_unlock(&c->lock);
	if (was)
		return false;
	uncount_requests(c->max_reqs);
	waitq_wake_all(&c->wq);
	kioctx_cancel_all(c);
	return true;
}

int
kioctx_destroy(struct kioctx *c)
{
	struct aio_table *t = current->mm->aio;

	if (!kioctx_kill(c))
		return -EINVAL;
	spin_lock(&t->lock);
	rb_erase(&c->node, &t->by_id);
	spin_unlock(&t->lock);
	(void)mm_munmap(current->mm, c->addr, ring_bytes(c));
	kioctx_put(c);
	(void)wait_event_killable(&c->wq, !READ_ONCE(c->in_flight));
	return 0;
}

/* nobody else is in m */
void
aio_exit(struct mm *m)
{
	struct aio_table *t = m->aio;
	struct rb_node *n;

	m->aio = NULL;
	while ((n = rb_first(&t->by_id))) {
		struct kioctx *c = rb_entry(n, struct kioctx, node);

		rb_erase(n, &t->by_id);
		(void)kioctx_kill(c);
		kioctx_put(c);
		cond_resched();
	}
	kfree(t);
}

static const struct proc_sysctl_int max_nr = {
	"fs/aio-max-nr", 0644, &aio_max_nr, 0, INT_MAX };
static const struct proc_sysctl_int cur_nr = {
	"fs/aio-nr", 0444, &aio_nr, 0, INT_MAX };
SET_ADD(proc_sysctl, max_nr);
SET_ADD(proc_sysctl, cur_nr);
