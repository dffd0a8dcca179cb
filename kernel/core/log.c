/* SPDX-License-Identifier: MIT */
/*
 * The kernel log.
 *
 * Records of text lie in one byte ring, each behind a header with number,
 * time, level and length; the oldest are overwritten. A writer formats into a
 * buffer of its own first, then holds log_lock just for the copy, so any
 * context may log. Consoles are fed from the ring by whoever gets the console
 * lock (a try-lock): a record written while somebody else prints is printed by
 * that one before it leaves. An NMI or a panic that finds the lock taken by
 * its own CPU prints at once, without the ring.
 *
 * Locking: log_lock (rank log, the last) for the ring; console_busy, a flag,
 * for the consoles. Nothing here allocates or sleeps; readers are woken from
 * a timer a little later (log_set_wake), because log_lock is last in the
 * order and waking takes others.
 *
 * Limits: a record holds 960 bytes of text; longer ones are cut.
 */
#include <abi/errno.h>
#include <arch/percpu.h>
#include <boot/cmdline.h>
#include <core/log.h>
#include <core/smp.h>
#include <core/spinlock.h>
#include <core/time.h>
#include <core/timer.h>
#include <lib/kstrto.h>
#include <lib/printf.h>
#include <lib/string.h>

#define LOG_BUF_SIZE	(64 * 1024)	/* power of two */
#define LOG_TEXT_MAX	960
#define CONSOLE_WORDS	8

struct header {
	u64 ts_ns;
	u16 len;		/* of the text behind */
	u8 level, facility;
	u32 pad;
};

LOG_MODULE_DEFINE(core);
LOG_MODULE_DEFINE(arch);
LOG_MODULE_DEFINE(boot);
LOG_MODULE_DEFINE(irq);
LOG_MODULE_DEFINE(smp);
LOG_MODULE_DEFINE(time);

SET_DECLARE(log_module, struct log_module);

static struct spinlock log_lock = SPINLOCK_INIT(RANK_LOG);
static u8 ring[LOG_BUF_SIZE] __aligned(16);
static u64 head, tail;		/* bytes written and dropped since boot */
static u64 first_seq, next_seq;	/* records at tail and at head */
static u64 console_pos, console_seq;	/* next for the consoles */

int console_loglevel = 7;	/* records below it are printed */
bool log_panicking;

static struct console *consoles;
static u32 console_busy;	/* 1 + CPU that prints */
static bool force_next_ts;

/* ---- the ring; log_lock held ---- */

static void
ring_put(u64 at, const void *p, size_t n)
{
	size_t off = at & (LOG_BUF_SIZE - 1), k = min(n, LOG_BUF_SIZE - off);

	memcpy(ring + off, p, k);
	memcpy(ring, (const u8 *)p + k, n - k);
}

static void
ring_get(u64 at, void *p, size_t n)
{
	size_t off = at & (LOG_BUF_SIZE - 1), k = min(n, LOG_BUF_SIZE - off);

	memcpy(p, ring + off, k);
	memcpy((u8 *)p + k, ring, n - k);
}

static size_t
record_size(u16 len)
{
	return sizeof(struct header) + ALIGN_UP((size_t)len, 8);
}

static void
ring_append(u8 facility, u8 level, const char *text, size_t len)
{
	struct header h = { .ts_ns = clock_mono_ns(), .len = len,
		.level = level, .facility = facility };
	size_t size = record_size(len);

	while (head + size - tail > LOG_BUF_SIZE) {
		struct header old;

		ring_get(tail, &old, sizeof(old));
		if (console_pos == tail) {
			console_pos += record_size(old.len);
			console_seq++;
		}
		tail += record_size(old.len);
		first_seq++;
	}
	ring_put(head, &h, sizeof(h));
	ring_put(head + sizeof(h), text, len);
	head += size;
	next_seq++;
}

/* ---- consoles ---- */

static void
consoles_write(const char *s, size_t n)
{
	for (struct console *c = consoles; c; c = c->next)
		c->write(c, s, n);
}

/* Print one record the way the field does: "[    1.234567] text". */
static void
print_record(const struct header *h, const char *text)
{
	char stamp[32];
	size_t n = scnprintf(stamp, sizeof(stamp), "[%5lu.%06lu] ",
			     h->ts_ns / NSEC_PER_SEC,
			     h->ts_ns % NSEC_PER_SEC / 1000);

	while (h->len) {
		const char *nl = memchr(text, '\n', h->len);
		size_t k = nl ? (size_t)(nl - text) : h->len;

		consoles_write(stamp, n);
		consoles_write(text, k);
		consoles_write("\n", 1);
		if (!nl || k + 1 >= h->len)
			break;
		((struct header *)h)->len -= k + 1;
		text = nl + 1;
	}
}

/*
 * Feed the consoles all records not yet printed. One CPU at a time; another
 * that comes meanwhile leaves its record to the one inside.
 */
static void
consoles_flush(void)
{
	char text[LOG_TEXT_MAX];
	struct header h;
	unsigned long f;
	u32 free = 0;

	if (!consoles)
		return;
again:
	free = 0;
	f = irq_save();
	if (!__atomic_compare_exchange_n(&console_busy, &free, cpu_id() + 1,
			false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED) &&
	    !log_panicking) {
		irq_restore(f);
		return;
	}
	for (;;) {
		spin_lock(&log_lock);
		if (console_pos == head) {
			spin_unlock(&log_lock);
			break;
		}
		ring_get(console_pos, &h, sizeof(h));
		ring_get(console_pos + sizeof(h), text, h.len);
		console_pos += record_size(h.len);
		console_seq++;
		spin_unlock(&log_lock);
		if (h.level < console_loglevel && h.facility == 0)
			print_record(&h, text);
	}
	__atomic_store_n(&console_busy, 0, __ATOMIC_RELEASE);
	irq_restore(f);
	/* a record may have come after the test and before the release */
	if (READ_ONCE(console_pos) != READ_ONCE(head))
		goto again;
}

void
console_register(struct console *c)
{
	struct console **p = &consoles;
	unsigned long f = irq_save();

	/* a real console takes over from the early ones, which it would echo */
	if (!(c->flags & CON_BOOT)) {
		while (*p)
			if ((*p)->flags & CON_BOOT)
				*p = (*p)->next;
			else
				p = &(*p)->next;
	}
	spin_lock(&log_lock);
	if (!consoles && !force_next_ts) {
		console_pos = tail;
		console_seq = first_seq;
	}
	force_next_ts = true;
	spin_unlock(&log_lock);
	for (p = &consoles; *p; p = &(*p)->next)
		;
	c->next = NULL;
	WRITE_ONCE(*p, c);
	irq_restore(f);
	consoles_flush();
}

void
console_unregister(struct console *c)
{
	unsigned long f = irq_save();

	for (struct console **p = &consoles; *p; p = &(*p)->next)
		if (*p == c) {
			*p = c->next;
			break;
		}
	irq_restore(f);
}

struct console *
console_first(void)
{
	return consoles;
}

/* ---- console= ---- */

static struct { const char *name; size_t name_len; int index; const char *opt; }
	words[CONSOLE_WORDS];
static int nr_words;

static int
console_param(const char *v)
{
	size_t n;
	u64 idx = 0;
	const char *comma;

	if (!v || nr_words == CONSOLE_WORDS)
		return -EINVAL;
	comma = strchr(v, ',');
	n = comma ? (size_t)(comma - v) : strlen(v);
	while (n && v[n - 1] >= '0' && v[n - 1] <= '9')
		n--;
	for (const char *p = v + n; *p >= '0' && *p <= '9'; p++)
		idx = idx * 10 + (*p - '0');
	if (!n || idx > 255)
		return -EINVAL;
	words[nr_words].name = v;
	words[nr_words].name_len = n;
	words[nr_words].index = idx;
	words[nr_words++].opt = comma ? comma + 1 : NULL;
	return 0;
}
KPARAM("console", console_param);

static bool have_screen;

int
console_wanted(const char *name, int index, const char **options)
{
	int last = -ENODEV;

	if (options)
		*options = NULL;
	if (!nr_words) {
		/* the screen when there is one, else the first serial line */
		bool tty = !strcmp(name, "tty");

		if (tty)
			have_screen = true;
		if (tty ? index <= 1 : !have_screen && index == 0)
			return CON_PREFERRED;
		return -ENODEV;
	}
	for (int i = 0; i < nr_words; i++) {
		if (strlen(name) != words[i].name_len ||
		    strncmp(name, words[i].name, words[i].name_len) ||
		    index != words[i].index)
			continue;
		if (options)
			*options = words[i].opt;
		last = i == nr_words - 1 ? CON_PREFERRED : 0;
	}
	return last;
}

bool
console_wanted_given(void)
{
	return nr_words > 0;
}

dev_t
console_preferred(void)
{
	struct console *any = NULL;

	for (struct console *c = consoles; c; c = c->next) {
		if (!c->devnum)
			continue;
		any = c;
		if (c->flags & CON_PREFERRED)
			return c->devnum;
	}
	return any ? any->devnum : 0;
}

/* ---- levels and filters ---- */

static int
loglevel_param(const char *v)
{
	s64 n;
	int r = v ? kstrtos64(v, 0, &n) : -EINVAL;

	if (!r && (n < 0 || n > 15))
		r = -ERANGE;
	if (!r)
		console_loglevel = n;
	return r;
}
KPARAM("loglevel", loglevel_param);

static int
quiet_param(const char *v)
{
	console_loglevel = 4;
	return v ? -EINVAL : 0;
}
KPARAM("quiet", quiet_param);

static int
debug_param(const char *v)
{
	console_loglevel = 10;
	return v ? -EINVAL : 0;
}
KPARAM("debug", debug_param);

static int
level_by_name(const char *s, size_t n)
{
	static const char *const names[] = { "emerg", "alert", "crit", "err",
		"warn", "notice", "info", "debug", "trace" };

	for (int i = 0; i < (int)ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == n && !strncmp(names[i], s, n))
			return i;
	return -EINVAL;
}

static int
filter_one(const char *s, size_t n)
{
	const char *eq = memchr(s, '=', n);
	size_t name = eq ? (size_t)(eq - s) : 0;
	int level;
	bool hit = false;

	level = eq ? level_by_name(eq + 1, n - name - 1) : level_by_name(s, n);
	if (level < 0)
		return level;
	SET_FOREACH(log_module, struct log_module, m)
		if (!eq || (strlen((*m)->name) == name &&
			    !strncmp((*m)->name, s, name))) {
			(*m)->level = level;
			hit = true;
		}
	/* who asks for details wants to see them */
	if (hit && level >= console_loglevel)
		console_loglevel = level + 1;
	return hit ? 0 : -EINVAL;
}

int
log_parse_filter(const char *spec)
{
	int r = 0;

	while (spec && *spec) {
		const char *comma = strchr(spec, ',');
		size_t n = comma ? (size_t)(comma - spec) : strlen(spec);

		if (n && filter_one(spec, n))
			r = -EINVAL;
		spec += n + !!comma;
	}
	return r;
}
KPARAM("log", log_parse_filter);

/* ---- writing ---- */

static void (*wake_fn)(void);
static struct timer wake_timer;

static void
wake_fire(struct timer *t)
{
	(void)t;
	wake_fn();
}

void
log_set_wake(void (*fn)(void))
{
	timer_init(&wake_timer, wake_fire);
	smp_store_release(&wake_fn, fn);
}

/*
 * Wake readers a little later, by a timer. With interrupts on no lock of the
 * timers or below is held here; with them off one may be, so then it is left
 * to the next record.
 */
static void
log_wake_readers(void)
{
	if (wake_fn && !irq_disabled() && !timer_pending(&wake_timer))
		timer_arm(&wake_timer, clock_mono_ns() + NSEC_PER_MSEC);
}

static void
log_store(u8 facility, u8 level, const char *text, size_t len)
{
	unsigned long f;

	while (len && text[len - 1] == '\n')
		len--;
	if (log_panicking) {
		/* the holder may have been stopped: do not wait for it */
		f = irq_save();
		for (int i = 0; i < 100000 && !spin_trylock(&log_lock); i++)
			cpu_relax();
		ring_append(facility, level, text, min_t(size_t, len, LOG_TEXT_MAX));
		log_lock.word = 0;
		irq_restore(f);
		consoles_flush();
		return;
	}
	f = spin_lock_irqsave(&log_lock);
	ring_append(facility, level, text, min_t(size_t, len, LOG_TEXT_MAX));
	spin_unlock_irqrestore(&log_lock, f);
	consoles_flush();
	log_wake_readers();
}

void
log_vprintf(const struct log_module *m, enum log_level lv, const char *fmt,
	    va_list ap)
{
	char text[LOG_TEXT_MAX];
	size_t n = 0;

	if (m && m != &log_module_syscall && m->name && lv >= LOG_DEBUG)
		n = scnprintf(text, sizeof(text), "%s: ", m->name);
	n += vscnprintf(text + n, sizeof(text) - n, fmt, ap);
	log_store(0, lv, text, n);
}

void
log_printf(const struct log_module *m, enum log_level lv, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vprintf(m, lv, fmt, ap);
	va_end(ap);
}

void
kprintf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vprintf(NULL, LOG_INFO, fmt, ap);
	va_end(ap);
}

void
log_write_user(u8 facility, u8 level, const char *text, size_t len)
{
	log_store(facility, level, text, len);
}

bool
log_rate_ok(struct log_rate *r)
{
	u64 now = clock_mono_ns();

	/* racy by design: a few records more or less */
	if (now - r->window_start > 5 * NSEC_PER_SEC || !r->window_start) {
		r->window_start = now ? now : 1;
		r->count = 0;
		r->missed = 0;
	}
	if (r->count++ < 10)
		return true;
	r->missed++;
	return false;
}

/* ---- reading ---- */

int
log_read(u64 *seq, struct log_record *r)
{
	struct header h;
	unsigned long f = spin_lock_irqsave(&log_lock);
	u64 at = tail, s = first_seq;
	static u64 hint_seq, hint_pos;	/* where the last read ended */
	int ret = 0;

	if (*seq < first_seq) {
		*seq = first_seq;
		ret = -EPIPE;
		goto out;
	}
	if (*seq >= next_seq) {
		ret = -EAGAIN;
		goto out;
	}
	if (hint_seq >= first_seq && hint_seq <= *seq && hint_pos >= tail) {
		at = hint_pos;
		s = hint_seq;
	}
	for (; s < *seq; s++) {
		ring_get(at, &h, sizeof(h));
		at += record_size(h.len);
	}
	ring_get(at, &h, sizeof(h));
	r->seq = s;
	r->ts_ns = h.ts_ns;
	r->level = h.level;
	r->facility = h.facility;
	r->len = min(h.len, r->text_max);
	ring_get(at + sizeof(h), r->text, r->len);
	hint_seq = s + 1;
	hint_pos = at + record_size(h.len);
	*seq = s + 1;
out:
	spin_unlock_irqrestore(&log_lock, f);
	return ret;
}

u64
log_first_seq(void)
{
	return READ_ONCE(first_seq);
}

u64
log_next_seq(void)
{
	return READ_ONCE(next_seq);
}

size_t
log_buffer_size(void)
{
	return LOG_BUF_SIZE;
}
