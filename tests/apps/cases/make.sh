# SPDX-License-Identifier: MIT
# sets: base gcc
set -e
mkdir /tmp/mk; cd /tmp/mk
for i in $(seq 24); do echo "int f$i(int x) { return x + $i; }" > f$i.c; done
echo 'int f1(int); int f24(int); int main(void) { return f1(1) + f24(1) - 27; }' > main.c
printf 'O := $(patsubst %%.c,%%.o,$(wildcard *.c))\nall: prog\nprog: $(O)\n\tgcc -o $@ $^\n%%.o: %%.c\n\tgcc -O2 -c $<\n' > Makefile
make -j4 >/dev/null; ./prog; make -q
touch f3.c; make -j4 | grep -q f3.c
