#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""stress.py - storms and bombs in a guest; see stress.c.

usage: stress.py [--kernel FILE] [--prog FILE] [--seconds N] [--smp N]
       [--mem MiB] [--logs DIR] [--append WORDS] [--echo] [test...]
A storm lasts N seconds of guest time (two runs of each).  Also fails when the
kernel's log complains.  Prints TAP.
"""
import argparse
import os
import re
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, '..', 'lib'))
import cpio                                             # noqa: E402
import qemu                                             # noqa: E402


def main():
    e = os.environ.get
    p = argparse.ArgumentParser()
    p.add_argument('--kernel', default=e('KERNEL') or e('KERLA_KERNEL'))
    p.add_argument('--prog')
    p.add_argument('--seconds', default=e('STRESS_SECONDS', '2'))
    p.add_argument('--smp', type=int, default=4)
    p.add_argument('--mem', default='256')
    p.add_argument('--logs', default=e('LOGS', 'tests/logs'))
    p.add_argument('--append', default='')
    p.add_argument('--echo', action='store_true')
    p.add_argument('tests', nargs='*')
    a = p.parse_args()
    if not qemu.have_qemu():
        qemu.skip_all('no ' + qemu.QEMU)
    if not a.kernel or not os.path.exists(a.kernel):
        qemu.skip_all('no kernel %s' % a.kernel)
    os.makedirs(a.logs, exist_ok=True)
    src = os.path.join(here, 'stress.c')
    names = re.findall(r'\{ "(\w+)", t_', open(src).read())
    if a.tests:
        names = [n for n in names if n in a.tests]
    prog = a.prog or os.path.join(a.logs, 'stress')
    if not a.prog:
        cc = (e('MUSL_GCC') or 'musl-gcc').split()
        subprocess.run(cc + ['-static', '-no-pie', '-O2', '-Wall', '-Wextra',
                             '-Wno-unused-result', '-pthread', '-o', prog,
                             src, os.path.join(here, 'threads.c'),
                             os.path.join(here, 'sched.c')],
                       check=True)
    c = cpio.Newc()
    cpio.base(c)
    with open(prog, 'rb') as f:
        c.file('init', f.read(), 0o755)
    ird = os.path.join(a.logs, 'stress.cpio')
    c.write(ird)
    words = 'console=ttyS0 loglevel=4 panic=-1 stsec=%s' % a.seconds
    if a.tests:
        words += ' st=' + ','.join(a.tests)
    g = qemu.Guest(kernel=a.kernel, initrd=ird, smp=a.smp, mem=a.mem,
                   append=words + ' ' + a.append, echo=a.echo,
                   log=os.path.join(a.logs, 'stress.log'))
    each = 120 + 20 * float(a.seconds) * a.smp
    why = None
    try:
        for _ in range(len(names) + 1):
            g.expect(r'@@st \w+ (ok|FAIL)[^\n]*\n', r'@@st done', cpu=each,
                     idle=60 + 4 * float(a.seconds))
            if g.which == 1:
                break
        g.wait(cpu=30, idle=20)
    except (qemu.Timeout, qemu.Ended) as x:
        why = str(x)
    finally:
        g.close()
    tap = qemu.Tap(len(names) + 2)
    for n in names:
        m = re.search(r'@@st %s (ok|FAIL) ([^\n]*)' % n, g.buf)
        if not m:
            tap.ok(False, n, 'did not end')
        else:
            tap.ok(m.group(1) == 'ok', n, m.group(2))
    tap.ok(why is None, 'guest powered off', why)
    lines = qemu.complaints(g.buf)
    tap.ok(not lines, 'the kernel has no complaints', '\n'.join(lines[:20]))
    tap.diag('%.0f s of CPU' % g.final_cpu)
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
