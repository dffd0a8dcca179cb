/* SPDX-License-Identifier: MIT */
/* tool-crash.c - what the debugger is given: two threads, a variable that
 * changes three times, and with an argument a fault. Not built by Automake. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

int global = 42;
volatile int watched;

static void *
sleeper(void *a)
{
	for (;;)
		pause();
	return a;
}

__attribute__((noinline)) int
inner(int x)
{
	watched = x;
	return x * 2;
}

__attribute__((noinline)) int
add(int a, int b)
{
	return a + b;
}

int
main(int argc, char **argv)
{
	pthread_t t;
	int r = 0;

	(void)argv;
	pthread_create(&t, NULL, sleeper, NULL);
	for (int i = 1; i < 4; i++)
		r += inner(i);
	printf("r %d\n", r);
	if (argc > 1)
		*(volatile int *)8 = r;
	/* a thread that lives on at the end confuses gdb, on Linux too */
	pthread_cancel(t);
	pthread_join(t, NULL);
	return 0;
}
