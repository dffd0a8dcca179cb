/* SPDX-License-Identifier: MIT */
/*
 * What a unit test may use of the harness. A test is `void test_NAME(void)`
 * in tests/unit/SUBJECT_*.c; a fuzz entry `int fuzz_NAME(data, len)`.
 */
#ifndef UNIT_CHECK_H
#define UNIT_CHECK_H

#include <lib/types.h>

/* Counts; prints what, file and line when ok is false. Never returns early. */
void unit_check(bool ok, const char *what, const char *file, int line);

#define CHECK(e)	unit_check(!!(e), #e, __FILE__, __LINE__)

#endif
