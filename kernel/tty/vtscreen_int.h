/* SPDX-License-Identifier: MIT */
/* Between vtscreen.c (the matrix) and vtparse.c (the sequences). */
#ifndef TTY_VTSCREEN_INT_H
#define TTY_VTSCREEN_INT_H

#include <tty/vtscreen.h>

void vts_erase(struct vt_screen *s, u32 y, u32 x, u32 n);
void vts_scroll_up(struct vt_screen *s, u32 top, u32 bottom, u32 n);
void vts_scroll_down(struct vt_screen *s, u32 top, u32 bottom, u32 n);
void vts_goto(struct vt_screen *s, s64 x, s64 y);
void vts_line_feed(struct vt_screen *s);
void vts_reverse_feed(struct vt_screen *s);
void vts_insert_cells(struct vt_screen *s, u32 n);
void vts_delete_cells(struct vt_screen *s, u32 n);
void vts_put(struct vt_screen *s, u32 ch);
size_t vts_put_run(struct vt_screen *s, const u8 *buf, size_t n);

#endif
