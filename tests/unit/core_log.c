/* SPDX-License-Identifier: MIT */
/*
 * The log ring through its wraps: numbers without gaps, what readers and
 * consoles see, filters, levels, the console= words.
 */
#include <abi/errno.h>
#include <boot/cmdline.h>
#include <core/log.h>
#include <lib/printf.h>
#include <lib/string.h>
#include "check.h"

void test_log_ring(void);
void test_log_read_behind(void);
void test_log_consoles(void);
void test_log_filter(void);
void test_log_console_words(void);
void test_log_user(void);
void test_log_rate(void);

static char text[1200], seen[1 << 18];
static size_t nr_seen;

static void
con_write(struct console *c, const char *s, size_t n)
{
	ALWAYS(nr_seen + n < sizeof(seen));
	memcpy(seen + nr_seen, s, n);
	nr_seen += n;
}

static struct log_record rec = { .text = text, .text_max = sizeof(text) };

static const struct log_module mod = { "mod", LOG_TRACE };

void
test_log_ring(void)
{
	u64 seq = log_next_seq(), first = seq;

	rec.text_max = sizeof(text);
	for (u32 i = 0; i < 5000; i++) {
		u32 len = unit_below(300);
		int r;

		log_printf(&mod, LOG_INFO, "%u %.*s", i, (int)len,
			   "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			   "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
			   "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
			   "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz");
		CHECK(log_next_seq() == first + i + 1);
		CHECK(log_first_seq() <= first + i);
		if (unit_below(3))
			continue;
		while ((r = log_read(&seq, &rec)) != -EAGAIN) {
			char want[16];
			int n;

			CHECK(r == 0);
			CHECK(rec.seq == seq - 1 && rec.level == LOG_INFO);
			n = snprintf(want, sizeof(want), "%lu ",
				     rec.seq - first);
			CHECK(rec.len >= n - 1 && !memcmp(text, want, n - 1));
		}
		CHECK(seq == log_next_seq());
	}
}

void
test_log_read_behind(void)
{
	u64 seq = log_next_seq(), old = seq;
	int r;

	for (u32 i = 0; i < 200; i++)
		log_printf(&mod, LOG_ERR, "%0900u", i);
	r = log_read(&seq, &rec);
	CHECK(r == -EPIPE && seq == log_first_seq() && seq > old);
	CHECK(log_read(&seq, &rec) == 0 && rec.len == 900 &&
	      rec.level == LOG_ERR);
	/* too long is cut; a short buffer too */
	memset(text, 'a', 1100);
	text[1100] = 0;
	seq = log_next_seq();
	log_printf(&mod, LOG_INFO, "%s", text);
	CHECK(log_read(&seq, &rec) == 0 && rec.len <= 960 && rec.len > 900);
	seq--;
	rec.text_max = 10;
	CHECK(log_read(&seq, &rec) == 0 && rec.len == 10);
	rec.text_max = sizeof(text);
	/* a number from the future is not there yet */
	seq = log_next_seq() + 5;
	CHECK(log_read(&seq, &rec) == -EAGAIN);
	/* jumping about */
	for (u32 i = 0; i < 300; i++) {
		u64 at = log_first_seq() +
			unit_below(log_next_seq() - log_first_seq());

		seq = at;
		CHECK(log_read(&seq, &rec) == 0 && rec.seq == at);
	}
}

void
test_log_consoles(void)
{
	static struct console con = { .name = "x", .write = con_write };
	static struct console late = { .name = "y", .write = con_write };
	const char *p;
	u32 lines = 0;

	for (u32 i = 0; i < 30; i++)
		log_printf(&mod, LOG_INFO, "early %u", i);
	console_register(&con);
	CHECK(nr_seen && strstr(seen, "] early 0\n"));
	CHECK(seen[0] == '[');
	nr_seen = 0;
	log_printf(&mod, LOG_INFO, "two\nlines\n");
	log_printf(&mod, LOG_DEBUG, "not shown");
	seen[nr_seen] = 0;
	for (p = seen; (p = strchr(p, '\n')); p++)
		lines++;
	CHECK(lines == 2 && strstr(seen, "] two\n[") &&
	      strstr(seen, "] lines\n"));
	console_loglevel = 8;
	log_printf(&mod, LOG_DEBUG, "shown");
	seen[nr_seen] = 0;
	CHECK(strstr(seen, "] mod: shown\n"));
	/* what a user writes is not echoed to the console */
	nr_seen = 0;
	log_write_user(1, LOG_EMERG, "hello", 5);
	CHECK(!nr_seen);
	/* each record once, however many consoles there are */
	console_register(&late);
	CHECK(!nr_seen);
	CHECK(console_first() == &con && con.next == &late);
	console_unregister(&con);
	log_printf(&mod, LOG_INFO, "once");
	seen[nr_seen] = 0;
	CHECK(strstr(seen, "once\n") && !strstr(strstr(seen, "once\n") + 1,
						 "once"));
	console_unregister(&late);
	CHECK(!console_first());
}

void
test_log_filter(void)
{
	console_loglevel = 4;
	CHECK(log_parse_filter("core=trace,irq=warn") == 0);
	CHECK(log_module_core.level == LOG_TRACE &&
	      log_module_irq.level == LOG_WARNING &&
	      log_module_smp.level == LOG_INFO);
	CHECK(console_loglevel == LOG_TRACE + 1);
	CHECK(log_parse_filter("debug") == 0);
	CHECK(log_module_irq.level == LOG_DEBUG &&
	      log_module_time.level == LOG_DEBUG);
	CHECK(log_parse_filter("core=loud") == -EINVAL);
	CHECK(log_parse_filter("nosuch=debug") == -EINVAL);
	CHECK(log_parse_filter("core=") == -EINVAL);
	CHECK(log_parse_filter("=debug") == -EINVAL);
	CHECK(log_parse_filter(",,irq=err,") == 0 &&
	      log_module_irq.level == LOG_ERR);
	CHECK(log_parse_filter("") == 0 && log_parse_filter(NULL) == 0);
}

void
test_log_console_words(void)
{
	const char *opt;

	/* none given: the screen, or the first serial line */
	CHECK(console_wanted("ttyS", 0, &opt) == CON_PREFERRED);
	CHECK(console_wanted("ttyS", 1, &opt) < 0);
	CHECK(console_wanted("tty", 0, &opt) == CON_PREFERRED);
	CHECK(console_wanted("ttyS", 0, &opt) < 0);
	cmdline_parse("console=ttyS1,115200n8 console=tty0 console=ttyS1x "
		      "console= console=tty999999999999 console=ttyS2 "
		      "loglevel=3 log=core=debug", NULL);
	CHECK(console_wanted("ttyS", 1, &opt) == 0 && opt &&
	      !strcmp(opt, "115200n8"));
	CHECK(console_wanted("ttyS", 0, &opt) < 0 && !opt);
	CHECK(console_wanted("tty", 1, NULL) < 0);
	CHECK(console_wanted("ttyS", 2, &opt) == CON_PREFERRED && !opt);
	CHECK(console_wanted("tty", 0, NULL) == 0);
	CHECK(log_module_core.level == LOG_DEBUG && console_loglevel == 8);
}

void
test_log_user(void)
{
	u64 seq = log_next_seq();

	log_write_user(3, LOG_NOTICE, "daemon\n", 7);
	CHECK(log_read(&seq, &rec) == 0 && rec.facility == 3 &&
	      rec.level == LOG_NOTICE && rec.len == 6);
	log_write_user(1, LOG_INFO, "", 0);
	CHECK(log_read(&seq, &rec) == 0 && rec.len == 0);
	log_write_user(1, LOG_INFO, "\n\n\n", 3);
	CHECK(log_read(&seq, &rec) == 0 && rec.len == 0);
}

void
test_log_rate(void)
{
	struct log_rate r = { 0 };
	u32 passed = 0;

	for (u32 i = 0; i < 100; i++)
		passed += log_rate_ok(&r);
	CHECK(passed == 10 && r.missed == 90);
}
