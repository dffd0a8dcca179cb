# SPDX-License-Identifier: MIT
# sets: base edit
set -e
cd /tmp; printf 'one\ntwo\nthree\n' > v.txt
vim -u NONE -es -c '%s/two/TWO/' -c 'normal Gofour' -c wq v.txt </dev/null || true
printf 'one\nTWO\nthree\nfour\n' | cmp - v.txt
