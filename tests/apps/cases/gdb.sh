# SPDX-License-Identifier: MIT
# sets: base debug gcc
# waiting: ptrace
set -e
cd /tmp; printf '#include <stdio.h>\nint f(int x){return x*2;}\nint main(void){int i=21;printf("%%d\\n",f(i));return 0;}\n' > g.c
gcc -g g.c -o g
gdb -q -batch -ex 'break f' -ex run -ex bt -ex 'print x' -ex finish -ex continue ./g > g.out 2>&1
grep -q '= 21' g.out; grep -q '#1 .* main' g.out; grep -q 'exited normally' g.out
