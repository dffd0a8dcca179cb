#!/bin/sh
# SPDX-License-Identifier: MIT
# fuzz.sh - a short, repeatable run of every fuzz entry of the unit tests:
# fixed seed, seeds/NAME* as first inputs where there are some. TAP.
#
# Longer, by hand:	host/unit-lib -m inflate SEED 1000000 FILE...
# With clang:		make -f host.mk CC=clang fuzz-lib; FUZZ=inflate ./fuzz-lib
: "${top_srcdir:?}"
rounds=${FUZZ_ROUNDS:-3000}
tmp=`mktemp -d` || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
host=`pwd`/host
cd "$tmp" || exit 99
printf 'hello, hello, hello world %0500d\n' 7 | tee inflate.raw |
	gzip -9nc >inflate.gz 2>/dev/null
printf 'a\033[1;31mred\033[0m\033[5;10Hx\033(0lqk\033(B\033[2J' >vt.seq
printf '%s' '0-3,5,7-12' >bitmap_list.txt
# an archive of one file "f" holding "hi"
header='070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x'
# shellcheck disable=SC2059 # the format is the point
{
	printf "$header" 1 33188 0 0 1 0 2 0 0 0 0 2 0
	printf 'f\000hi\000\000'
	printf "$header" 0 0 0 0 1 0 0 0 0 0 0 11 0
	printf 'TRAILER!!!\000\000\000\000'
} >initramfs.cpio
gzip -nc initramfs.cpio >initramfs.gz 2>/dev/null
cp /bin/sh elf.bin 2>/dev/null
n=0
for u in "$host"/unit-*; do
	test -x "$u" || continue
	for f in `"$u" -L`; do
		n=$((n + 1))
		# shellcheck disable=SC2086,SC2046 # names without spaces
		if "$u" -m "$f" 1 "$rounds" $(ls $f.* 2>/dev/null) \
		    >out 2>&1; then
			echo "ok $n - $f ($rounds rounds)"
		else
			sed 's/^/# /' out | tail -n 40
			echo "not ok $n - $f"
		fi
	done
done
test $n -gt 0 || echo '1..0 # SKIP no unit tests were built'
test $n -eq 0 || echo "1..$n"
