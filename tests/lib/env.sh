# SPDX-License-Identifier: MIT
# env.sh - sourced by the test scripts that drive guests: where things are,
# and the reasons to skip.  The environment comes from tests/Makefile.am.

: "${top_srcdir:=.}"
: "${top_builddir:=$top_srcdir}"
: "${PYTHON:=python3}"
: "${QEMU:=qemu-system-x86_64}"
: "${MUSL_GCC:=musl-gcc}"
: "${LOGS:=$top_builddir/tests/logs}"
: "${KERLA_KERNEL:=$top_builddir/kernel/vmlinuz-kerla}"
: "${KERLA_ELF:=$top_builddir/kernel/vmkerla.elf}"
: "${KERLA_BUSYBOX:=$top_builddir/userland/busybox.bin}"
export LOGS QEMU MUSL_GCC KERLA_KERNEL KERLA_ELF KERLA_BUSYBOX
export PYTHONDONTWRITEBYTECODE=1

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 0
}

# need_guest: QEMU, Python and a kernel, or skip
need_guest()
{
	command -v "$PYTHON" >/dev/null 2>&1 || skip_all "no python3"
	command -v "$QEMU" >/dev/null 2>&1 || skip_all "no $QEMU"
	[ -f "$KERLA_KERNEL" ] || skip_all "no kernel $KERLA_KERNEL"
	mkdir -p "$LOGS"
}

# need_cc: the compiler of static test programs, or skip
need_cc()
{
	echo 'int main(void) { return 0; }' > "$LOGS/conftest.$$.c"
	$MUSL_GCC -static -o "$LOGS/conftest.$$" "$LOGS/conftest.$$.c" \
		>/dev/null 2>&1
	rc=$?
	rm -f "$LOGS/conftest.$$" "$LOGS/conftest.$$.c"
	[ $rc = 0 ] || skip_all "no compiler for static programs ($MUSL_GCC)"
}
