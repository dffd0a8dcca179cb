# SPDX-License-Identifier: MIT
# sets: base valgrind gcc
# limit: 400
set -e
cd /tmp; printf '#include <stdlib.h>\nint main(void){char*p=malloc(8);p[8]=1;return 0;}\n' > vg.c
gcc -g vg.c -o vg
valgrind ./vg > vg.out 2>&1; grep -q 'Invalid write of size 1' vg.out; grep -q '8 bytes in 1 blocks' vg.out
printf '#include <pthread.h>\nint n;void*f(void*a){n++;return 0;}\nint main(void){pthread_t t[2];for(int i=0;i<2;i++)pthread_create(t+i,0,f,0);for(int i=0;i<2;i++)pthread_join(t[i],0);return 0;}\n' > hg.c
gcc -g -pthread hg.c -o hg
valgrind --tool=helgrind ./hg > hg.out 2>&1; grep -q 'Possible data race during' hg.out
