/* SPDX-License-Identifier: MIT */
/*
 * A user address space. mmap_lock (rwsem): write to change the set of VMAs,
 * read for faults. Page-table pages are protected by page_table_lock for
 * allocation; leaf entries by the same lock held around each change.
 */
#ifndef MM_MM_H
#define MM_MM_H

#include <arch/tlb.h>
#include <core/refcount.h>
#include <lib/list.h>
#include <lib/rbtree.h>
#include <mm/page.h>
#include <sched/mutex.h>

struct file;
struct user_ns;
struct vma;
struct aspace;
struct aio_table;

struct mm {
	struct mm_arch arch;
	struct refcount users;		/* threads; last one tears down the map */
	struct refcount count;		/* users (1 in all) + lazy and /proc refs */
	struct rwsem mmap_lock;		/* rank mmap */
	struct spinlock page_table_lock;	/* rank pagetree */
	struct rb_root vmas;		/* mmap_lock, by start, augmented by gap */
	struct vma *vma_cache;		/* hint: last found; mmap_lock */
	u32 nr_vmas;
	vaddr_t mmap_base;		/* top-down search starts here */
	vaddr_t start_code, end_code, start_data, end_data;
	vaddr_t start_brk, brk, start_stack;
	vaddr_t arg_start, arg_end, env_start, env_end;
	vaddr_t vdso;			/* AT_SYSINFO_EHDR, 0 = none */
	u64 total_vm, data_vm, exec_vm, stack_vm, locked_vm;	/* pages, w */
	u64 hiwater_vm;
	atomic64_t rss_anon, rss_file, rss_shmem, nr_ptes;	/* pages */
	u64 hiwater_rss;
	u64 flags;			/* MMF_*; atomic bits */
	s16 oom_score_adj;
	struct file *exe_file;		/* counted (through vm_file hooks) */
	u64 saved_auxv[2 * 28];		/* /proc/PID/auxv */
	u32 def_flags;			/* VM_LOCKED after mlockall(MCL_FUTURE) */
	struct user_ns *user_ns;	/* counted: who may look in; NULL: initial */
	struct aio_table *aio;		/* vfs/aio.c's; NULL: none, as a rule */
};
#define MMF_DUMPABLE	0		/* two bits: suid_dumpable values */
#define MMF_OOM_REAPED	2
#define MMF_HAS_PINNED	3
#define MMF_MEMBARRIER	4		/* registered for private expedited */
#define MMF_NO_THP	7		/* PR_SET_THP_DISABLE */
#define MMF_MEMBARRIER_RSEQ 6		/* the same, restarting sequences */
#define MMF_MEMBARRIER_SYNC 5		/* the same, core-serialising */
#define MMF_DUMP_FILTER	8		/* nine bits: coredump_filter of core(5) */
#define MMF_DUMP_MASK	(0x1ffUL << MMF_DUMP_FILTER)
#define MMF_DUMP_DEFAULT (0x33UL << MMF_DUMP_FILTER)
#define mm_dump_filter(m) (((m)->flags & MMF_DUMP_MASK) >> MMF_DUMP_FILTER)

/* limits as mm sees them; the task layer fills this in from rlimits */
struct mm_limits {
	u64 as, data, stack, memlock;	/* bytes, ~0 = unlimited */
	bool may_lock_over;		/* CAP_IPC_LOCK */
	bool admin_reserve;		/* CAP_SYS_ADMIN: overcommit reserve */
};
/* upcall: limits of the current task; mm declares, task fills in */
void task_mm_limits(struct mm_limits *out);
/* upcalls: the current task's fault counts, struct task min_flt and maj_flt */
void task_fault_minor(void);
void task_fault_major(void);

/* upcalls for mm->user_ns, which is not NULL; any context */
void mm_user_ns_get(struct user_ns *ns);
void mm_user_ns_put(struct user_ns *ns);

/* upcalls for mm->exe_file; vfs registers its file_get and file_put */
void mm_set_file_hooks(void (*get)(struct file *f), void (*put)(struct file *f));
/* upcall for mm->aio: the last user is gone, nothing is unmapped yet; T */
void mm_set_aio_hook(void (*end)(struct mm *m));
struct mm *mm_create(void) __must_check;
/* mm_fork - copy-on-write duplicate of the caller's; NULL: -ENOMEM in *err. */
struct mm *mm_fork(struct mm *old, int *err) __must_check;
static inline void mm_get_user(struct mm *m) { refcount_get(&m->users); }
/*
 * mm_put_user - T: the last one unmaps everything. The caller's thread must
 * no longer be set to switch to m (thread.mm_arch).
 */
void mm_put_user(struct mm *m);
/* mm_get_user_live - for lookups: false when the map is already torn down */
static inline bool mm_get_user_live(struct mm *m)
{ return refcount_get_live(&m->users); }
static inline void mm_get(struct mm *m) { refcount_get(&m->count); }
void mm_put(struct mm *m);
/* the address space of the current task (filled by task: current->mm) */
struct mm *current_mm(void);

/*
 * VMAs. vm_flags: VM_*. A file mapping holds `file`; its ops keep the count.
 */
#define VM_READ		BIT(0)
#define VM_WRITE	BIT(1)
#define VM_EXEC		BIT(2)
#define VM_SHARED	BIT(3)
#define VM_MAYREAD	BIT(4)
#define VM_MAYWRITE	BIT(5)
#define VM_MAYEXEC	BIT(6)
#define VM_MAYSHARE	BIT(7)
#define VM_GROWSDOWN	BIT(8)
#define VM_PFNMAP	BIT(9)		/* raw frames, no struct page refs */
#define VM_LOCKED	BIT(10)
#define VM_DONTCOPY	BIT(11)
#define VM_DONTEXPAND	BIT(12)
#define VM_ACCOUNT	BIT(13)		/* charged to commit */
#define VM_NORESERVE	BIT(14)
#define VM_STACK	BIT(15)
#define VM_SPECIAL	BIT(16)		/* vdso, vvar */
#define VM_WIPEONFORK	BIT(17)
#define VM_DONTDUMP	BIT(18)
#define VM_HUGEPAGE	BIT(19)
#define VM_NOHUGEPAGE	BIT(20)
#define VM_SEQ_READ	BIT(21)
#define VM_RAND_READ	BIT(22)
#define VM_LOCKONFAULT	BIT(23)

struct vm_fault {
	struct vma *vma;
	vaddr_t addr;			/* page aligned */
	u64 pgoff;			/* page index in the file */
	u32 flags;			/* FAULT_WRITE... */
	struct page *page;		/* out: referenced, uptodate */
};
#define FAULT_WRITE	BIT(0)
#define FAULT_USER	BIT(1)
#define FAULT_EXEC	BIT(2)
#define FAULT_SHARED	BIT(3)		/* write to a shared mapping */
#define FAULT_MAJOR	BIT(4)		/* out: the handler had to read it */

struct vm_ops {
	void (*open)(struct vma *v);	/* v is a new reference (fork, split) */
	void (*close)(struct vma *v);
	/*
	 * fault - find or make the page. 0 with vf->page referenced; -EFAULT /
	 * -EIO / -ENXIO for SIGBUS; -ENOMEM. mmap_lock held for reading.
	 */
	int (*fault)(struct vm_fault *vf);
	/*
	 * map_around - optional: give up to n pages from pgoff on that are
	 * already cached and uptodate, each referenced, holes NULL; returns n used
	 */
	unsigned int (*map_around)(struct vma *v, u64 pgoff, unsigned int n,
				   struct page **pages);
	/* page_mkwrite - first write to a shared page: may refuse; marks dirty */
	int (*page_mkwrite)(struct vm_fault *vf);
	int (*mprotect)(struct vma *v, unsigned long new_flags);
	/*
	 * frame - for VM_PFNMAP (framebuffers, vdso): physical address of page
	 * pgoff and PTE_CACHE_* bits. 0, or -EFAULT for SIGBUS. No page is
	 * referenced. Replaces fault.
	 */
	int (*frame)(struct vma *v, u64 pgoff, paddr_t *pa, u64 *cache);
	const char *(*name)(struct vma *v);	/* [vdso] and the like */
	bool no_merge;		/* VMAs are counted: once split, they stay so */
	/*
	 * punch - free bytes [off, off + len) of the file (MADV_REMOVE). v is a
	 * copy that holds a reference of its own; no mmap_lock. NULL: EOPNOTSUPP.
	 */
	int (*punch)(struct vma *v, u64 off, u64 len);
};

struct vma {
	struct rb_node node;		/* m = mm->mmap_lock for all */
	vaddr_t start, end;		/* m */
	vaddr_t hole;			/* m: free bytes before us */
	vaddr_t gap;			/* m: largest hole in the subtree */
	struct mm *mm;			/* borrowed */
	unsigned long flags;		/* m: VM_* */
	u64 prot_bits;			/* m: pte bits for its rights */
	u64 pgoff;			/* m: page index of start in file */
	struct file *file;		/* counted by ops->open/close, or NULL */
	struct aspace *mapping;		/* borrowed from file; NULL = anonymous */
	const struct vm_ops *ops;	/* NULL = anonymous private */
	void *private;
	struct list_head map_link;	/* in mapping->i_mmap, its lock */
	bool has_anon;			/* a: private pages were made here */
};

/* What mmap gets from above for a file: the caller's reference is borrowed. */
struct vm_backing {
	struct file *file;
	/* fills v->ops, v->mapping, v->private, takes its file reference */
	int (*mmap)(struct file *f, struct vma *v);
	unsigned long may;		/* VM_MAYWRITE etc. the file allows */
	/* for mm_set_shmem's make: drops the reference it made, or NULL */
	void (*release)(struct file *f);
};

/*
 * mm_mmap - mmap(2)'s inner half. @prot PROT_*, @flags MAP_* (abi/mman.h).
 * b NULL = anonymous (MAP_SHARED anonymous gets a shmem file through
 * mm_shmem_backing, registered by tmpfs). Returns 0 and *addr, or -errno.
 * Context: T, takes mmap_lock.
 */
int mm_mmap(struct mm *m, vaddr_t *addr, size_t len, int prot, int flags,
	    const struct vm_backing *b, u64 pgoff);
int mm_munmap(struct mm *m, vaddr_t addr, size_t len);
/*
 * mm_munmap_pieces - unmap, in one step for others, the VMAs from addr on for
 * which match() returns 1, until it returns -1 (mmap_lock is held). -EINVAL
 * when there is none.
 */
int mm_munmap_pieces(struct mm *m, vaddr_t addr,
		     int (*match)(const struct vma *v, void *arg), void *arg);
int mm_mprotect(struct mm *m, vaddr_t addr, size_t len, int prot);
int mm_mremap(struct mm *m, vaddr_t old, size_t old_len, size_t new_len,
	      int flags, vaddr_t new_addr, vaddr_t *out);
vaddr_t mm_brk(struct mm *m, vaddr_t brk);	/* brk(2): new or present break */
int mm_madvise(struct mm *m, vaddr_t addr, size_t len, int advice);
/* mm_reap - all private memory of a dying process goes: 0 or -EINTR. T. */
int mm_reap(struct mm *m);
int mm_mincore(struct mm *m, vaddr_t addr, size_t nr_pages, u8 *vec);
int mm_msync(struct mm *m, vaddr_t addr, size_t len, int flags);
int mm_mlock(struct mm *m, vaddr_t addr, size_t len, bool lock, bool onfault);
int mm_mlockall(struct mm *m, int flags);	/* 0: munlockall */

/*
 * For execve, on an mm that nobody else sees. mm_exec_map maps a segment
 * (file or anonymous) MAP_FIXED. mm_special_map maps given frames (vdso).
 */
int mm_exec_stack(struct mm *m, vaddr_t top, size_t initial, bool exec);
int mm_special_map(struct mm *m, vaddr_t addr, const paddr_t *frames,
		   unsigned int n, unsigned long vm_flags, const char *name);
/*
 * mm_special_map: frames[n] is copied, name is static. The pages appear on
 * first touch. VM_MAY* bits come from vm_flags as given.
 * mm_exec_stack: the stack is [top - initial, top), growing down; fails with
 * -ENOMEM. Both: T, take mmap_lock.
 */
/* mm_set_shmem - makes anonymous shared memory; tmpfs registers at init. */
void mm_set_shmem(int (*make)(size_t len, struct vm_backing *out));
/* mm_shmem_backing - what make gives: shared memory of len bytes. -ENODEV. T. */
int mm_shmem_backing(size_t len, struct vm_backing *out);
/* mm_access_pages - read/write another mm (ptrace, /proc/PID/mem): bytes done */
ssize_t mm_access(struct mm *m, vaddr_t addr, void *buf, size_t len, bool write);
/* mm_get_page - fault in and reference the page at addr (futex, O_DIRECT). */
int mm_get_page(struct mm *m, vaddr_t addr, bool write, struct page **out);
/*
 * mm_shared_key - what identifies shared memory at addr: *a and the page index
 * for a shared file mapping; *a NULL when addr is private. -EFAULT: unmapped.
 */
int mm_shared_key(struct mm *m, vaddr_t addr, struct aspace **a, u64 *pgoff);
/* mm_rss - pages resident; the peak so far is max(that, hiwater_rss). */
static inline u64
mm_rss(const struct mm *m)
{
	s64 n = atomic64_read(&m->rss_anon) + atomic64_read(&m->rss_file) +
		atomic64_read(&m->rss_shmem);

	return n > 0 ? n : 0;
}

struct vma *vma_find(struct mm *m, vaddr_t addr);	/* first with end > addr */
struct vma *vma_next(struct vma *v);
#define mm_for_each_vma(m, v) \
	for (v = vma_find((m), 0); v; v = vma_next(v))
/* vma_rss - pages present and dirty of a VMA, for smaps. mmap_lock read. */
void vma_walk_stat(struct vma *v, u64 *rss, u64 *anon, u64 *dirty, u64 *shared);
/*
 * pagemap: state of one page: 0 absent, else MM_PEEK_* | pfn << 12; *maps: how
 * often its page is mapped. Context: T, mmap_lock held for reading.
 */
u64 mm_pte_peek(struct mm *m, vaddr_t addr, u32 *maps);
#define MM_PEEK_PRESENT	BIT(0)
#define MM_PEEK_WRITE	BIT(1)
#define MM_PEEK_DIRTY	BIT(2)
#define MM_PEEK_FILE	BIT(3)		/* page of a file or shmem */
#define MM_PEEK_EXCL	BIT(4)		/* mapped here only */
#define MM_PEEK_ACCESSED BIT(5)
#define MM_PEEK_HUGE	BIT(6)		/* by a huge entry */
/* transparent huge pages; may v have any? mmap_lock read */
enum thp_policy { THP_ALWAYS, THP_MADVISE, THP_NEVER };
extern int thp_policy;
bool thp_eligible(const struct vma *v);

/* Overcommit (vm.overcommit_memory). */
extern int overcommit_policy, overcommit_ratio;
u64 commit_limit(void);		/* pages, for policy 2 */
u64 commit_total(void);		/* pages promised: Committed_AS */
/* memory promised to what is no VMA (shared segments): 0 or -ENOMEM */
int mm_commit_charge(u64 nr_pages) __must_check;
void mm_commit_uncharge(u64 nr_pages);
extern unsigned long mmap_min_addr;
extern int max_map_count;
extern bool aslr_enabled;	/* norandmaps, personality is the caller's */

/* OOM: choose and kill; task fills the chooser in. */
/* true: something was killed, or a victim killed before is still dying */
void mm_set_oom(bool (*kill_one)(void));
bool mm_oom(gfp_t gfp);				/* T */

#endif
