/* SPDX-License-Identifier: MIT */
#ifndef SERIAL_LOCAL_H
#define SERIAL_LOCAL_H

#include <lib/types.h>

#define NR_UARTS	4

struct uart_place { u16 port; u8 irq; };
extern const struct uart_place uart_places[NR_UARTS];

/* is there a UART? costs one read when there is not */
bool uart_present(u16 port);
/* line settings of `console=ttySn,9600e7` */
struct uart_line { u32 baud; u8 lcr; bool rtscts; };
void uart_parse_options(const char *s, struct uart_line *out);
/* 8n1 and so on, FIFO on, interrupts off */
void uart_setup(u16 port, const struct uart_line *l);
/* polled; gives up on a line that never gets ready */
void uart_poll_write(u16 port, const char *s, size_t n);

#endif
