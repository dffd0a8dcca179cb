# SPDX-License-Identifier: MIT
# sets: base redis
# limit: 300
# redis on a UNIX socket: forks to save, threads for what blocks.
set -e
mkdir /tmp/rd; cd /tmp/rd
redis-server --port 0 --unixsocket /tmp/rd/s --dir /tmp/rd --daemonize yes --pidfile /tmp/rd/pid --logfile /tmp/rd/log --appendonly yes --save '' || { cat log; exit 1; }
for i in $(seq 50); do redis-cli -s s ping 2>/dev/null | grep -q PONG && break; sleep 0.2; done
r="redis-cli -s /tmp/rd/s"
$r set a 1; [ "$($r incrby a 41)" = 42 ]
redis-benchmark -s /tmp/rd/s -q -n 3000 -c 20 -t set,get,lpush,incr | tr '\r' '\n' | grep -q 'requests per second'
[ "$($r bgsave)" = 'Background saving started' ]
for i in $(seq 50); do [ "$($r lastsave)" != 0 ] && [ -s dump.rdb ] && break; sleep 0.2; done
[ -s dump.rdb ]; redis-check-rdb dump.rdb | grep -q 'RDB looks OK'
$r subscribe ch > sub & for i in $(seq 50); do grep -q subscribe sub && break; sleep 0.2; done
$r publish ch hello; for i in $(seq 50); do grep -q hello sub && break; sleep 0.2; done; grep -q hello sub
$r shutdown nosave || true; wait
redis-server --port 0 --unixsocket /tmp/rd/s --dir /tmp/rd --daemonize yes --logfile /tmp/rd/log --appendonly yes --save ''
for i in $(seq 50); do [ "$($r get a 2>/dev/null)" = 42 ] && break; sleep 0.2; done
[ "$($r get a)" = 42 ]; $r shutdown nosave || true
