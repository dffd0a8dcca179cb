/* SPDX-License-Identifier: MIT */
/* Registers of the 16550, "PC16550D" data sheet (National, 1995). */
#ifndef UART_REG_H
#define UART_REG_H

#define UART_RX		0	/* DLAB 0, read */
#define UART_TX		0	/* DLAB 0, write */
#define UART_DLL	0	/* DLAB 1 */
#define UART_IER	1
#define UART_DLM	1	/* DLAB 1 */
#define UART_IIR	2	/* read */
#define UART_FCR	2	/* write */
#define UART_LCR	3
#define UART_MCR	4
#define UART_LSR	5
#define UART_MSR	6
#define UART_SCR	7

#define IER_RX		0x01
#define IER_THRE	0x02
#define IER_LINE	0x04
#define IER_MODEM	0x08

#define IIR_NONE	0x01
#define IIR_FIFO	0xc0

#define FCR_ENABLE	0x01
#define FCR_CLEAR_RX	0x02
#define FCR_CLEAR_TX	0x04
#define FCR_TRIGGER_8	0x80

#define LCR_STOP2	0x04
#define LCR_PARITY	0x08
#define LCR_EVEN	0x10
#define LCR_STICK	0x20
#define LCR_BREAK	0x40
#define LCR_DLAB	0x80

#define MCR_DTR		0x01
#define MCR_RTS		0x02
#define MCR_OUT1	0x04
#define MCR_OUT2	0x08	/* gates the interrupt line */
#define MCR_LOOP	0x10

#define LSR_DATA	0x01
#define LSR_OVERRUN	0x02
#define LSR_PARITY	0x04
#define LSR_FRAME	0x08
#define LSR_BREAK	0x10
#define LSR_THRE	0x20
#define LSR_IDLE	0x40	/* FIFO and shift register empty */

#define MSR_DCTS	0x01
#define MSR_DDSR	0x02
#define MSR_TERI	0x04
#define MSR_DDCD	0x08
#define MSR_CTS		0x10
#define MSR_DSR		0x20
#define MSR_RI		0x40
#define MSR_DCD		0x80

#define UART_CLOCK	115200	/* divisor 1 */
#define UART_FIFO	16

#endif
