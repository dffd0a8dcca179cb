# SPDX-License-Identifier: MIT
# sets: base gcc
# limit: 400
set -e
cd /tmp; mkdir cc; cd cc
cat > h.c <<'E'
#include <stdio.h>
#include <pthread.h>
#include <dlfcn.h>
#include <math.h>
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER; static int n; static __thread int t;
static void *f(void *a) { for (int i = 0; i < 1000; i++) { pthread_mutex_lock(&m); n++; t++; pthread_mutex_unlock(&m); } return (void *)(long)t; }
int main(void) { pthread_t p[8]; void *r; for (int i = 0; i < 8; i++) pthread_create(p + i, 0, f, 0);
 for (int i = 0; i < 8; i++) { pthread_join(p[i], &r); if ((long)r != 1000) return 2; }
 void *h = dlopen("libm.so.6", RTLD_NOW); double (*c)(double) = dlsym(h, "cos");
 printf("%d %.0f\n", n, c(0)); return n != 8000; }
E
gcc -O2 -Wall -pthread h.c -o h; [ "$(./h)" = "8000 1" ]
gcc -O0 -static -pthread h.c -o hs 2>/dev/null
gcc -static-pie -O1 -x c - -o sp <<'E'
#include <stdio.h>
int main(void) { puts("static pie"); return 0; }
E
./sp | grep -q 'static pie'
cat > t.cc <<'E'
#include <iostream>
#include <thread>
#include <vector>
#include <atomic>
#include <future>
#include <stdexcept>
#include <condition_variable>
int main() { std::atomic<int> n{0}; std::vector<std::thread> v;
 for (int i = 0; i < 6; i++) v.emplace_back([&] { for (int j = 0; j < 500; j++) n++; });
 for (auto &t : v) t.join();
 auto f = std::async(std::launch::async, [] { return 5; });
 try { throw std::runtime_error("x"); } catch (std::exception &e) { std::cout << e.what() << n << f.get() << "\n"; }
 std::mutex m; std::condition_variable c; std::unique_lock<std::mutex> l(m);
 if (c.wait_for(l, std::chrono::milliseconds(20)) != std::cv_status::timeout) return 1;
 return 0; }
E
g++ -O1 -pthread t.cc -o t; [ "$(./t)" = x30005 ]
echo 'int f(void){return 42;}' > l.c; gcc -shared -fPIC l.c -o libl.so
echo 'int f(void);int main(void){return f()!=42;}' > u.c; gcc u.c -L. -ll -o u
LD_LIBRARY_PATH=. ./u
! ./u 2>/dev/null
ldd u | grep -q 'libl.so => not found'
ar rc libx.a; gcc -flto -O2 h.c -pthread -o hl && ./hl
gcc -fsanitize=address -x c - -o as <<'E'
#include <stdlib.h>
int main(void) { char *p = malloc(4); volatile int i = 4; p[i] = 1; return 0; }
E
if ./as 2> as.err; then exit 1; fi; grep -q heap-buffer-overflow as.err
gcc -fsanitize=thread -pthread h.c -o ts && ./ts
