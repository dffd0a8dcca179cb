#!/bin/sh
# SPDX-License-Identifier: MIT
# abi.sh - the kernel's ABI headers against this machine's Linux and libc
# headers: sizes, offsets, values. TAP.
CC=${CC:-cc} AWK=${AWK:-awk} LINUX_HEADERS=${LINUX_HEADERS:-/usr/include}
top=${top_srcdir:?}
here=$top/tests/abi
case `uname -sm` in
'Linux x86_64') ;;
*) echo '1..0 # SKIP not Linux on x86_64'; exit 0 ;;
esac
if ! test -r "$LINUX_HEADERS/linux/openat2.h"; then
	echo '1..0 # SKIP no Linux user headers (Debian: linux-libc-dev)'
	exit 0
fi
if ! echo '#include <stdio.h>' | $CC -E -x c - >/dev/null 2>&1; then
	echo '1..0 # SKIP no libc headers (Debian: libc6-dev)'
	exit 0
fi
tmp=`mktemp -d` || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM

give_up()
{
	sed 's/^/# /' "$tmp/err"
	echo "Bail out! $1 does not compile"
	exit 99
}

# shellcheck disable=SC2046 # no spaces in there
set -- $(ls "$top"/kernel/include/abi/*.h) "$top/kernel/include/proc/proc.h" \
	"$top/kernel/include/sched/sched.h"
$AWK -f "$here/consts.awk" "$@" >"$tmp/consts.h" || exit 99
for h in "$top"/kernel/include/abi/*.h; do
	echo "#include <abi/${h##*/}>"
done >"$tmp/kernel_headers.h"

# An optional header may be missing in old Linux headers.
for h in $(sed -n 's/^#include <\(.*\)>$/\1/p' "$here/side_linux.c"); do
	if echo "#include <$h>" | $CC -E -x c - >/dev/null 2>&1; then
		echo "#include <$h>"
	fi
done >"$tmp/linux_headers.h"
sed -e '/^#include </d' -e 's/^#include "abi.h"/#include "linux_headers.h"\n&/' \
	"$here/side_linux.c" >"$tmp/side_linux.c"

$CC -std=gnu17 -ffreestanding -nostdinc \
	-isystem "$($CC -print-file-name=include)" -I"$top/kernel/include" \
	-I"$tmp" -I"$here" -include "$top/tests/host/autoconf.h" -w \
	-c -o "$tmp/kernel.o" "$here/side_kernel.c" 2>"$tmp/err" ||
	give_up 'the kernel side'
$CC -std=gnu17 -I"$tmp" -I"$here" -idirafter "$LINUX_HEADERS" -w \
	-c -o "$tmp/linux.o" "$tmp/side_linux.c" 2>"$tmp/err" ||
	give_up "the Linux side"
$CC -std=gnu17 -I"$tmp" -I"$here" -w \
	-c -o "$tmp/libc.o" "$here/side_libc.c" 2>"$tmp/err" ||
	give_up 'the libc side'
$CC -I"$here" -o "$tmp/compare" "$here/compare.c" "$tmp/kernel.o" \
	"$tmp/linux.o" "$tmp/libc.o" 2>"$tmp/err" || give_up 'the comparison'
"$tmp/compare"
