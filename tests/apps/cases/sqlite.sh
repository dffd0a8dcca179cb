# SPDX-License-Identifier: MIT
# sets: base sqlite
# quick: yes
set -e
cd /tmp; rm -f d.db
sqlite3 d.db "pragma journal_mode=wal; create table t(a integer primary key, b text); with recursive c(x) as (select 1 union all select x+1 from c where x<2000) insert into t select x, hex(randomblob(20)) from c;"
for i in 1 2 3 4; do sqlite3 -cmd '.timeout 20000' d.db "begin immediate; insert into t(b) select b from t limit 100; commit;" & done; wait
[ "$(sqlite3 d.db 'select count(*) from t')" = 2400 ]
sqlite3 d.db 'pragma integrity_check' | grep -qx ok
sqlite3 d.db 'pragma journal_mode=delete; create index i on t(b); vacuum;' | grep -qx delete
sqlite3 d.db 'pragma mmap_size=1000000; select count(distinct b) from t' | tail -1 | grep -qx 2000
sqlite3 d.db .dump | sqlite3 e.db; cmp <(sqlite3 d.db .dump) <(sqlite3 e.db .dump)
