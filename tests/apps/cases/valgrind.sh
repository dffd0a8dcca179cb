# SPDX-License-Identifier: MIT
# sets: base valgrind gcc
# limit: 200
set -e
cd /tmp; printf '#include <stdlib.h>\nint main(void){char*p=malloc(8);p[8]=1;return 0;}\n' > vg.c
gcc -g vg.c -o vg
valgrind ./vg > vg.out 2>&1; grep -q 'Invalid write of size 1' vg.out; grep -q '8 bytes in 1 blocks' vg.out
