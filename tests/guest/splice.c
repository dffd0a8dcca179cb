/* SPDX-License-Identifier: MIT */
/* splice, tee, vmsplice. */
#include "gt.h"

int
main(void)
{
	int a[2], b[2], f = open("spl", O_RDWR | O_CREAT | O_TRUNC, 0644);
	int g = open("spl2", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char t[64] = "";
	loff_t lo = 1;

	pipe2(a, O_NONBLOCK);
	pipe2(b, O_NONBLOCK);
	write(f, "0123456789", 10);
	VAL(splice(f, &lo, a[1], NULL, 5, 0));
	VAL(tee(a[0], b[1], 100, 0));
	VAL(splice(a[0], NULL, g, NULL, 3, 0));
	VAL(read(a[0], t, 64));
	VAL(read(b[0], t, 64));
	out("tee %.5s", t);
	VAL(splice(a[0], NULL, g, NULL, 3, 0));
	VAL(splice(f, NULL, g, NULL, 3, 0));
	VAL(splice(a[0], &lo, b[1], NULL, 3, 0));
	VAL(tee(f, b[1], 1, 0));
	VAL(tee(a[0], a[1], 1, 0));
	struct iovec v = { "vms", 3 };
	VAL(vmsplice(a[1], &v, 1, 0));
	VAL(read(a[0], t, 64));
	return 0;
}
