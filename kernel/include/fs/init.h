/* SPDX-License-Identifier: MIT */
/*
 * Starting the file systems that show the kernel's own things. T, once each,
 * after vfs_init(); in any order, before or after drivers register.
 */
#ifndef FS_INIT_H
#define FS_INIT_H

void devtmpfs_init(void);	/* /dev: the one instance and its nodes */
void devpts_init(void);		/* after pty_init() or before */
void procfs_init(void);		/* after all drivers: reads the linker sets */
void sysfs_init(void);

#endif
