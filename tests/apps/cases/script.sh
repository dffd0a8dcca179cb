# SPDX-License-Identifier: MIT
# sets: base edit
# vim on a terminal of script(1), typed.
set -e
cd /tmp; printf 'one\ntwo\n' > v.txt
script -qec "vim -u NONE -N v.txt" /dev/null < <(sleep 1; printf 'ggdd:wq\r'; sleep 1) >/dev/null
head -1 v.txt | grep -qx two
