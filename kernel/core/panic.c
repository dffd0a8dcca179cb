/* SPDX-License-Identifier: MIT */
/*
 * The end with a reason: message, registers and backtrace of this CPU, then
 * all others are stopped and the machine restarts after panic= seconds, at
 * once when negative, or stays as it is.
 *
 * A second panic, on this CPU while the first is printed or on another one,
 * does not print again.
 */
#include <arch/irqflags.h>
#include <arch/percpu.h>
#include <boot/cmdline.h>
#include <boot/sections.h>
#include <core/assert.h>
#include <core/ksyms.h>
#include <core/log.h>
#include <core/reboot.h>
#include <core/smp.h>
#include <core/time.h>
#include <lib/kstrto.h>
#include <lib/printf.h>
#include <mm/uaccess.h>

int panic_timeout_s;

static s32 panic_cpu = -1;

static int
panic_param(const char *v)
{
	return v ? kstrtos32(v, 0, &panic_timeout_s) : -22;
}
KPARAM("panic", panic_param);

static bool
text_address(unsigned long a)
{
	return (a >= (unsigned long)_text && a < (unsigned long)_etext) ||
		(a >= (unsigned long)__init_begin &&
		 a < (unsigned long)__inittext_end);
}

void
backtrace_print(unsigned long rbp, unsigned long rip)
{
	unsigned long frame[2];

	kprintf("Call trace:\n");
	if (rip)
		kprintf(" %pS\n", (void *)rip);
	for (int i = 0; i < 32 && rbp >= PAGE_OFFSET && !(rbp & 7); i++) {
		if (kernel_read_nofault(frame, (void *)rbp, sizeof(frame)))
			break;
		if (!text_address(frame[1]))
			break;
		kprintf(" %pS\n", (void *)frame[1]);
		if (frame[0] <= rbp)
			break;
		rbp = frame[0];
	}
}

static void __noreturn
stop_here(void)
{
	for (;;) {
		irq_disable();
		__asm__ volatile("hlt");
	}
}

void
panic(const char *fmt, ...)
{
	s32 none = -1;
	char text[256];
	va_list ap;

	irq_disable();
	if (!__atomic_compare_exchange_n(&panic_cpu, &none, (s32)cpu_id(),
			false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		stop_here();
	log_panicking = true;
	log_verbose();
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_err(core, "Kernel panic: %s", text);
	backtrace_print((unsigned long)__builtin_frame_address(0), 0);
	smp_stop_others();
	log_err(core, "---[ end Kernel panic: %s ]---", text);
	if (panic_timeout_s > 0) {
		log_err(core, "Rebooting in %d seconds", panic_timeout_s);
		for (int i = 0; i < panic_timeout_s * 1000; i++)
			udelay(1000);
	}
	if (panic_timeout_s)
		machine_end(MACHINE_RESTART);
	stop_here();
}

void
assert_fail(const char *expr, const char *file, int line)
{
	panic("assertion failed: %s at %s:%d", expr, file, line);
}
