# SPDX-License-Identifier: MIT
"""report.py - doc/performance.md, written by run-bench --doc."""
import events

HEAD = """\
# Performance

Written by `make bench BENCH_ARGS='--doc FILE'`; do not edit.

## Method

One static program (`tests/bench`) runs as process 1 of the kernel that is
measured, under QEMU's translator with one processor and
`-icount shift=0,sleep=off`: an instruction is a nanosecond of each clock that
the guest can see, idle time is skipped, and two runs print the same digits. So
a row is **instructions for each operation**, on the kernel's and the program's
side together (or MB/s at an instruction a nanosecond); the machine that
measures, and its load, do not matter. Differences below 2 % mean nothing.

*Lean Linux* is Linux 6.1 configured for the least work: tinyconfig with what
the rows need, no mitigations, no hardening, started as an ELF by PVH. Its
figures are stored in `tests/bench/rows`; a distribution's kernel needs 1.5
times as many. `make bench LINUX=vmlinuz` measures any Linux beside.

Instructions hide what single ones cost. The second table counts these, by a
plugin for the translator (`make bench BENCH_ARGS=--events`).

`make bench BENCH_ARGS=--gate` fails when a row is below lean Linux, or the
mean below 1.5; with `--events` when an event is more frequent than there.

## Rows

"x lean" is how many times less work (or more MB/s) than lean Linux.

| row | here | unit | lean Linux | x lean | target |
| --- | ---: | --- | ---: | ---: | ---: |
"""
BOOT = """
Geometric mean of the rows: **%.2f** times lean Linux%s.

## Boot and memory

From power-on to the first instruction of process 1, by the ELF's PVH entry,
with 512 MiB. The firmware is in it: 5.7 M of `pc`'s, next to nothing of
microvm's. A megabyte unpacked from gzip costs 15 M; who counts them configures
`--with-initramfs-compression=none`.

| | instructions | lean Linux | target |
| --- | ---: | ---: | ---: |
"""
MEMORY = """\

Of a guest with 128 MiB, %.1f MB are not available to programs when process 1
starts; of lean Linux's, 27.4.

"""
EVENTS = """\
## Events

For each operation: here / lean Linux. cr3: loads of the page table register.
invlpg: pages dropped from the TLB. lock: locked operations. xsave: saves and
restores of the FPU's registers, each counted. io, mmio: accesses to devices,
each an exit from a virtual machine. Linux keeps its lock prefixes
(`noreplace-smp`), as it does on machines with more than one processor; on one
it would patch them away, which this kernel does not.

"""
EVENTS_END = """
A timer tick, or what is done once in many operations, shows as a fraction.
"""
COLUMNS = [c for c in events.COLUMNS if c not in ('hlt', 'cpuid')]


def write(path, rows, boots, memory, mean, below, mine, lean):
    """rows: (name, here, unit, lean, ratio, target) as text; boots: likewise
    (what, here, lean, target); mine, lean: tables of events."""
    with open(path, 'w') as f:
        f.write(HEAD)
        for r in rows:
            f.write('| %s | %s | %s | %s | %s | %s |\n' % r)
        f.write(BOOT % (mean, '; below it: ' + ' '.join(below) if below
                        else ', and none below it'))
        for b in boots:
            f.write('| %s | %s | %s | %s |\n' % b)
        f.write(MEMORY % (memory / 1000))
        f.write(EVENTS)
        f.write('| row | ' + ' | '.join(COLUMNS) + ' |\n')
        f.write('| --- |' + ' ---: |' * len(COLUMNS) + '\n')
        for r in mine:
            f.write('| %s | %s |\n' % (r, ' | '.join(
                events.pair(mine[r][c], lean.get(r, {}).get(c), ' / ')
                for c in COLUMNS)))
        bad = events.worse(mine, lean)
        if bad:
            f.write('\nMore than lean Linux: %s.\n' % ', '.join(
                '%s %s' % x for x in bad))
        f.write(EVENTS_END)
