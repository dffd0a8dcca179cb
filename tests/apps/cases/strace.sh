# SPDX-License-Identifier: MIT
# sets: base debug gcc
set -e
strace -f -o /tmp/st sh -c 'cat /dev/null | true; exit 3' || [ $? = 3 ]
grep -q 'execve("' /tmp/st; grep -q 'exited with 3' /tmp/st
strace -c -o /tmp/sc ls / >/dev/null; grep -q total /tmp/sc
strace -f -e trace=clone,clone3,fork,vfork -o /tmp/sf bash -c '(exit 1); (exit 2); true | true'
[ "$(grep -c 'exited with' /tmp/sf)" = 5 ]
cd /tmp; printf '#include <pthread.h>\n#include <unistd.h>\nvoid *f(void *a){write(-1,a,1);return 0;}\nint main(void){pthread_t t[3];for(int i=0;i<3;i++)pthread_create(t+i,0,f,"x");for(int i=0;i<3;i++)pthread_join(t[i],0);return 0;}\n' > tt.c; gcc -pthread tt.c -o tt
strace -f -o /tmp/sp ./tt; [ "$(grep -c 'write(-1, "x", 1' /tmp/sp)" = 3 ]
strace -e inject=getpid:retval=77 -o /dev/null bash -c 'exit 0'
strace -e trace=openat -e inject=openat:error=ENOENT:when=3 -o /tmp/si cat /etc/passwd >/dev/null 2>&1 || grep -q INJECTED /tmp/si
sleep 100 & p=$!; timeout 2 strace -p $p -o /tmp/sa || true; kill $p; grep -q 'nanosleep\|restart_syscall' /tmp/sa
strace -k -o /tmp/sk true 2>/dev/null || true
