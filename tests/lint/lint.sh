#!/bin/sh
# SPDX-License-Identifier: MIT
# lint.sh - what the conventions say about the sources and a compiler does not
# check by itself. TAP; each point prints what is wrong with file and line.
: "${top_srcdir:?}"
CC=${KERNEL_CC:-${CC:-cc}} AWK=${AWK:-awk} NM=${NM:-nm}
here=$top_srcdir/tests/lint
tmp=`mktemp -d` || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
LC_ALL=C
export LC_ALL
cd "$top_srcdir" || exit 99

# The files of the project: git's, or a release's own list. A build folder
# inside the tree is none of them.
build=/none/
b=`cd "${top_builddir:-/}" && pwd` || exit 99
case $b in
"`pwd`"/?*) build=${b#"`pwd`"/}/ ;;
esac
# a clone may be another user's
our_git() { git -c 'safe.directory=*' "$@" 2>/dev/null; }
if our_git rev-parse --is-inside-work-tree >/dev/null &&
   test "`our_git rev-parse --show-cdup`" = ''; then
	our_git ls-files -c -o --exclude-standard >"$tmp/all"
elif test -r .dist-files; then
	cat .dist-files >"$tmp/all"
else
	# what was built lies among the sources, and nothing tells them apart
	echo '1..0 # SKIP no git to tell which files are sources'
	exit 0
fi
while IFS= read -r f; do
	case $f in "$build"*) continue ;; esac
	test -f "$f" && echo "$f"
done <"$tmp/all" | sort -u >"$tmp/files"

n=0
# point NAME: fails when $tmp/bad has lines, and shows them
point()
{
	n=$((n + 1))
	if test -s "$tmp/bad"; then
		sed 's/^/# /' "$tmp/bad" | head -40
		echo "not ok $n - $1"
	else
		echo "ok $n - $1"
	fi
	: >"$tmp/bad"
}
skip()
{
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}
these()
{
	grep -E "$1" "$tmp/files"
}
kernel_c()
{
	these '^kernel/.*\.c$' | grep -v -e '^kernel/boot/tools/' -e '/vdso/'
}
: >"$tmp/bad"

# ---- layers ----
these '^kernel/.*\.[chS]$' | grep -v '^kernel/boot/tools/' |
	sed "s|^|$top_srcdir/|" |
	xargs $AWK -f "$here/layers.awk" "$here/layers" >"$tmp/bad"
point 'layers: includes go downwards'

# ---- first lines ----
while IFS= read -r f; do
	case $f in
	*.c|*.h|*.S|*.awk|*.py|*.sh|*.mk|*.m4|*.tbl|*Makefile.am|*.lds|quickstart|bootstrap|.ci/run) ;;
	*) continue ;;
	esac
	head -n 3 "$f" | grep -q 'SPDX-License-Identifier: MIT' || echo "$f"
done <"$tmp/files" >"$tmp/bad"
point 'every source says its licence'
these '\.c$' | while IFS= read -r f; do
	head -n 2 "$f" | tail -n 1 | grep -q '^/\*' || echo "$f"
done >"$tmp/bad"
point 'every .c opens by saying what it is about'

# ---- size and shape ----
these '\.([chS]|sh|py|awk)$' | while IFS= read -r f; do
	wc -l <"$f" | $AWK -v f="$f" '$1 > 1000 { print f ": " $1 " lines" }'
done >"$tmp/bad"
point 'no file has more than 1000 lines'
these '\.[chS]$' | xargs $AWK '
	length($0) > 60 {
		c = 0
		for (i = 1; i <= length($0); i++)
			c += substr($0, i, 1) == "\t" ? 8 - c % 8 : 1
		if (c > 100)
			print FILENAME ":" FNR ": " c " columns"
	}' >"$tmp/bad"
point 'no line has more than 100 columns'
these '\.([chS]|sh|awk|py|mk|am|ac|m4|md)$' | grep -v '\.exp$' |
	xargs grep -nE '[ 	]$' >"$tmp/bad"
point 'no white space at the ends of lines'
these '^(kernel|tests|userland|rootfs|iso|packaging|m4|doc)/' |
	grep -v '^tests/lint/lint.sh$' |
	xargs grep -nIwE 'TODO|FIXME|XXX' >"$tmp/bad"
point 'nothing is left to be done'
grep -v -e '^tests/lint/lint.sh$' "$tmp/files" |
	xargs grep -nIE '(^|[^A-Za-z0-9_.])/(work|home/[a-z]+)/' |
	grep -v '^rootfs/' >"$tmp/bad"
point 'no path of a build machine'

# ---- compiling ----
cat >"$tmp/autoconf.h" <<'EOF'
#define CONFIG_SMP 1
#define CONFIG_MAX_CPUS 8
#define CONFIG_FRAMEBUFFER 1
#define CONFIG_DEBUG 1
#define CONFIG_UBSAN 0
#define CONFIG_UNAME_RELEASE "6.1.0"
#define CONFIG_UNAME_VERSION "#1"
#define KERLA_VERSION "0"
EOF
mkdir -p "$tmp/gen"
for o in proto table strace; do
	$AWK -v out=$o -f kernel/syscall/gen-syscalls.awk \
		kernel/syscall/syscalls.tbl >"$tmp/gen/$o.h" 2>/dev/null
done
flags="-std=gnu17 -O1 -ffreestanding -nostdinc -isystem `$CC -print-file-name=include`
	-Ikernel/include -Ikernel -I$tmp -include $tmp/autoconf.h -fsyntax-only
	-fno-pie -fno-pic -mcmodel=kernel -mno-red-zone -mgeneral-regs-only"
check="$CC ${KERNEL_ABI_CFLAGS-} $flags"
if ! echo 'int a;' | $check -x c - 2>/dev/null; then
	check="$CC $flags"
fi
if echo 'int a;' | $check -x c - 2>/dev/null; then
	these '^kernel/.*\.h$' | grep -v '^kernel/boot/tools/' |
	while IFS= read -r h; do
		echo "#include \"$h\"" | $check -Wall -Wno-unused -I. \
			-I"${h%/*}" -x c - 2>&1 | grep -E 'error|warning' |
			head -n 2
	done >"$tmp/bad"
	point 'every header compiles alone'
	if echo 'int f(int __seg_gs *p) { return *p; }' |
	   $check -x c - 2>/dev/null; then
		kernel_c | while IFS= read -r f; do
			$check -w -D__user=__seg_gs "$f" 2>&1 |
				grep -E 'error' | head -n 3
		done >"$tmp/bad"
		point '__user and kernel pointers do not mix'
	else
		skip '__user and kernel pointers do not mix' \
			'the compiler has no named address spaces'
	fi
else
	skip 'every header compiles alone' 'no compiler for x86_64'
	skip '__user and kernel pointers do not mix' 'no compiler for x86_64'
fi

# ---- names ----
libc=`$CC -print-file-name=libc.so.6`
objects=`find "${top_builddir:-.}/kernel" -name '*.o' 2>/dev/null |
	grep -v -e '/tools/' -e '/setup' -e '/stub-' -e '/vdso'`
if test -r "$libc" && test -n "$objects"; then
	grep -v '^#' "$here/libc-names" | tr ' ' '\n' >"$tmp/allowed"
	$NM -D --defined-only "$libc" 2>/dev/null |
		$AWK '$2 ~ /[TWi]/ { sub(/@.*/, "", $3); print $3 }' |
		sort -u | grep -v -x -F -f "$tmp/allowed" >"$tmp/libc"
	# shellcheck disable=SC2086 # no spaces in there
	$NM -A --defined-only $objects 2>/dev/null |
		$AWK 'NF == 3 && $2 ~ /^[TDBRVW]$/ { print $3, $1 }
		      NF == 4 && $3 ~ /^[TDBRVW]$/ { print $4, $1 }' |
		sort >"$tmp/ours"
	join "$tmp/ours" "$tmp/libc" >"$tmp/bad"
	point 'no global name of the kernel is the libc'\''s'
else
	skip 'no global name of the kernel is the libc'\''s' 'no objects to look at'
fi

# ---- lists that belong together ----
grep -v '^#' "$here/sets" | while read -r set members; do
	these '^kernel/.*\.c$' | xargs grep -h "SET_ADD($set, " |
		sed 's/.*SET_ADD([a-z_]*, \([a-z_0-9]*\).*/\1/' | sort >"$tmp/a"
	echo "$members" | tr -s ' \t' '\n' | sort >"$tmp/b"
	diff "$tmp/b" "$tmp/a" | sed -n "s/^[<>]/$set: &/p"
done >"$tmp/bad"
point 'the linker sets have the expected members'

unistd=
for d in "${LINUX_HEADERS:-/usr/include}" /usr/include; do
	for f in "$d/asm/unistd_64.h" "$d"/*/asm/unistd_64.h; do
		test -r "$f" && test -z "$unistd" && unistd=$f
	done
done
if test -n "$unistd"; then
	$AWK 'FNR == NR { if ($1 == "#define" && $2 ~ /^__NR_/)
			nr[substr($2, 6)] = $3
		next }
	      /^#/ || NF < 3 { next }
	      ($2 in nr) && $1 != nr[$2] { print $2 " is " nr[$2] ", not " $1 }
	      { if ($1 in seen) print $1 " occurs twice"; seen[$1] = 1 }' \
		"$unistd" kernel/syscall/syscalls.tbl >"$tmp/bad"
	point 'system call numbers are Linux'\''s'
else
	skip 'system call numbers are Linux'\''s' 'no asm/unistd_64.h'
fi
these '^kernel/.*\.c$' | xargs $AWK -f "$here/arity.awk" \
	kernel/syscall/syscalls.tbl >"$tmp/bad"
point 'system calls have the parameters that the table says'
if test -r kernel/syscall/coverage.txt; then
	$AWK -f doc/gen-syscalls.awk -v check=1 kernel/syscall/coverage.txt \
		kernel/syscall/syscalls.tbl >"$tmp/bad"
	$AWK -f doc/gen-syscalls.awk kernel/syscall/coverage.txt \
		kernel/syscall/syscalls.tbl | cmp -s - doc/syscalls.md ||
		echo 'doc/syscalls.md is not what doc/gen-syscalls.awk makes' \
			>>"$tmp/bad"
	point 'every system call has its line of coverage'
fi

# words of the command line and the page about them
these '^kernel/.*\.c$' | xargs sed -n \
	-e 's/^KPARAM("\([^"]*\)".*/\1/p' \
	-e 's/.*cmdline_\(get\|has\)([^"]*"\([^"]*\)".*/\2/p' |
	sort -u | while IFS= read -r w; do
	grep -q -e "\`${w}[\`=]" doc/kernel-parameters.md 2>/dev/null ||
		echo "$w: not in doc/kernel-parameters.md"
done >"$tmp/bad"
point 'every kernel parameter is documented'

# each installed command has its man page
these 'Makefile\.am$' | while IFS= read -r m; do
	$AWK -v m="$m" '/^(dist_)?(s?bin)_(SCRIPTS|PROGRAMS)[ \t]*\+?=/ {
		for (i = 3; i <= NF; i++) cmd[$i] = 1 }
	      /_MANS[ \t]*\+?=/ { for (i = 3; i <= NF; i++) man[$i] = 1 }
	      END { for (c in cmd) if (!((c ".1") in man) && !((c ".8") in man))
			print m ": " c " has no man page" }' "$m"
done >"$tmp/bad"
point 'installed commands have man pages'

if command -v shellcheck >/dev/null 2>&1; then
	while IFS= read -r f; do
		case $f in
		build-aux/*|configure|*/configure) continue ;;
		esac
		head -n 1 "$f" | grep -q '^#! */bin/sh' && echo "$f"
	done <"$tmp/files" >"$tmp/scripts"
	# `...` and test -a are style here; sourced files are named by variables
	xargs shellcheck -S warning -e SC1007,SC1090,SC1091,SC2006,SC2034,SC2100,SC2154,SC2174,SC3013,SC3043 \
		-f gcc <"$tmp/scripts" >"$tmp/bad"
	point 'shellcheck has nothing to warn about'
else
	skip 'shellcheck has nothing to warn about' 'no shellcheck'
fi
echo "1..$n"
