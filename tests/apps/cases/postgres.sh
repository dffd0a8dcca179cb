# SPDX-License-Identifier: MIT
# sets: base postgres
# limit: 600
# A database on a UNIX socket: shared memory, semaphores, many processes.
set -e
b=/usr/lib/postgresql/15/bin; d=/tmp/pg; export LC_ALL=C
install -d -o user -g user $d; cd $d
u() { setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=$d PATH=$b:$PATH LC_ALL=C "$@"; }
u initdb -D $d/data -A trust -E UTF8 --no-locale > init.out 2>&1 || { cat init.out; exit 1; }
u pg_ctl -D $d/data -o "-k $d -h ''" -l $d/log -w start || { cat log; exit 1; }
p="u psql -h $d -d postgres -qAtX"
$p -c 'create table t (a int primary key, b text); insert into t select i, md5(i::text) from generate_series(1, 5000) i; create index on t (b)'
[ "$($p -c 'select count(distinct b) from t')" = 5000 ]
for i in 1 2 3 4; do $p -c "begin; update t set b = b || '$i' where a <= 200; commit" & done; wait
[ "$($p -c 'select max(length(b)) from t')" = 36 ]
$p -c 'set max_parallel_workers_per_gather = 2; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; select sum(a) from t' | grep -qx 12502500
$p -c 'vacuum analyze t' -c checkpoint
u pgbench -h $d -i -q postgres 2>/dev/null && u pgbench -h $d -c 4 -j 2 -t 50 postgres | grep -q 'failed transactions: 0' || true
u pg_ctl -D $d/data -m immediate stop
u pg_ctl -D $d/data -o "-k $d -h ''" -l $d/log -w start		# recovers
[ "$($p -c 'select count(*) from t')" = 5000 ]
u pg_ctl -D $d/data -m fast stop
