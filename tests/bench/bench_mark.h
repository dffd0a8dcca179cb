/* SPDX-License-Identifier: MIT */
/*
 * bench_mark.h - the marks by which the bench program tells events.c where it
 * is: nopl DISP(%rax,%rax), with displacements that nothing else has.  They
 * do nothing, and can be executed on any kernel and processor.
 */
#ifndef BENCH_MARK_H
#define BENCH_MARK_H

#define MARK(last)						\
	__asm__ volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 0x4b, 0x52, 0x4c, " \
			 #last ::: "memory")
#define MARK_NOW() MARK(0x01)	/* the clock was read */
#define MARK_ROW() MARK(0x02)	/* a row ends: the last two readings */

__attribute__((unused)) static const unsigned char
mark_now_bytes[8] = { 0x0f, 0x1f, 0x84, 0x00, 0x4b, 0x52, 0x4c, 0x01 };
__attribute__((unused)) static const unsigned char
mark_row_bytes[8] = { 0x0f, 0x1f, 0x84, 0x00, 0x4b, 0x52, 0x4c, 0x02 };

#endif
