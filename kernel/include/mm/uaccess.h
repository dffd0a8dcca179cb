/* SPDX-License-Identifier: MIT */
/*
 * User memory. The only way to touch it: every access is range checked
 * against USER_MAX, runs with SMAP lifted for just the access, and a fault
 * that mm_fault() cannot resolve ends in -EFAULT.
 *
 * Context: T with irqs on, as any of these may sleep in a page fault; nothing
 * from lock rank mmap on may be held. The _nofault forms never enter mm_fault():
 * they give -EFAULT for a page that is not present, in any context but NMI.
 */
#ifndef MM_UACCESS_H
#define MM_UACCESS_H

#include <abi/errno.h>
#include <arch/alternative.h>
#include <arch/layout.h>
#include <arch/percpu.h>
#include <lib/types.h>

/* access_ok - does [p, p + n) lie in the user half? Says nothing of mappings. */
#define access_ok(p, n)	access_ok_((unsigned long)(p), (n))
static __always_inline bool
access_ok_(unsigned long p, size_t n)
{
	if (__builtin_constant_p(n) && n <= PAGE_SIZE)
		return likely(p <= USER_MAX - n);
	return likely(n <= USER_MAX && p <= USER_MAX - n);
}

#if CONFIG_DEBUG
void uaccess_check(void);	/* may a fault be served now? */
#else
#define uaccess_check()	do { } while (0)
#endif

/* arch/x86_64/uaccess.S; no range check; return bytes not done */
size_t uaccess_copy(void *dst, const void *src, size_t n);
size_t uaccess_clear(unsigned long dst, size_t n);
/* max > 0, limited by the caller; length with NUL, 0: no NUL, -EFAULT */
ssize_t uaccess_strcpy(char *dst, unsigned long src, size_t max);
size_t uaccess_strlen(unsigned long src, size_t max);

#define UACCESS_GET_(insn, v, p, e) \
	__asm__ volatile(ASM_STAC "1:\t" insn "\n" "2:\t" ASM_CLAC \
		".pushsection .text.fixup, \"ax\"\n3:\txorl %k1, %k1\n\t" \
		"movl %3, %0\n\tjmp 2b\n\t.popsection\n\t" \
		ASM_EXTABLE("1b", "3b") \
		: "+r"(e), "=&r"(v) : "m"(*(const char (*)[8])(p)), \
		  "i"(-EFAULT) : "memory")
#define UACCESS_PUT_(insn, v, p, e) \
	__asm__ volatile(ASM_STAC "1:\t" insn "\n" "2:\t" ASM_CLAC \
		".pushsection .text.fixup, \"ax\"\n3:\tmovl %3, %0\n\t" \
		"jmp 2b\n\t.popsection\n\t" ASM_EXTABLE("1b", "3b") \
		: "+r"(e) : "r"(v), "m"(*(char (*)[8])(p)), "i"(-EFAULT) \
		: "memory")

/* size is a constant of 1, 2, 4 or 8; anything else does not link */
extern int uaccess_bad_size(void);

static __always_inline int
uaccess_get(u64 *out, unsigned long p, size_t size)
{
	int e = 0;
	u64 v;

	uaccess_check();
	if (!access_ok_(p, size)) {
		*out = 0;
		return -EFAULT;
	}
	switch (size) {
	case 1: UACCESS_GET_("movzbl %2, %k1", v, p, e); break;
	case 2: UACCESS_GET_("movzwl %2, %k1", v, p, e); break;
	case 4: UACCESS_GET_("movl %2, %k1", v, p, e); break;
	case 8: UACCESS_GET_("movq %2, %1", v, p, e); break;
	default: v = 0; e = uaccess_bad_size();
	}
	*out = v;
	return e;
}

static __always_inline int
uaccess_put(u64 v, unsigned long p, size_t size)
{
	int e = 0;

	uaccess_check();
	if (!access_ok_(p, size))
		return -EFAULT;
	switch (size) {
	case 1: UACCESS_PUT_("movb %b1, %2", v, p, e); break;
	case 2: UACCESS_PUT_("movw %w1, %2", v, p, e); break;
	case 4: UACCESS_PUT_("movl %k1, %2", v, p, e); break;
	case 8: UACCESS_PUT_("movq %1, %2", v, p, e); break;
	default: e = uaccess_bad_size();
	}
	return e;
}

/*
 * get_user(x, p) - x = *p for a user pointer to a 1, 2, 4 or 8 byte scalar;
 * x is 0 on error. put_user(x, p) - *p = x. Return 0 or -EFAULT.
 */
#define get_user(x, p) ({ \
	u64 gu_v_; \
	int gu_e_ = uaccess_get(&gu_v_, (unsigned long)(p), sizeof(*(p))); \
	(x) = (__typeof__(x))gu_v_; \
	gu_e_; })
#define put_user(x, p) ({ \
	const __typeof__(*(p) + 0) pu_v_ = (x); \
	uaccess_put((u64)pu_v_, (unsigned long)(p), sizeof(*(p))); })

/* raw_copyin/raw_copyout - return the number of bytes NOT copied; the bytes
 * before them are. */
static __always_inline size_t
raw_copyin(void *dst, const void __user *src, size_t n)
{
	uaccess_check();
	if (!access_ok(src, n))
		return n;
	return uaccess_copy(dst, (const void *)(unsigned long)src, n);
}

static __always_inline size_t
raw_copyout(void __user *dst, const void *src, size_t n)
{
	uaccess_check();
	if (!access_ok(dst, n))
		return n;
	return uaccess_copy((void *)(unsigned long)dst, src, n);
}

/* copyin/copyout - 0 or -EFAULT; what a partial copy left is undefined. */
static __always_inline int __must_check
copyin(void *dst, const void __user *src, size_t n)
{
	if (__builtin_constant_p(n) && (n == 8 || n == 4)) {
		u64 v;
		int e = uaccess_get(&v, (unsigned long)src, n);

		__builtin_memcpy(dst, &v, n);
		return e;
	}
	return unlikely(raw_copyin(dst, src, n)) ? -EFAULT : 0;
}

static __always_inline int __must_check
copyout(void __user *dst, const void *src, size_t n)
{
	if (__builtin_constant_p(n) && (n == 8 || n == 4)) {
		u64 v = 0;

		__builtin_memcpy(&v, src, n);
		return uaccess_put(v, (unsigned long)dst, n);
	}
	return unlikely(raw_copyout(dst, src, n)) ? -EFAULT : 0;
}

/* A whole struct; both sides must have one size. */
#define copyin_struct(dst, usrc) ({ \
	static_assert(sizeof(*(dst)) == sizeof(*(usrc)), "copyin_struct"); \
	copyin((dst), (usrc), sizeof(*(dst))); })
#define copyout_struct(udst, src) ({ \
	static_assert(sizeof(*(udst)) == sizeof(*(src)), "copyout_struct"); \
	copyout((udst), (src), sizeof(*(src))); })

/*
 * copyinstr - copy a string with its NUL into dst[max].
 * Returns its length including the NUL; -ENAMETOOLONG when there is no NUL in
 * max bytes; -EFAULT. dst may be written up to max on any outcome.
 */
static __always_inline ssize_t __must_check
copyinstr(char *dst, const char __user *src, size_t max)
{
	unsigned long p = (unsigned long)src;
	size_t room = USER_MAX - p;
	ssize_t n;

	uaccess_check();
	if (unlikely(p >= USER_MAX))
		return -EFAULT;
	n = uaccess_strcpy(dst, p, max < room ? max : room);
	if (unlikely(!n))
		return max <= room ? -ENAMETOOLONG : -EFAULT;
	return n;
}

/* strnlen_user - like copyinstr without the copy; for execve's strings. */
static inline ssize_t __must_check
strnlen_user(const char __user *src, size_t max)
{
	unsigned long p = (unsigned long)src;
	size_t room, n;

	uaccess_check();
	if (p >= USER_MAX)
		return -EFAULT;
	room = USER_MAX - p;
	n = uaccess_strlen(p, max < room ? max : room);
	if (!n)
		return max <= room ? -ENAMETOOLONG : -EFAULT;
	return (ssize_t)n;
}

/* clear_user - zero n bytes; returns bytes NOT cleared. */
static __always_inline size_t
clear_user(void __user *dst, size_t n)
{
	uaccess_check();
	if (!access_ok(dst, n))
		return n;
	return uaccess_clear((unsigned long)dst, n);
}

/*
 * Between these the CPU takes no page fault up to mm: accesses to absent
 * pages fail at once. Nests. The thread must not sleep in between.
 */
DECLARE_PERCPU(u32, pagefault_off);
static __always_inline void
pagefault_disable(void)
{
	this_cpu(pagefault_off)++;
	__asm__ volatile("" ::: "memory");
}
static __always_inline void
pagefault_enable(void)
{
	__asm__ volatile("" ::: "memory");
	this_cpu(pagefault_off)--;
}

/* raw_copyin_nofault - bytes NOT copied. */
static inline size_t
raw_copyin_nofault(void *dst, const void __user *src, size_t n)
{
	size_t left;

	pagefault_disable();
	left = raw_copyin(dst, src, n);
	pagefault_enable();
	return left;
}

static inline size_t
raw_copyout_nofault(void __user *dst, const void *src, size_t n)
{
	size_t left;

	pagefault_disable();
	left = raw_copyout(dst, src, n);
	pagefault_enable();
	return left;
}

static inline int __must_check
copyin_nofault(void *dst, const void __user *src, size_t n)
{
	return raw_copyin_nofault(dst, src, n) ? -EFAULT : 0;
}

static inline int __must_check
copyout_nofault(void __user *dst, const void *src, size_t n)
{
	return raw_copyout_nofault(dst, src, n) ? -EFAULT : 0;
}

/*
 * kernel_read_nofault - read kernel memory at any address, mapped or not (for
 * backtraces and /proc/kcore). 0 or -EFAULT. Context: any.
 */
int __must_check kernel_read_nofault(void *dst, const void *src, size_t n);

/*
 * fault_in_readable/_writeable - touch each page of [p, p + n) so that a
 * following _nofault copy will likely succeed. Return bytes NOT reached.
 */
size_t fault_in_readable(const void __user *p, size_t n);
size_t fault_in_writeable(void __user *p, size_t n);

/*
 * user_cmpxchg32 - if *p == old then *p = new, atomically; *cur gets what was
 * there. 0 or -EFAULT (range, alignment by the caller). Sleeps on faults.
 */
int __must_check user_cmpxchg32(u32 __user *p, u32 old, u32 new, u32 *cur);

#endif
