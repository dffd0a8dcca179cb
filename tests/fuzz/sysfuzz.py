#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sysfuzz.py - senseless system calls in a guest; see sysfuzz.c.

usage: sysfuzz.py [--kernel FILE] [--seconds N] [--seed N] [--smp N]
       [--workers N] [--mem MiB] [--logs DIR] [--append WORDS] [--echo]
Fails when the guest panics, hangs, loses memory, shows kernel memory to user
space, or its log complains.  N seconds of guest time.  Prints TAP.
"""
import argparse
import os
import re
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
top = os.path.join(here, '..', '..')
sys.path.insert(0, os.path.join(here, '..', 'lib'))
import cpio                                             # noqa: E402
import qemu                                             # noqa: E402


def build(out, logs):
    cc = (os.environ.get('MUSL_GCC') or 'musl-gcc').split()
    table = os.path.join(logs, 'sysfuzz-calls.c')
    with open(table, 'w') as f:
        subprocess.run([os.environ.get('AWK') or 'awk', '-f',
                        os.path.join(here, 'sysfuzz-calls.awk'),
                        os.path.join(top, 'kernel/syscall/syscalls.tbl')],
                       stdout=f, check=True)
    src = [os.path.join(here, s) for s in (
        'sysfuzz.c', 'sysfuzz_args.c', 'sysfuzz_worker.c')]
    subprocess.run(cc + ['-static', '-no-pie', '-O2', '-Wall', '-Wextra',
                         '-fno-stack-protector', '-I', here, '-o', out,
                         table] + src, check=True)


def main():
    e = os.environ.get
    p = argparse.ArgumentParser()
    p.add_argument('--kernel', default=e('KERNEL') or e('KERLA_KERNEL'))
    p.add_argument('--seconds', type=int, default=20)
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--smp', type=int, default=4)
    p.add_argument('--workers', type=int, default=8)
    p.add_argument('--mem', default='512')
    p.add_argument('--logs', default=e('LOGS', 'tests/logs'))
    p.add_argument('--append', default='')
    p.add_argument('--echo', action='store_true')
    a = p.parse_args()
    if not qemu.have_qemu():
        qemu.skip_all('no ' + qemu.QEMU)
    if not a.kernel or not os.path.exists(a.kernel):
        qemu.skip_all('no kernel %s' % a.kernel)
    os.makedirs(a.logs, exist_ok=True)
    prog = os.path.join(a.logs, 'sysfuzz')
    build(prog, a.logs)
    c = cpio.Newc()
    cpio.base(c)
    with open(prog, 'rb') as f:
        c.file('init', f.read(), 0o755)
    ird = os.path.join(a.logs, 'sysfuzz.cpio')
    c.write(ird)
    words = 'console=ttyS0 loglevel=5 panic=-1 fzsec=%d fzseed=%d ' \
        'fzworkers=%d' % (a.seconds, a.seed, a.workers)
    g = qemu.Guest(kernel=a.kernel, initrd=ird, smp=a.smp, mem=a.mem,
                   append=words + ' ' + a.append, echo=a.echo,
                   log=os.path.join(a.logs, 'sysfuzz.log'))
    why, m = None, None
    try:
        while True:
            m = g.expect(r'@@fz (ok|FAIL) ([^\n]*)\n', r'@@fz gen [^\n]*\n',
                         r'Kernel panic[^\n]*\n', cpu=90 * a.smp, idle=120)
            if g.which != 1:
                break
        if g.which == 2:
            why = m.group(0)
        g.wait(cpu=30, idle=20)
    except (qemu.Timeout, qemu.Ended) as x:
        why = why or str(x)
    finally:
        g.close()
    end = re.search(r'@@fz (ok|FAIL) ([^\n]*)', g.buf)
    tap = qemu.Tap(3)
    told = '\n'.join(re.findall(r'@@fz (?:LEAK|HANG|worker)[^\n]*', g.buf))
    tap.ok(bool(end) and end.group(1) == 'ok',
           'calls made: %s' % (end.group(2) if end else 'no end'), told)
    tap.ok(why is None, 'guest powered off', why)
    lines = qemu.complaints(g.buf)
    tap.ok(not lines, 'the kernel has no complaints', '\n'.join(lines[:20]))
    for x in re.findall(r'@@fz \d+ of [^\n]*', g.buf):
        tap.diag(x[5:])
    tap.diag('%.0f s of CPU, seed %d' % (g.final_cpu, a.seed))
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
