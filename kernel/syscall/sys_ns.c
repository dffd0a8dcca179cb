/* SPDX-License-Identifier: MIT */
/* System calls on namespaces: unshare(2), setns(2). */
#include <abi/errno.h>
#include <proc/pidfd.h>
#include <proc/proc.h>
#include <syscall/entry.h>
#include <vfs/file.h>

long
sys_unshare(unsigned long flags)
{
	return proc_unshare(flags);
}

long
sys_setns(int fd, int type)
{
	struct fd f = fdget(fd);
	struct pid *p;
	int err;

	if (!f.file)
		return -EBADF;
	p = pidfd_of(f.file);
	err = p ? proc_setns_pid(p, (u32)type) : proc_setns(f.file, (u32)type);
	fdput(f);
	return err;
}
