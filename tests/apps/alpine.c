/* SPDX-License-Identifier: MIT */
/*
 * alpine.c - what a dynamic program on musl needs of the kernel: its loader,
 * threads with thread-local storage in the program and in a library opened
 * later, destructors of both kinds, cancellation, signals between threads.
 */
#ifdef PLUGIN
static __thread int v = 7;
static int loaded;
__attribute__((constructor)) static void in(void) { loaded = 1; }
int plug(int add) { return loaded ? v += add : -1; }
#else
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>

#define N 16
#define CHECK(e) do { if (!(e)) { \
	printf("line %d: %s\n", __LINE__, #e); exit(1); } } while (0)

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_key_t key;
static int sum, destroyed, cleaned, caught, go;
static __thread int mine;
static int (*plug)(int);

static void destroy(void *p)
{
	__atomic_fetch_add(&destroyed, *(int *)p, __ATOMIC_SEQ_CST);
	free(p);
}

static void *worker(void *arg)
{
	int *p = malloc(sizeof(*p));

	*p = 1;
	pthread_setspecific(key, p);
	pthread_mutex_lock(&m);
	while (!go)
		pthread_cond_wait(&c, &m);
	for (int i = 0; i < 100; i++)
		sum++, mine++;
	pthread_mutex_unlock(&m);
	/* the library was opened when this thread ran: its TLS starts at 7 */
	CHECK(plug((long)arg) == 7 + (long)arg);
	CHECK(plug(0) == 7 + (long)arg);
	return (void *)(long)mine;
}

static void clean(void *p) { cleaned = 1; }

static void *waiter(void *arg)
{
	pthread_cleanup_push(clean, NULL);
	for (;;)
		pause();
	pthread_cleanup_pop(0);
	return NULL;
}

static void on_usr1(int s) { caught++; }

int main(int argc, char **argv)
{
	pthread_t t[N], w;
	void *r, *h;
	int st;

	if (argc > 1)
		return !getenv("HOP") || strcmp(argv[1], "hop") ? 9 : 42;
	CHECK(!pthread_key_create(&key, destroy));
	for (long i = 0; i < N; i++)
		CHECK(!pthread_create(t + i, NULL, worker, (void *)i));
	CHECK((h = dlopen("libplug.so", RTLD_NOW)));
	CHECK((plug = (int (*)(int))dlsym(h, "plug")));
	CHECK(!dlsym(h, "nothing") && dlerror());
	pthread_mutex_lock(&m);
	go = 1;
	pthread_cond_broadcast(&c);
	pthread_mutex_unlock(&m);
	for (int i = 0; i < N; i++) {
		CHECK(!pthread_join(t[i], &r));
		CHECK((long)r == 100);
	}
	CHECK(sum == 100 * N && destroyed == N && plug(1) == 8);
	signal(SIGUSR1, on_usr1);
	CHECK(!pthread_create(&w, NULL, waiter, NULL));
	CHECK(!pthread_kill(w, SIGUSR1));
	CHECK(!pthread_cancel(w));
	CHECK(!pthread_join(w, &r) && r == PTHREAD_CANCELED && cleaned);
	setenv("HOP", "1", 1);
	if (!fork())
		execl("/proc/self/exe", "x", "hop", (char *)NULL);
	CHECK(wait(&st) > 0 && WIFEXITED(st) && WEXITSTATUS(st) == 42);
	puts("alpine ok");
	return 0;
}
#endif
