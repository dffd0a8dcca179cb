#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""rows.py - what whole programs of Debian cost, beside Linux.

usage: rows.py [--kernel FILE] [--linux VMLINUZ] [--cache DIR] [--logs DIR]

One CPU, -icount shift=0: an instruction is a nanosecond, so the figures are
thousands of instructions, program and kernel together, and do not depend on
the machine's load. `mkroot --kernel FILE' fetches Debian's Linux.
"""
import argparse
import os
import re
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
import apps                                             # noqa: E402


class Rows:
    name, sets, limit, files = 'rows', ['base', 'gcc', 'git'], 3600, []

    def __init__(self):
        with open(os.path.join(here, 'rows.sh')) as f:
            self.text = 'exec > /tmp/keep.rows 2>&1\n' + f.read()


def measure(o, kernel, tag):
    o.kernel = kernel
    res, why = apps.run(o, [Rows()], tag)
    if not res or 'rows' not in res:
        raise SystemExit('%s: %s' % (kernel, why))
    rc, _, text = res['rows']
    rows = re.findall(r'^@@row (\S+) (\d+)', text, re.M)
    if rc or not rows:
        raise SystemExit('%s: status %d\n%s' % (kernel, rc, text))
    return {n: int(v) // 1000 for n, v in rows}


def main():
    e = os.environ.get
    p = argparse.ArgumentParser()
    p.add_argument('--kernel', default=e('KERLA_KERNEL',
                                         'kernel/vmlinuz-kerla'))
    p.add_argument('--linux', default=e('LINUX'))
    p.add_argument('--cache', default=e('APPS_CACHE', 'tests/apps/cache'))
    p.add_argument('--logs', default=e('LOGS', 'tests/logs'))
    o = p.parse_args()
    o.smp, o.icount, o.mem, o.echo = 1, 0, None, False
    o.append, o.loglevel = '', 4
    os.makedirs(o.logs, exist_ok=True)
    ours = measure(o, o.kernel, 'rows')
    theirs = measure(o, o.linux, 'rows-linux') if o.linux else {}
    for n, v in ours.items():
        print('%-12s %10d k' % (n, v) + (
            '   Linux %10d k   %.2f' % (theirs[n], v / theirs[n])
            if n in theirs else ''))
    return 0


if __name__ == '__main__':
    sys.exit(main())
