/* SPDX-License-Identifier: MIT */
#ifndef CHAR_CHR_MEM_H
#define CHAR_CHR_MEM_H

struct device;
struct file_ops;

/* chr_mem_add - register d (number and name set) in class "mem" with ops. T. */
void chr_mem_add(struct device *d, const struct file_ops *ops);

#endif
