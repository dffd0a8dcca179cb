#!/bin/sh
# SPDX-License-Identifier: MIT
# link-kernel.sh - the last step of the kernel: objects to vmkerla.elf.
#
#   link-kernel.sh -o OUT -T LDS [-r RELOCS-TOOL] OBJECT...
#
# Two passes. The first has neither symbol table nor relocation table; both
# lie behind all code and data (kernel.lds.S), so what the first pass says of
# addresses and relocation sites holds in the second, which is checked. Then:
# nothing undefined, no segment writable and executable.
#
# Environment: KERNEL_CC, KERNEL_LINK_FLAGS, NM, READELF, AWK. RELOCS-TOOL is
# run as `TOOL --table ELF >ASSEMBLER', and on the result with --check. The intermediate files are OUT.*.
set -eu
LC_ALL=C
export LC_ALL
out= lds= relocs= objects=

die() { echo "link-kernel: $*" >&2; rm -f "$out"; exit 1; }

while [ $# -gt 0 ]; do
	case $1 in
	-o) out=$2; shift ;;
	-T) lds=$2; shift ;;
	-r) relocs=$2; shift ;;
	*.o) objects="$objects $1" ;;
	*) die "what is '$1'?" ;;
	esac
	shift
done
[ -n "$out" ] && [ -n "$lds" ] && [ -n "$objects" ] || die "-o, -T and objects are needed"
tmp="$out.1 $out.ksyms.S $out.ksyms.o $out.relocs.S $out.relocs.o $out.nm1 $out.nm2"
trap 'rm -f $tmp' EXIT
trap 'exit 130' HUP INT TERM

# link OUT OBJECT...
link() {
	link_out=$1
	shift
	# shellcheck disable=SC2086
	$KERNEL_CC $KERNEL_LINK_FLAGS -nostdlib -nostartfiles -static -no-pie \
		-Wl,-T,"$lds" -Wl,--emit-relocs -Wl,--build-id=none \
		-Wl,-z,noexecstack -Wl,-z,max-page-size=4096 -Wl,-z,norelro \
		-Wl,--no-warn-rwx-segments -Wl,--orphan-handling=place \
		-Wl,--fatal-warnings -o "$link_out" "$@"
}

# address, name of each function: text symbols of .text and .init.text, one
# for an address, global ones first.
functions() {
	$NM -n "$1" | $AWK '
	$3 == "_text" { on = 1; next }
	$3 == "_etext" || $3 == "__inittext_end" { on = 0 }
	$3 == "__init_begin" { on = 1; next }
	!on || $2 !~ /^[tTwW]$/ || $3 ~ /^\.L/ { next }
	$1 == last { if ($2 == "T" && kind != "T") { name = $3; kind = $2 } next }
	last != "" { print last, name }
	{ last = $1; name = $3; kind = $2 }
	END { if (last != "") print last, name }'
}

# The addresses are 16 hex digits and awk's numbers are doubles: all of them
# lie in the top 2 GiB, so the low 8 digits are enough.
# shellcheck disable=SC2086
link "$out.1" $objects
base=$($NM "$out.1" | $AWK '$3 == "_text" { print $1 }')
[ -n "$base" ] || die "no symbol _text"
functions "$out.1" >"$out.nm1"
$AWK -v base="$base" '
function hex(s,	i, v) {
	for (i = 9; i <= 16; i++)
		v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
	return v
}
BEGIN {
	b = hex(base)
	print "\t.section .ksyms, \"a\"\n\t.balign 8\nksyms_table:"
}
{ offset[n] = hex($1) - b; name[n] = $2; n++ }
END {
	printf "\t.long %d\n\t.long %d\n", n, 8 + 8 * n
	for (i = 0; i < n; i++) {
		printf "\t.long %d, %d\n", offset[i], at
		at += length(name[i]) + 1
	}
	for (i = 0; i < n; i++)
		printf "\t.asciz \"%s\"\n", name[i]
	print "\t.section .note.GNU-stack, \"\", @progbits"
}' "$out.nm1" >"$out.ksyms.S"
$KERNEL_CC -c -g0 -o "$out.ksyms.o" "$out.ksyms.S"
extra="$out.ksyms.o"
if [ -n "$relocs" ]; then
	"$relocs" --table "$out.1" >"$out.relocs.S" || die "$relocs failed"
	$KERNEL_CC -c -g0 -o "$out.relocs.o" "$out.relocs.S"
	extra="$extra $out.relocs.o"
fi

# shellcheck disable=SC2086
link "$out" $objects $extra
functions "$out" >"$out.nm2"
cmp -s "$out.nm1" "$out.nm2" ||
	die "functions moved between the passes: .ksyms or .relocs is not behind them"
[ -z "$relocs" ] || "$relocs" --check "$out" || die "the relocation table is wrong"
undefined=$($NM -u "$out" | $AWK '{ printf " %s", $NF }')
# the ends of an empty set are weak and zero on purpose
for s in $undefined; do
	case $s in
	__start_set_* | __stop_set_*) ;;
	*) die "undefined: $s" ;;
	esac
done
$READELF -lW "$out" | $AWK '
	$1 == "LOAD" && / RWE / { print "link-kernel: a segment is writable and executable" ; bad = 1 }
	END { exit bad }' >&2 || die "W^X is broken"
