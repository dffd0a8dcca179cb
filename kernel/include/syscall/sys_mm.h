/* SPDX-License-Identifier: MIT */
/* Entries of the system call table on memory; see the man pages. T. */
#ifndef SYSCALL_SYS_MM_H
#define SYSCALL_SYS_MM_H

#include <lib/types.h>

struct iovec;

long sys_mmap(unsigned long addr, size_t len, unsigned long prot,
	      unsigned long flags, int fd, unsigned long off);
long sys_munmap(unsigned long addr, size_t len);
long sys_mprotect(unsigned long addr, size_t len, unsigned long prot);
long sys_mremap(unsigned long old, size_t old_len, size_t new_len,
		unsigned long flags, unsigned long new_addr);
long sys_brk(unsigned long brk);
long sys_madvise(unsigned long addr, size_t len, int advice);
long sys_msync(unsigned long addr, size_t len, int flags);
long sys_mincore(unsigned long addr, size_t len, u8 __user *vec);
long sys_mlock(unsigned long addr, size_t len);
long sys_mlock2(unsigned long addr, size_t len, int flags);
long sys_munlock(unsigned long addr, size_t len);
long sys_mlockall(int flags);
long sys_munlockall(void);
long sys_remap_file_pages(unsigned long start, size_t size, unsigned long prot,
			  unsigned long pgoff, unsigned long flags);
long sys_process_vm_readv(pid_t pid, const struct iovec __user *local,
			  unsigned long nr_local,
			  const struct iovec __user *remote,
			  unsigned long nr_remote, unsigned long flags);
long sys_process_vm_writev(pid_t pid, const struct iovec __user *local,
			   unsigned long nr_local,
			   const struct iovec __user *remote,
			   unsigned long nr_remote, unsigned long flags);

long sys_pkey_mprotect(unsigned long addr, size_t len, unsigned long prot,
		       int pkey);
long sys_pkey_alloc(unsigned long flags, unsigned long rights);
long sys_pkey_free(int pkey);

#endif
