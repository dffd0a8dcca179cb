#!/bin/sh
# SPDX-License-Identifier: MIT
# kerla-run.sh - kerla-run builds the right QEMU command line of its variables
# and options, and takes KVM only after the probe. QEMU is played by a script
# that writes its arguments down, one a line. TAP.
: "${top_builddir:=.}"
run=$top_builddir/iso/kerla-run
[ -r "$run" ] || { echo "1..0 # SKIP no $run"; exit 0; }
d=$(mktemp -d) || exit 99
trap 'rm -rf "$d"' EXIT
trap 'exit 99' HUP INT TERM

cat >"$d/qemu" <<'END'
#!/bin/sh
# the probe is the call with the ROM; $PROBE says how it goes
for a do
	case $a in *kvm-probe*) exec sh -c "$PROBE" ;; esac
done
printf '%s\n' "$@" >"$ARGS"
for a do
	case $a in *vars.fd) f=${a##*file=}; [ ! -w "$f" ] || echo "vars" >>"$ARGS"
		echo "$f" >"$ARGS.vars" ;; esac
done
exit "${STATUS:-0}"
END
chmod +x "$d/qemu"
for f in kernel initramfs iso code vars kvm-probe.bin kvm; do
	echo $f >"$d/$f"
done
ARGS=$d/args PROBE='exit 1'
KERLA_QEMU=$d/qemu KERLA_KERNEL=$d/kernel KERLA_INITRAMFS=$d/initramfs
KERLA_ISO=$d/iso KERLA_PROBE=$d/kvm-probe.bin KERLA_KVM=$d/kvm
OVMF_CODE=$d/code OVMF_VARS=$d/vars
export ARGS PROBE KERLA_QEMU KERLA_KERNEL KERLA_INITRAMFS KERLA_ISO \
	KERLA_PROBE KERLA_KVM OVMF_CODE OVMF_VARS
unset CMDLINE QEMU_ARGS SMP MEM LOG LOG_SERIAL GDB GUI ACCEL KERLA_SYMBOLS

n=0
# try NAME [VARIABLE=VALUE...] [-- ARGUMENT...]: runs it; status in $rc
try()
{
	name=$1
	shift
	rm -f "$ARGS" "$ARGS.vars"
	vars=
	(
		while [ $# -gt 0 ] && [ "$1" != -- ]; do
			export "${1?}"
			shift
		done
		[ $# -eq 0 ] || shift
		exec sh "$run" "$@" >"$d/out" 2>"$d/err"
	)
	rc=$?
	ok=1
	why=
}
fail() { ok=; why="$why; $*"; }
# has WORD...: they follow one another in the arguments
has()
{
	want=$(printf '%s|' "$@")
	case "|$(tr '\n' '|' <"$ARGS" 2>/dev/null)" in
	*"|$want"*) ;;
	*) fail "no '$*'" ;;
	esac
}
hasnt()
{
	grep -q -x -e "$1" "$ARGS" && fail "there is '$1'"
}
status() { [ $rc -eq "$1" ] || fail "status $rc"; }
says() { grep -q -e "$1" "$d/out" "$d/err" || fail "does not say '$1'"; }
done_()
{
	n=$((n + 1))
	if [ $ok ]; then
		echo "ok $n - $name"
	else
		echo "# ${why#; }"
		sed 's/^/# /' "$ARGS" "$d/err" 2>/dev/null
		echo "not ok $n - $name"
	fi
}

try 'the default'
status 0
has -accel tcg -cpu max -m 256 -smp 1
has -nic none
has -display none -serial mon:stdio
has -kernel "$d/kernel" -initrd "$d/initramfs" \
	-append 'console=tty0 console=ttyS0'
hasnt -S
done_
try 'CMDLINE is appended as it is' CMDLINE='init=/bin/sh a="b  c" $x'
has -append 'console=tty0 console=ttyS0 init=/bin/sh a="b  c" $x'
done_
try 'SMP and MEM' SMP=4 MEM=1G
has -m 1G -smp 4
done_
try 'LOG' LOG=fs=trace,mm=debug
has -append 'console=tty0 console=ttyS0 log=fs=trace,mm=debug'
done_
try 'LOG_SERIAL is the second line' LOG_SERIAL=file:x.log LOG=trace
has -serial mon:stdio -serial file:x.log
has -append 'console=ttyS1 log=trace'
done_
try 'GDB waits, without KASLR' GDB=1 KERLA_SYMBOLS=k.elf
has -s -S
has -append 'console=tty0 console=ttyS0 nokaslr'
says "gdb k.elf -ex 'target remote :1234'"
done_
try 'GDB with nokaslr given' GDB=1 CMDLINE='quiet nokaslr'
has -append 'console=tty0 console=ttyS0 quiet nokaslr'
done_
try 'GUI opens a window' GUI=1
hasnt -display
has -append 'console=ttyS0 console=tty0'
done_
try 'ACCEL=kvm without the probe' ACCEL=kvm
has -accel kvm -cpu host
done_
try 'ACCEL=tcg' ACCEL=tcg PROBE='exit 33'
has -accel tcg -cpu max
done_
try 'KVM after a good probe' PROBE='exit 33'
has -accel kvm -cpu host
done_
try 'no KVM when the probe does not end' PROBE='exec sleep 100'
has -accel tcg
done_
try 'no KVM without a device' PROBE='exit 33' KERLA_KVM=/nonexistent
has -accel tcg
done_
try 'QEMU_ARGS are words, the last' QEMU_ARGS='-name x  -d int'
has -name x -d int
tail -n 1 "$ARGS" | grep -q -x int || fail 'not the last'
done_
try 'arguments after --' -- --kernel -- -name 'a b'
has -name 'a b'
done_
try 'the image' -- --iso
has -cdrom "$d/iso" -boot d
hasnt -kernel
done_
try 'the image does not take CMDLINE, and says so' CMDLINE=quiet -- --iso
says 'do not reach'
status 0
done_
try 'UEFI on a copy of the variables' -- --iso --uefi
has -M q35 -drive "if=pflash,format=raw,unit=0,readonly=on,file=$d/code"
grep -q -x vars "$ARGS" || fail 'the variables cannot be written'
[ ! -e "$(cat "$ARGS.vars")" ] || fail 'the copy is left behind'
[ "$(cat "$ARGS.vars")" != "$d/vars" ] || fail 'no copy'
done_
try 'no UEFI firmware' OVMF_CODE=/nonexistent -- --uefi
status 1
says 'no UEFI firmware'
done_
try "QEMU's exit status" STATUS=7
status 7
done_
try 'no kernel' KERLA_KERNEL=/nonexistent
status 1
says 'no kernel'
done_
try 'no QEMU' KERLA_QEMU=/nonexistent/qemu
status 1
says 'qemu-system-x86'
done_
try 'an unknown option' -- --frobnicate
status 2
says Usage:
done_
try '--help' -- --help
status 0
says Usage:
done_
try '--version' -- --version
status 0
says 'kerla-run (Kerla) [0-9]'
done_
echo "1..$n"
