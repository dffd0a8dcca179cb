/* SPDX-License-Identifier: MIT */
/* Terminals: termios(3), ioctl_tty(2); x86_64 values. */
#ifndef ABI_TERMIOS_H
#define ABI_TERMIOS_H

#include <abi/ioctl.h>
#include <lib/types.h>

#define NCCS	19

struct abi_termios {		/* TCGETS, TCSETS* */
	u32 c_iflag;
	u32 c_oflag;
	u32 c_cflag;
	u32 c_lflag;
	u8 c_line;
	u8 c_cc[NCCS];
};
static_assert(sizeof(struct abi_termios) == 36, "ABI");

struct abi_termios2 {		/* TCGETS2, TCSETS*2: with exact speeds */
	u32 c_iflag;
	u32 c_oflag;
	u32 c_cflag;
	u32 c_lflag;
	u8 c_line;
	u8 c_cc[NCCS];
	u32 c_ispeed;
	u32 c_ospeed;
};
static_assert(sizeof(struct abi_termios2) == 44, "ABI");

struct abi_termio {		/* TCGETA, TCSETA*: System V */
	u16 c_iflag;
	u16 c_oflag;
	u16 c_cflag;
	u16 c_lflag;
	u8 c_line;
	u8 c_cc[8];
};
static_assert(sizeof(struct abi_termio) == 18, "ABI");

struct abi_winsize {
	u16 ws_row, ws_col, ws_xpixel, ws_ypixel;
};
static_assert(sizeof(struct abi_winsize) == 8, "ABI");

/* c_cc */
#define VINTR		0
#define VQUIT		1
#define VERASE		2
#define VKILL		3
#define VEOF		4
#define VTIME		5
#define VMIN		6
#define VSWTC		7
#define VSTART		8
#define VSTOP		9
#define VSUSP		10
#define VEOL		11
#define VREPRINT	12
#define VDISCARD	13
#define VWERASE		14
#define VLNEXT		15
#define VEOL2		16

/* c_iflag */
#define IGNBRK		0000001U
#define BRKINT		0000002U
#define IGNPAR		0000004U
#define PARMRK		0000010U
#define INPCK		0000020U
#define ISTRIP		0000040U
#define INLCR		0000100U
#define IGNCR		0000200U
#define ICRNL		0000400U
#define IUCLC		0001000U
#define IXON		0002000U
#define IXANY		0004000U
#define IXOFF		0010000U
#define IMAXBEL		0020000U
#define IUTF8		0040000U

/* c_oflag */
#define OPOST		0000001U
#define OLCUC		0000002U
#define ONLCR		0000004U
#define OCRNL		0000010U
#define ONOCR		0000020U
#define ONLRET		0000040U
#define OFILL		0000100U
#define OFDEL		0000200U
#define TABDLY		0014000U
#define XTABS		0014000U

/* c_cflag */
#define CBAUD		0010017U
#define CBAUDEX		0010000U
#define CSIZE		0000060U
#define CS5		0000000U
#define CS6		0000020U
#define CS7		0000040U
#define CS8		0000060U
#define CSTOPB		0000100U
#define CREAD		0000200U
#define PARENB		0000400U
#define PARODD		0001000U
#define HUPCL		0002000U
#define CLOCAL		0004000U
#define CIBAUD		002003600000U
#define CMSPAR		010000000000U
#define CRTSCTS		020000000000U
#define IBSHIFT		16

#define B0		0000000U
#define B50		0000001U
#define B75		0000002U
#define B110		0000003U
#define B134		0000004U
#define B150		0000005U
#define B200		0000006U
#define B300		0000007U
#define B600		0000010U
#define B1200		0000011U
#define B1800		0000012U
#define B2400		0000013U
#define B4800		0000014U
#define B9600		0000015U
#define B19200		0000016U
#define B38400		0000017U
#define BOTHER		0010000U
#define B57600		0010001U
#define B115200		0010002U
#define B230400		0010003U
#define B460800		0010004U
#define B500000		0010005U
#define B576000		0010006U
#define B921600		0010007U
#define B1000000	0010010U
#define B1152000	0010011U
#define B1500000	0010012U
#define B2000000	0010013U
#define B2500000	0010014U
#define B3000000	0010015U
#define B3500000	0010016U
#define B4000000	0010017U

/* c_lflag */
#define ISIG		0000001U
#define ICANON		0000002U
#define XCASE		0000004U
#define ECHO		0000010U
#define ECHOE		0000020U
#define ECHOK		0000040U
#define ECHONL		0000100U
#define NOFLSH		0000200U
#define TOSTOP		0000400U
#define ECHOCTL		0001000U
#define ECHOPRT		0002000U
#define ECHOKE		0004000U
#define FLUSHO		0010000U
#define PENDIN		0040000U
#define IEXTEN		0100000U
#define EXTPROC		0200000U

/* requests */
#define TCGETS		0x5401
#define TCSETS		0x5402
#define TCSETSW		0x5403
#define TCSETSF		0x5404
#define TCGETA		0x5405
#define TCSETA		0x5406
#define TCSETAW		0x5407
#define TCSETAF		0x5408
#define TCSBRK		0x5409
#define TCXONC		0x540a
#define TCFLSH		0x540b
#define TIOCEXCL	0x540c
#define TIOCNXCL	0x540d
#define TIOCSCTTY	0x540e
#define TIOCGPGRP	0x540f
#define TIOCSPGRP	0x5410
#define TIOCOUTQ	0x5411
#define TIOCSTI		0x5412
#define TIOCGWINSZ	0x5413
#define TIOCSWINSZ	0x5414
#define TIOCMGET	0x5415
#define TIOCMBIS	0x5416
#define TIOCMBIC	0x5417
#define TIOCMSET	0x5418
#define TIOCGSOFTCAR	0x5419
#define TIOCSSOFTCAR	0x541a
#define TIOCINQ		0x541b	/* FIONREAD */
#define TIOCLINUX	0x541c
#define TIOCCONS	0x541d
#define TIOCGSERIAL	0x541e
#define TIOCSSERIAL	0x541f
#define TIOCPKT		0x5420
#define TIOCNOTTY	0x5422
#define TIOCSETD	0x5423
#define TIOCGETD	0x5424
#define TCSBRKP		0x5425
#define TIOCSBRK	0x5427
#define TIOCCBRK	0x5428
#define TIOCGSID	0x5429
#define TCGETS2		0x802c542aU
#define TCSETS2		0x402c542bU
#define TCSETSW2	0x402c542cU
#define TCSETSF2	0x402c542dU
#define TIOCGRS485	0x542e
#define TIOCSRS485	0x542f
#define TIOCGPTN	0x80045430U
#define TIOCSPTLCK	0x40045431U
#define TIOCGDEV	0x80045432U
#define TCGETX		0x5432
#define TCSETX		0x5433
#define TIOCSIG		0x40045436U
#define TIOCVHANGUP	0x5437
#define TIOCGPKT	0x80045438U
#define TIOCGPTLCK	0x80045439U
#define TIOCGEXCL	0x80045440U
#define TIOCGPTPEER	0x5441
#define TIOCSERCONFIG	0x5453
#define TIOCGLCKTRMIOS	0x5456
#define TIOCSLCKTRMIOS	0x5457
#define TIOCMIWAIT	0x545c
#define TIOCGICOUNT	0x545d

/* TCXONC, TCFLSH */
#define TCOOFF		0
#define TCOON		1
#define TCIOFF		2
#define TCION		3
#define TCIFLUSH	0
#define TCOFLUSH	1
#define TCIOFLUSH	2

/* modem lines, TIOCMGET */
#define TIOCM_LE	0x001
#define TIOCM_DTR	0x002
#define TIOCM_RTS	0x004
#define TIOCM_CTS	0x020
#define TIOCM_CAR	0x040
#define TIOCM_RNG	0x080
#define TIOCM_DSR	0x100
#define TIOCM_OUT1	0x2000
#define TIOCM_OUT2	0x4000
#define TIOCM_LOOP	0x8000

/* the status byte of packet mode, TIOCPKT */
#define TIOCPKT_DATA		0
#define TIOCPKT_FLUSHREAD	1
#define TIOCPKT_FLUSHWRITE	2
#define TIOCPKT_STOP		4
#define TIOCPKT_START		8
#define TIOCPKT_NOSTOP		16
#define TIOCPKT_DOSTOP		32
#define TIOCPKT_IOCTL		64

#define N_TTY		0

struct abi_serial {		/* TIOCGSERIAL */
	s32 type, line;
	u32 port;
	s32 irq, flags, xmit_fifo_size, custom_divisor, baud_base;
	u16 close_delay;
	u8 io_type, reserved_char;
	s32 hub6;
	u16 closing_wait, closing_wait2;
	u64 iomem_base;
	u16 iomem_reg_shift;
	u32 port_high;
	u64 iomap_base;
};
static_assert(sizeof(struct abi_serial) == 72, "ABI");

struct abi_serial_icounter {	/* TIOCGICOUNT */
	s32 cts, dsr, rng, dcd, rx, tx, frame, overrun, parity, brk,
	    buf_overrun;
	s32 reserved[9];
};
static_assert(sizeof(struct abi_serial_icounter) == 80, "ABI");

#endif
