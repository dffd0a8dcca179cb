/* SPDX-License-Identifier: MIT */
/*
 * Linker sets: open, unordered registrations collected by the linker.
 *
 *	SET_ADD(fs_type, tmpfs_fs);		last line of the file
 *	SET_FOREACH(fs_type, struct fs_type, p)	const struct fs_type *const *p
 *
 * A set holds pointers, never structs: the compiler may pad or align structs
 * apart. No order is promised inside a set.
 */
#ifndef LIB_SET_H
#define LIB_SET_H

#define SET_ADD(set, obj) \
	static const void *const CONCAT(set_entry_##set##_, __LINE__) \
	__attribute__((used, section("set_" #set))) = &(obj)

#define SET_DECLARE(set, type) \
	extern type *const __start_set_##set[] __attribute__((weak)); \
	extern type *const __stop_set_##set[] __attribute__((weak))

#define SET_FOREACH(set, type, p) \
	for (type *const *p = __start_set_##set; p < __stop_set_##set; p++)

#endif
