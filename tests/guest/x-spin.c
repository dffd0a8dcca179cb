/* SPDX-License-Identifier: MIT */
/* x-spin - says one byte and then sleeps until killed. */
#include "gt.h"

int
main(void)
{
	if (write(1, "r", 1) < 0)
		return 1;
	for (;;)
		pause();
}
