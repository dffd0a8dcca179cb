# SPDX-License-Identifier: MIT
# sets: base debug
# waiting: ptrace
set -e
strace -f -o /tmp/st sh -c 'cat /dev/null | true; exit 3' || [ $? = 3 ]
grep -q 'execve("' /tmp/st; grep -q 'exited with 3' /tmp/st
strace -c -o /tmp/sc ls / >/dev/null; grep -q total /tmp/sc
