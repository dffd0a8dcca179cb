/* SPDX-License-Identifier: MIT */
/*
 * Kernel log: a ring of records, levels as syslog(2), printed on registered
 * consoles when below the console level. Each .c defines LOG_MODULE before
 * this include ("fs", "mm", "sched", "syscall", ...) to be filtered by
 * `log=fs=trace,mm=debug`.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <lib/set.h>
#include <lib/types.h>

enum log_level {
	LOG_EMERG, LOG_ALERT, LOG_CRIT, LOG_ERR, LOG_WARNING, LOG_NOTICE,
	LOG_INFO, LOG_DEBUG, LOG_TRACE
};

/* One per module name, made by LOG_MODULE_DEFINE; found through set log_module */
struct log_module {
	const char *name;
	u8 level;		/* records above it are dropped */
};

#define LOG_MODULE_DECLARE(n)	extern struct log_module log_module_##n
#define LOG_MODULE_DEFINE(n)	struct log_module log_module_##n = \
	{ #n, LOG_INFO }; SET_ADD(log_module, log_module_##n)

LOG_MODULE_DECLARE(core); LOG_MODULE_DECLARE(arch); LOG_MODULE_DECLARE(boot);
LOG_MODULE_DECLARE(sched); LOG_MODULE_DECLARE(mm); LOG_MODULE_DECLARE(task);
LOG_MODULE_DECLARE(vfs); LOG_MODULE_DECLARE(fs); LOG_MODULE_DECLARE(proc);
LOG_MODULE_DECLARE(tty); LOG_MODULE_DECLARE(dev); LOG_MODULE_DECLARE(acpi);
LOG_MODULE_DECLARE(time); LOG_MODULE_DECLARE(irq); LOG_MODULE_DECLARE(smp);
LOG_MODULE_DECLARE(syscall); LOG_MODULE_DECLARE(signal); LOG_MODULE_DECLARE(init);
LOG_MODULE_DECLARE(input); LOG_MODULE_DECLARE(video);

/* kprintf - unconditional record at INFO. Context: any, NMI included. */
void kprintf(const char *fmt, ...) __printf(1, 2);
void log_printf(const struct log_module *m, enum log_level lv,
		const char *fmt, ...) __printf(3, 4);
void log_vprintf(const struct log_module *m, enum log_level lv,
		 const char *fmt, va_list ap);

#define log_at(mod, lv, ...) \
	do { if (unlikely((lv) <= log_module_##mod.level)) \
		log_printf(&log_module_##mod, (lv), __VA_ARGS__); } while (0)
#define log_err(mod, ...)	log_at(mod, LOG_ERR, __VA_ARGS__)
#define log_warn(mod, ...)	log_at(mod, LOG_WARNING, __VA_ARGS__)
#define log_notice(mod, ...)	log_at(mod, LOG_NOTICE, __VA_ARGS__)
#define log_info(mod, ...)	log_at(mod, LOG_INFO, __VA_ARGS__)
#define log_debug(mod, ...)	log_at(mod, LOG_DEBUG, __VA_ARGS__)
#define log_trace(mod, ...)	log_at(mod, LOG_TRACE, __VA_ARGS__)
/* at most `burst` records per 5 s from this call site */
#define log_ratelimited(mod, lv, ...) \
	do { static struct log_rate rate_; \
	     if (log_rate_ok(&rate_)) log_at(mod, lv, __VA_ARGS__); } while (0)
struct log_rate { u64 window_start; u32 count, missed; };
bool log_rate_ok(struct log_rate *r);

/*
 * A console prints log text. write() is called with interrupts off, by one
 * CPU at a time; must not sleep or allocate. During a panic it may be called
 * while another CPU holds the driver's lock: use trylock then (log_panicking).
 */
struct console {
	const char *name;		/* "ttyS" or "tty" + index */
	int index;
	void (*write)(struct console *c, const char *s, size_t n);
	dev_t devnum;			/* its tty */
	u32 flags;			/* CON_* */
	struct console *next;		/* log's */
};
#define CON_PREFERRED	BIT(0)		/* /dev/console: the last console= */
#define CON_BOOT	BIT(1)		/* early one, dropped when a real comes */

/* console_register - replays the records not yet printed. Context: T, E. */
void console_register(struct console *c);
void console_unregister(struct console *c);
/*
 * console_wanted - is name+index among console= words (all are when none
 * given: tty0 if there is a screen, else ttyS0)? *options gets the text after
 * the comma or NULL; returns flags CON_PREFERRED or 0, negative when not.
 */
int console_wanted(const char *name, int index, const char **options);
bool console_wanted_given(void);	/* is there any console= word? */
/* log_init - early console if asked for. E, after cmdline_parse(). */
void log_init(void);
/* console_preferred - devnum of /dev/console's tty, 0 when none. */
dev_t console_preferred(void);
struct console *console_first(void);	/* list for /proc/consoles */

extern int console_loglevel;		/* `loglevel=`, syslog(2) 8 */
/* log_verbose - let consoles print what explains a crash, whatever loglevel= */
static inline void
log_verbose(void)
{
	if (console_loglevel < 7)
		console_loglevel = 7;
}
extern bool log_panicking;

/* Reading, for syslog(2), /dev/kmsg and klogd. Records are numbered. */
struct log_record {
	u64 seq;
	u64 ts_ns;
	u8 level;		/* LOG_* */
	u8 facility;		/* 0 kernel, 1 user (written through /dev/kmsg) */
	u16 len;		/* bytes of text */
	u16 text_max;
	char *text;		/* caller's buffer of text_max bytes */
};
/*
 * log_read - copy the record with number >= *seq into r; *seq becomes its
 * number + 1. 0; -EAGAIN when there is none yet; -EPIPE when *seq was already
 * overwritten (then *seq is the oldest). Context: any.
 */
int log_read(u64 *seq, struct log_record *r);
u64 log_first_seq(void);
u64 log_next_seq(void);
/* log_write_user - a line from user space (/dev/kmsg). */
void log_write_user(u8 facility, u8 level, const char *text, size_t len);
/* log_set_wake - called (I) a little after new records; set by dev/kmsg. */
void log_set_wake(void (*fn)(void));
size_t log_buffer_size(void);
int log_parse_filter(const char *spec);	/* `log=` word; 0 or -EINVAL */

#endif
