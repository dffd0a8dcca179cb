/* SPDX-License-Identifier: MIT */
/*
 * The polled part of the serial driver: finding and setting up a port, and
 * output that needs no interrupts (log, panic).
 */
#include <arch/io.h>
#include <lib/ctype.h>
#include <lib/kstrto.h>
#include "local.h"
#include "uart_reg.h"

/* reads of the line status before a byte is given up: over 50 ms */
#define POLL_MAX	65536

const struct uart_place uart_places[NR_UARTS] = {
	{ 0x3f8, 4 }, { 0x2f8, 3 }, { 0x3e8, 4 }, { 0x2e8, 3 },
};

bool
uart_present(u16 port)
{
	u8 old = inb(port + UART_IER), low, high;

	if (old == 0xff)
		return false;		/* nothing answers */
	outb(0, port + UART_IER);
	low = inb(port + UART_IER) & 15;
	outb(15, port + UART_IER);
	high = inb(port + UART_IER) & 15;
	outb(old & 15, port + UART_IER);
	return low == 0 && high == 15;
}

/* 9600n8r: speed, parity n/o/e, bits, flow control */
void
uart_parse_options(const char *s, struct uart_line *out)
{
	const char *end;

	*out = (struct uart_line){ .baud = UART_CLOCK, .lcr = 3 };
	if (!s || !isdigit(*s))
		return;
	out->baud = kstrtoul_prefix(s, &end, 10);
	if (!out->baud || out->baud > UART_CLOCK)
		out->baud = UART_CLOCK;
	if (*end == 'o')
		out->lcr |= LCR_PARITY;
	else if (*end == 'e')
		out->lcr |= LCR_PARITY | LCR_EVEN;
	if (*end)
		end++;
	if (*end >= '5' && *end <= '8')
		out->lcr = (out->lcr & ~3) | (*end++ - '5');
	out->rtscts = *end == 'r';
}

void
uart_setup(u16 port, const struct uart_line *l)
{
	u32 div = (UART_CLOCK + l->baud / 2) / l->baud;

	outb(0, port + UART_IER);
	outb(l->lcr | LCR_DLAB, port + UART_LCR);
	outb(div, port + UART_DLL);
	outb(div >> 8, port + UART_DLM);
	outb(l->lcr, port + UART_LCR);
	outb(FCR_ENABLE | FCR_CLEAR_RX | FCR_CLEAR_TX | FCR_TRIGGER_8,
	     port + UART_FCR);
	outb(MCR_DTR | MCR_RTS | MCR_OUT2, port + UART_MCR);
}

static bool
wait_empty(u16 port)
{
	for (u32 i = 0; i < POLL_MAX; i++)
		if (inb(port + UART_LSR) & LSR_THRE)
			return true;
	return false;
}

static inline void
out_string(u16 port, const char *s, size_t n)
{
	__asm__ volatile("rep outsb" : "+S"(s), "+c"(n) : "d"(port)
			 : "memory");
}

void
uart_poll_write(u16 port, const char *s, size_t n)
{
	char buf[UART_FIFO];
	size_t fill = 0;

	/* FIFO loads of 16; a UART without FIFO loses all but the first
	 * byte, but every machine that can run this has one */
	while (n || fill) {
		while (n && fill < UART_FIFO - 1) {
			if (*s == '\n')
				buf[fill++] = '\r';
			buf[fill++] = *s++;
			n--;
		}
		if (!wait_empty(port))
			return;
		out_string(port + UART_TX, buf, fill);
		fill = 0;
	}
}
