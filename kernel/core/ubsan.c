/* SPDX-License-Identifier: MIT */
/*
 * What code compiled with -fsanitize=undefined calls (--enable-ubsan): one
 * log line for each finding, with its place; the kernel goes on. Shapes of
 * the data are the compiler's (GCC's ubsan.h). Undefined behaviour in user
 * space has nothing to do with this.
 */
#include <core/log.h>
#include <lib/types.h>

#if CONFIG_UBSAN
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

struct location { const char *file; u32 line, column; };

static void
found(struct location *l, const char *what)
{
	/* a place reports once: the compiler's data is ours to mark */
	u32 column = __atomic_exchange_n(&l->column, ~0U, __ATOMIC_RELAXED);

	if (column != ~0U)
		log_err(core, "UBSAN: %s at %s:%u:%u", what, l->file, l->line,
			column);
}

#define HANDLER(name, what) \
	void __ubsan_handle_##name(void *data) \
	{ found(data, what); }
#define HANDLER2(name, what) \
	void __ubsan_handle_##name(void *data, u64 a) \
	{ (void)a; found(data, what); }
#define HANDLER3(name, what) \
	void __ubsan_handle_##name(void *data, u64 a, u64 b) \
	{ (void)a; (void)b; found(data, what); }

HANDLER3(add_overflow, "signed addition overflows")
HANDLER3(sub_overflow, "signed subtraction overflows")
HANDLER3(mul_overflow, "signed multiplication overflows")
HANDLER3(divrem_overflow, "division overflows or is by zero")
HANDLER2(negate_overflow, "negation overflows")
HANDLER3(shift_out_of_bounds, "shift out of bounds")
HANDLER2(out_of_bounds, "index out of bounds")
HANDLER2(load_invalid_value, "invalid value of a bool or enum")
HANDLER2(vla_bound_not_positive, "array length not positive")
HANDLER3(pointer_overflow, "pointer arithmetic overflows")
HANDLER2(type_mismatch_v1, "null, misaligned or too small object")
HANDLER2(nonnull_return_v1, "null returned where it must not be")
HANDLER(nonnull_arg, "null argument where it must not be")
HANDLER(builtin_unreachable, "unreachable code reached")
HANDLER(missing_return, "function ends without its value")
HANDLER2(invalid_builtin, "invalid argument of a builtin")
#endif
