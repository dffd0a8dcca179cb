# SPDX-License-Identifier: MIT
# sets: base
# quick: yes
# The shell itself: job control, traps, here documents, process substitution.
set -e
[ "$(echo a b c | while read x y z; do echo $z$y$x; done)" = cba ]
diff <(printf '1\n2\n') <(seq 2)
trap 'got=1' USR1; kill -USR1 $$; [ "$got" = 1 ]
sleep 0.1 & wait $!
coproc { cat; }; echo hi >&"${COPROC[1]}"; read -r l <&"${COPROC[0]}"; [ "$l" = hi ]
bash -ic 'sleep 20 & kill %1; wait; jobs' </dev/null >/dev/null 2>&1
(ulimit -n 64; [ "$(ulimit -n)" = 64 ])
[ "$(ls -d /proc/self/fd/0)" ]
ldd /bin/bash | grep -q 'libc.so.6 =>'
/lib64/ld-linux-x86-64.so.2 /bin/echo by-loader | grep -q by-loader
LD_LIBRARY_PATH=/nonexistent LD_DEBUG=libs /bin/true 2>&1 | grep -q nonexistent
