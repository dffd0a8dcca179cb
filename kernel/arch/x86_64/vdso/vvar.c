/* SPDX-License-Identifier: MIT */
/* The kernel's side of the vDSO: its frames, and the data page. */
#include <arch/atomic.h>
#include <arch/paging.h>
#include <arch/vdso.h>

extern const u8 vdso_image_start[], vdso_image_end[];

static union {
	struct vvar_data data;
	u8 page[PAGE_SIZE];
} vvar __aligned(PAGE_SIZE);

unsigned int
vdso_pages(void)
{
	return DIV_ROUND_UP(vdso_image_end - vdso_image_start,
			    (long)PAGE_SIZE);
}

paddr_t
vdso_page_phys(unsigned int i)
{
	return kimage_to_phys(vdso_image_start + i * PAGE_SIZE);
}

paddr_t
vvar_page_phys(void)
{
	return kimage_to_phys(&vvar);
}

void
vdso_update_begin(void)
{
	WRITE_ONCE(vvar.data.seq, vvar.data.seq + 1);
	smp_wmb();
}

void
vdso_update_end(const struct vvar_data *v)
{
	struct vvar_data *d = &vvar.data;

	d->tsc_base = v->tsc_base;
	d->mono_base_ns = v->mono_base_ns;
	d->mult = v->mult;
	d->real_offset_ns = v->real_offset_ns;
	WRITE_ONCE(d->mode, v->mode);
	smp_wmb();
	WRITE_ONCE(d->seq, d->seq + 1);
}
