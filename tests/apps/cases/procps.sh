# SPDX-License-Identifier: MIT
# sets: base
# What /proc says, through the programs that read it.
set -e
ps -ef | grep -q 'ps -ef'
ps -eLo pid,tid,psr,stat,wchan,comm | grep -q ps
free -b | awk '/^Mem:/ { exit !($2 > 1e8 && $4 > 0) }'
uptime | grep -q 'load average'
vmstat 1 1 | tail -1 | grep -q '[0-9]'
top -b -n 1 | grep -q '%Cpu'
pgrep -f procps >/dev/null
pmap $$ | grep -q total
w >/dev/null; who >/dev/null
lscpu | grep -q x86_64
df / | grep -q /
findmnt -n / | grep -q /
mount | grep -q proc
nproc | grep -qx '[0-9]*'
sysctl -n kernel.ostype | grep -qx Linux
dmesg | head -3 >/dev/null
prlimit --pid $$ >/dev/null
taskset -p $$ | grep -q mask
chrt -p $$ | grep -q SCHED_OTHER
ionice -p $$
id user | grep -q 1000
setpriv --reuid 1000 --regid 1000 --clear-groups id -u | grep -qx 1000
