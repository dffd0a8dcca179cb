#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""busybox.py - BusyBox's own test suite in a guest, with our BusyBox.

usage: busybox.py [--kernel FILE] [--busybox FILE] [--config FILE] [--src DIR]
       [--logs DIR] [--save-linux] [--echo] [applet...]
Every case in linux.pass (what passes on Linux 6.1 in the same QEMU, written by
--save-linux with --kernel of a Linux) must pass, but those in exceptions,
each of which has its reason there.  Prints TAP.
"""
import argparse
import os
import re
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, '..', 'lib'))
import cpio                                             # noqa: E402
import qemu                                             # noqa: E402


def results(text):
    """[(state, name#n)]: equal names are numbered."""
    seen, out = {}, []
    for m in re.finditer(r'^(PASS|FAIL|SKIPPED|UNTESTED): (.*)$', text,
                         re.M):
        n = m.group(2).strip()
        seen[n] = seen.get(n, 0) + 1
        if seen[n] > 1:
            n += ' #%d' % seen[n]
        out.append((m.group(1), n))
    return out


def lines(name):
    p = os.path.join(here, name)
    if not os.path.exists(p):
        return []
    with open(p, encoding='utf-8') as f:
        return [x.rstrip('\n') for x in f
                if x.strip() and not x.startswith('#')]


def main():
    e = os.environ.get
    p = argparse.ArgumentParser()
    p.add_argument('--kernel', default=e('KERNEL') or e('KERLA_KERNEL'))
    p.add_argument('--busybox', default=e('KERLA_BUSYBOX'))
    p.add_argument('--config', default=e('KERLA_BUSYBOX_CONFIG'))
    p.add_argument('--src', default=e('KERLA_BUSYBOX_SRC'))
    p.add_argument('--logs', default=e('LOGS', 'tests/logs'))
    p.add_argument('--save-linux', action='store_true')
    p.add_argument('--append', default='')
    p.add_argument('--echo', action='store_true')
    p.add_argument('applets', nargs='*')
    a = p.parse_args()
    if not qemu.have_qemu():
        qemu.skip_all('no ' + qemu.QEMU)
    suite = os.path.join(a.src or '', 'testsuite')
    for f, what in ((a.kernel, 'kernel'), (a.busybox, 'busybox'),
                    (a.config, 'busybox configuration'),
                    (os.path.join(suite, 'runtest'), 'test suite')):
        if not f or not os.path.exists(f):
            qemu.skip_all('no %s' % what)
    os.makedirs(a.logs, exist_ok=True)
    c = cpio.Newc()
    cpio.base(c)
    with open(a.busybox, 'rb') as f:
        c.file('bin/busybox', f.read(), 0o755)
    c.link('bin/sh', 'busybox')
    with open(os.path.join(here, 'init.sh'), 'rb') as f:
        c.file('init', f.read(), 0o755)
    with open(a.config, 'rb') as f:
        c.file('bb/.config', f.read())
    c.file('etc/passwd', 'root::0:0:root:/:/bin/sh\n')
    c.file('etc/group', 'root:x:0:\n')
    c.tree(suite, 'bb/testsuite')
    ird = os.path.join(a.logs, 'busybox.cpio')
    c.write(ird)
    words = 'console=ttyS0 quiet loglevel=1 panic=-1 ' + a.append
    if a.applets:
        words += ' bb=' + ','.join(a.applets)
    g = qemu.Guest(kernel=a.kernel, initrd=ird, append=words, mem='512',
                   icount=2, cpu_model='max,-erms,-la57', echo=a.echo,
                   log=os.path.join(a.logs, 'busybox.log'))
    why = None
    try:
        g.expect(r'@@bb done', cpu=600, idle=600)
        g.wait(cpu=30, idle=30)
    except (qemu.Timeout, qemu.Ended) as x:
        why = str(x)
    finally:
        g.close()
    got = results(g.buf)
    if a.save_linux:
        with open(os.path.join(here, 'linux.pass'), 'w') as f:
            f.write('# cases that pass on Linux 6.1, in the order of the '
                    'run\n')
            for s, n in got:
                if s == 'PASS':
                    f.write(n + '\n')
        print('%d pass, %d fail, %d others' % tuple(
            sum(1 for s, _ in got if s in k) for k in (
                ('PASS',), ('FAIL',), ('SKIPPED', 'UNTESTED'))))
        for s, n in got:
            if s == 'FAIL':
                print('FAIL ' + n)
        if why:
            print(why)
        return 0
    have = {n: s for s, n in got}
    want = lines('linux.pass')
    exc = dict((x.split('\t', 1) + [''])[:2] for x in lines('exceptions'))
    if a.applets:
        for s, n in got:
            print('%s %s' % (s, n))
        return 0
    tap = qemu.Tap(len(want) + 1)
    for n in want:
        s = have.get(n, 'not run')
        if n in exc and s != 'PASS':
            tap.skip(n, exc[n])
        else:
            tap.ok(s == 'PASS', n.replace('#', '\\#'), s)
    tap.ok(why is None, 'guest powered off', why)
    tap.diag('%.0f s of CPU' % g.final_cpu)
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
