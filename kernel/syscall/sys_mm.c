/* SPDX-License-Identifier: MIT */
/*
 * System calls on memory: mmap(2), mprotect(2), brk(2), madvise(2) and their
 * relatives. What they do is mm/'s; here arguments are checked in Linux' order
 * and files looked up.
 *
 * MAP_HUGETLB gives ENOMEM, as a Linux whose huge page pool is empty; there is
 * no hugetlbfs, whose files alone may be mapped with it.
 */
#include <abi/errno.h>
#include <abi/mman.h>
#include <mm/mm.h>
#include <mm/pagecache.h>
#include <mm/slab.h>
#include <mm/uaccess.h>
#include <sched/sched.h>
#include <syscall/sys_mm.h>
#include <vfs/file.h>

/* MAP_HUGE_2MB, MAP_HUGE_1GB or none: mmap(2) */
static bool
huge_size_known(unsigned long flags)
{
	unsigned int order = flags >> 26 & 63;

	return !order || order == 21 || order == 30;
}

/* the flags of a private or anonymous mapping that make no sense together */
static int
check_type(unsigned long flags, bool anon)
{
	switch (flags & MAP_TYPE) {
	case MAP_SHARED:
		return anon && (flags & MAP_GROWSDOWN) ? -EINVAL : 0;
	case MAP_PRIVATE:
		return 0;
	case MAP_SHARED_VALIDATE:
		if (anon)
			return -EINVAL;
		return flags & ~(unsigned long)MAP_VALIDATED ? -EOPNOTSUPP : 0;
	}
	return -EINVAL;
}

long
sys_mmap(unsigned long addr, size_t len, unsigned long prot,
	 unsigned long flags, int fd, unsigned long off)
{
	bool anon = flags & MAP_ANONYMOUS;
	struct vm_backing backing = { 0 };
	struct file *f = NULL;
	vaddr_t at = addr;
	int err;

	if (off & ~PAGE_MASK)
		return -EINVAL;
	if (!anon) {
		f = file_get_fd(fd);
		if (!f)
			return -EBADF;
	}
	err = -EINVAL;
	if (!len || ((flags & MAP_HUGETLB) && (f || !huge_size_known(flags))))
		goto out;
	err = -ENOMEM;
	if (flags & MAP_HUGETLB)
		goto out;
	/* room and address come before the file's rights */
	if (ALIGN_UP(len, PAGE_SIZE) < len || len > USER_MAX)
		goto out;
	if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) &&
	    addr > USER_MAX - ALIGN_UP(len, PAGE_SIZE))
		goto out;
	err = -EINVAL;
	if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) && (addr & ~PAGE_MASK))
		goto out;
	err = -EOVERFLOW;
	if (f && !vfs_mmap_fits(f, off, len))
		goto out;
	err = check_type(flags, anon);
	if (err)
		goto out;
	if ((flags & MAP_TYPE) == MAP_SHARED_VALIDATE)
		flags = (flags & ~(unsigned long)MAP_TYPE) | MAP_SHARED;
	if (f) {
		err = vfs_mmap_backing(f, prot, flags, &backing);
		if (err)
			goto out;
	}
	err = mm_mmap(current_mm(), &at, len, prot, flags,
		      f ? &backing : NULL, off >> PAGE_SHIFT);
out:
	if (f)
		file_put(f);
	return err ? err : (long)at;
}

long
sys_munmap(unsigned long addr, size_t len)
{
	return mm_munmap(current_mm(), addr, len);
}

long
sys_mprotect(unsigned long addr, size_t len, unsigned long prot)
{
	return mm_mprotect(current_mm(), addr, len, prot);
}

long
sys_mremap(unsigned long old, size_t old_len, size_t new_len,
	   unsigned long flags, unsigned long new_addr)
{
	vaddr_t out = 0;
	int err;

	if (flags >> 31)
		return -EINVAL;
	err = mm_mremap(current_mm(), old, old_len, new_len, flags, new_addr,
			&out);
	return err ? err : (long)out;
}

long
sys_brk(unsigned long brk)
{
	return mm_brk(current_mm(), brk);
}

long
sys_madvise(unsigned long addr, size_t len, int advice)
{
	return mm_madvise(current_mm(), addr, len, advice);
}

long
sys_msync(unsigned long addr, size_t len, int flags)
{
	return mm_msync(current_mm(), addr, len, flags);
}

long
sys_mincore(unsigned long addr, size_t len, u8 __user *vec)
{
	size_t pages, step;
	long err = 0;
	u8 *buf;

	if (addr & ~PAGE_MASK)
		return -EINVAL;
	if (!access_ok(addr, len))
		return -ENOMEM;
	pages = ALIGN_UP(len, PAGE_SIZE) >> PAGE_SHIFT;
	if (!access_ok(vec, pages))
		return -EFAULT;
	buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!buf)
		return -EAGAIN;
	for (; pages && !err; pages -= step) {
		step = min(pages, PAGE_SIZE);
		err = mm_mincore(current_mm(), addr, step, buf);
		if (!err && copyout(vec, buf, step))
			err = -EFAULT;
		addr += step << PAGE_SHIFT;
		vec += step;
	}
	kfree(buf);
	return err;
}

long
sys_mlock(unsigned long addr, size_t len)
{
	return mm_mlock(current_mm(), addr, len, true, false);
}

long
sys_mlock2(unsigned long addr, size_t len, int flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return mm_mlock(current_mm(), addr, len, true, flags & MLOCK_ONFAULT);
}

long
sys_munlock(unsigned long addr, size_t len)
{
	return mm_mlock(current_mm(), addr, len, false, false);
}

long
sys_mlockall(int flags)
{
	if (!flags || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) ||
	    flags == MCL_ONFAULT)
		return -EINVAL;
	return mm_mlockall(current_mm(), flags);
}

long
sys_munlockall(void)
{
	return mm_mlockall(current_mm(), 0);
}

/*
 * remap_file_pages(2), as Linux since 4.0: the part of a shared file mapping
 * is mapped anew at another offset, a VMA of its own.
 */
long
sys_remap_file_pages(unsigned long start, size_t size, unsigned long prot,
		     unsigned long pgoff, unsigned long flags)
{
	struct mm *m = current_mm();
	struct vm_backing backing = { 0 };
	struct file *f = NULL;
	unsigned long vf = 0;
	struct vma *v;
	vaddr_t at;
	int err;

	start &= PAGE_MASK;
	size &= PAGE_MASK;
	if (prot || start + size <= start ||
	    pgoff + (size >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	rwsem_read_lock(&m->mmap_lock);
	v = vma_find(m, start);
	if (v && v->start <= start && start + size <= v->end &&
	    (v->flags & VM_SHARED) && v->file) {
		f = v->file;
		file_get(f);
		vf = v->flags;
	}
	rwsem_read_unlock(&m->mmap_lock);
	if (!f)
		return -EINVAL;
	prot = vf & (VM_READ | VM_WRITE | VM_EXEC);
	flags = (flags & MAP_NONBLOCK) | MAP_SHARED | MAP_FIXED | MAP_POPULATE;
	if (vf & VM_LOCKED)
		flags |= MAP_LOCKED;
	at = start;
	err = vfs_mmap_backing(f, prot, flags, &backing);
	if (!err)
		err = mm_mmap(m, &at, size, prot, flags, &backing, pgoff);
	file_put(f);
	return err;
}

/* ---- protection keys, pkeys(7): as on a CPU without them ---- */

long
sys_pkey_mprotect(unsigned long addr, size_t len, unsigned long prot, int pkey)
{
	return pkey == -1 ? sys_mprotect(addr, len, prot) : -EINVAL;
}

long
sys_pkey_alloc(unsigned long flags, unsigned long rights)
{
	return flags || (rights & ~3UL) ? -EINVAL : -ENOSPC;
}

long
sys_pkey_free(int pkey)
{
	(void)pkey;
	return -EINVAL;
}
