# SPDX-License-Identifier: MIT
# sets: base debug gcc
# limit: 300
set -e
cd /tmp; printf '#include <stdio.h>\nint f(int x){return x*2;}\nint main(void){int i=21;printf("%%d\\n",f(i));return 0;}\n' > g.c
gcc -g g.c -o g
gdb -q -batch -ex 'break f' -ex run -ex bt -ex 'print x' -ex finish -ex continue ./g > g.out 2>&1
grep -q '= 21' g.out; grep -q '#1 .* main' g.out; grep -q 'exited normally' g.out
# threads: a breakpoint in each, all of them listed; a watchpoint; single steps
cat > t.c <<'C'
#include <pthread.h>
#include <stdio.h>
int n; pthread_barrier_t b; pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
void hit(long i) { pthread_mutex_lock(&m); n += i; pthread_mutex_unlock(&m); }
void *f(void *a) { pthread_barrier_wait(&b); hit((long)a); return 0; }
int main(void) { pthread_t t[4]; pthread_barrier_init(&b, 0, 4);
 for (long i = 0; i < 4; i++) pthread_create(t + i, 0, f, (void *)(i + 1));
 for (int i = 0; i < 4; i++) pthread_join(t[i], 0);
 printf("sum %d\n", n); return 0; }
C
gcc -g -pthread t.c -o t
gdb -q -batch -ex 'break hit' -ex run -ex 'info threads' -ex 'thread apply all bt 2' -ex continue -ex continue -ex continue -ex continue ./t > t.out 2>&1
[ "$(grep -c 'hit (i=' t.out)" -ge 4 ]; grep -q 'Thread .*LWP' t.out; grep -q 'sum 10' t.out
gdb -q -batch -ex 'break main' -ex run -ex 'watch n' -ex continue -ex 'print n' -ex delete -ex continue ./t > w.out 2>&1
grep -q 'Hardware watchpoint' w.out; grep -q 'sum 10' w.out
# a core file; attaching to a running program
printf 'int *p; int main(void){return *p;}\n' > c.c; gcc -g c.c -o c
(ulimit -c unlimited; ./c || true); core=$(ls core* | head -1)
gdb -q -batch -ex bt ./c $core 2>&1 | grep -q 'main () at c.c'
sleep 100 & p=$!; gdb -q -batch -p $p -ex bt -ex detach > a.out2 2>&1; kill $p; grep -q 'nanosleep' a.out2
