/* SPDX-License-Identifier: MIT */
/*
 * The parts of user (and doubtful kernel) memory access that need no
 * assembler. See mm/uaccess.h and uaccess.S.
 */
#include <mm/uaccess.h>

DEFINE_PERCPU(u32, pagefault_off);

int uaccess_cmpxchg32(u32 *p, u32 old, u32 new, u32 *cur);

int
user_cmpxchg32(u32 __user *p, u32 old, u32 new, u32 *cur)
{
	if (!access_ok(p, sizeof(*p)))
		return -EFAULT;
	return uaccess_cmpxchg32((u32 *)(unsigned long)p, old, new, cur);
}

size_t
fault_in_readable(const void __user *p, size_t n)
{
	unsigned long a = (unsigned long)p, end = a + n;
	u64 v;

	if (!n)
		return 0;
	if (!access_ok(p, n))
		return n;
	do {
		if (uaccess_get(&v, a, 1))
			return end - a;
		a = ALIGN_DOWN(a, PAGE_SIZE) + PAGE_SIZE;
	} while (a < end);
	return 0;
}

size_t
fault_in_writeable(void __user *p, size_t n)
{
	unsigned long a = (unsigned long)p, end = a + n;

	if (!n)
		return 0;
	if (!access_ok(p, n))
		return n;
	do {
		u64 v;
		u32 cur;
		unsigned long word = a & ~3UL;

		/* an atomic no-change write, so that nothing is lost; the first
		 * word of user memory that is not aligned cannot leave it */
		if (uaccess_get(&v, a, 1) ||
		    uaccess_cmpxchg32((u32 *)word, 0, 0, &cur))
			return end - a;
		a = ALIGN_DOWN(a, PAGE_SIZE) + PAGE_SIZE;
	} while (a < end);
	return 0;
}

int
kernel_read_nofault(void *dst, const void *src, size_t n)
{
	unsigned long a = (unsigned long)src;
	size_t left;

	/* canonical upper half only, and no wrap */
	if (a < PAGE_OFFSET || a + n < a)
		return -EFAULT;
	pagefault_disable();
	left = uaccess_copy(dst, src, n);
	pagefault_enable();
	return left ? -EFAULT : 0;
}
