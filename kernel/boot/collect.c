/* SPDX-License-Identifier: MIT */
/*
 * From what the entry code was given to the one struct bootinfo: the impure
 * end of the parsers, which know neither the direct map nor the image.
 */
#include <abi/errno.h>
#include <arch/paging.h>
#include <boot/bootinfo.h>
#include <boot/cmdline.h>
#include <boot/protocol.h>
#include <boot/sections.h>
#include <lib/kstrto.h>
#include <lib/string.h>

#define MEM_PARAM_MIN	(4UL << 20)	/* less is a typing mistake */

struct bootinfo boot_info;

/* The early direct map: all of the first 4 GiB. */
static const void *__init
reach_direct(const struct boot_reach *r, paddr_t phys, u64 len)
{
	u64 end;

	if (add_overflow(phys, len, &end) || end > 1UL << 32 || !phys)
		return NULL;
	return phys_to_virt(phys);
}

/* mem=SIZE; `mem=nopentium` and other words are not a number. */
static void __init
apply_mem(struct bootinfo *out)
{
	struct cmdline_word w;
	const char *p = out->cmdline, *end;
	char buf[32];
	u64 limit;

	while ((p = cmdline_next(p, &w))) {
		if (!cmdline_name_is(&w, "mem") || !w.value_len ||
		    w.value_len >= sizeof(buf))
			continue;
		memcpy(buf, w.value, w.value_len);
		buf[w.value_len] = '\0';
		limit = memparse(buf, &end);
		if (end != buf && !*end && limit >= MEM_PARAM_MIN)
			bootinfo_map_limit(out, limit);
	}
}

struct bootinfo *__init
bootinfo_collect(enum boot_protocol proto, paddr_t params)
{
	static const struct boot_reach reach = { .map = reach_direct };
	struct bootinfo *bi = &boot_info;
	const void *blob;
	int error;

	bi->magic = BOOTINFO_MAGIC;
	bi->protocol = proto;
	if (proto == BOOT_PVH) {
		error = bootinfo_from_pvh(params, &reach, bi);
	} else {
		blob = reach_direct(&reach, params, BP_SIZE);
		error = blob ? bootinfo_from_boot_params(blob, BP_SIZE,
						&reach, bi) : -EINVAL;
	}
	if (error)
		bi->nr_map = 0;
	bi->kernel_phys_start = boot_kernel_phys;
	bi->kernel_phys_end = boot_kernel_phys + (_end - _text);
	bi->kaslr_slide = boot_kaslr_slide;
	bi->tsc_entry = boot_tsc_entry;
	apply_mem(bi);
	return bi;
}
