# SPDX-License-Identifier: MIT
# sets: base gcc musl
# The other C library: its loader, threads, dlopen, ldd; a chroot with nothing
# but it, as on Alpine.
set -e
mkdir /tmp/mu; cd /tmp/mu
cat > p.c <<'E'
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
static int n; static __thread int t; static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static void *f(void *a) { for (int i = 0; i < 500; i++) { pthread_mutex_lock(&m); n++; t++; pthread_mutex_unlock(&m); } return (void *)(long)t; }
int main(void) { pthread_t p[6]; void *r, *h; int (*g)(void);
 for (int i = 0; i < 6; i++) if (pthread_create(p + i, 0, f, 0)) return 1;
 for (int i = 0; i < 6; i++) { pthread_join(p[i], &r); if ((long)r != 500) return 2; }
 if (!(h = dlopen("./l.so", RTLD_NOW))) { puts(dlerror()); return 3; }
 g = (int (*)(void))dlsym(h, "g"); printf("%d %d\n", n, g()); return 0; }
E
echo '__thread int v = 7; int g(void) { return v; }' > l.c
musl-gcc -O1 -o p p.c; musl-gcc -shared -fPIC -o l.so l.c
[ "$(./p)" = "3000 7" ]
mkdir -p r/lib; cp p l.so r; cp -L /lib/ld-musl-x86_64.so.1 r/lib
[ "$(chroot r /p)" = "3000 7" ] || (cd r; [ "$(chroot . /p)" = "3000 7" ])
/lib/ld-musl-x86_64.so.1 --list ./p | grep -q ld-musl
