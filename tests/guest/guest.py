#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""guest.py - run the guest programs under a kernel, compare with Linux.

usage: guest.py [options] [program...]
  --bin DIR       compiled programs (build-guest DIR)       [$GT_BIN]
  --kernel FILE   bzImage or ELF to judge                   [$KERNEL]
  --busybox FILE  a static busybox for /bin                 [$BUSYBOX]
  --oracle WHAT   host | expected | FILE of a Linux kernel | FILE.out
                  default: host when root, else expected
  --save DIR      write the oracle's output there as NAME.exp and stop
  --logs DIR      serial logs                               [tests/logs]
  --smp N --mem M --machine M, --no-icount, --append WORDS, --direct, --echo
The kernel runs with -icount (guest time = instructions) unless --smp > 1 or
--no-icount: then its clock cannot run ahead of a loaded host's.
Prints TAP, one line a program.
"""
import argparse
import difflib
import os
import shutil
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, '..', 'lib'))
import cpio                                             # noqa: E402
import qemu                                             # noqa: E402


def programs(bindir):
    """Every source that is not a helper and has been compiled."""
    names = [f[:-2] for f in os.listdir(here) if f.endswith('.c')]
    return sorted(n for n in names if n != 'gtrun' and not
                  n.startswith('x-') and
                  os.path.exists(os.path.join(bindir, n)))


def parse(text):
    """{name: ([lines], end words)} of gtrun's output."""
    res, cur, lines = {}, None, []
    for line in text.split('\n'):
        if line.startswith('@@gt begin '):
            cur, lines = line[11:].strip(), []
            res[cur] = (lines, 'did not end')
        elif line.startswith('@@gt end ') and cur:
            res[cur] = (lines, line[9:].strip()[len(cur):].strip())
            cur = None
        elif cur and line.startswith('|'):
            lines.append(line[1:])
        elif '@@gt note' in line:
            lines.append(line)
    return res


def archive(a, names, path):
    c = cpio.Newc()
    cpio.base(c)
    c.dir('gt')
    for n in ['gtrun'] + sorted(os.listdir(a.bin)):
        p = os.path.join(a.bin, n)
        if n.endswith('.tmp') or not os.access(p, os.X_OK) or \
                not os.path.isfile(p):
            continue
        with open(p, 'rb') as f:
            c.file('gt/' + n, f.read(), 0o755)
    c.link('init', 'gt/gtrun')
    c.file('gt/list', ' '.join(names))
    if a.busybox:
        with open(a.busybox, 'rb') as f:
            c.file('bin/busybox', f.read(), 0o755)
        c.link('bin/sh', 'busybox')
    c.file('etc/passwd', 'root::0:0:root:/:/bin/sh\n')
    c.file('etc/group', 'root:x:0:\n')
    c.write(path)


def stage(a, root):
    for d in ('dev', 'proc', 'sys', 'tmp', 'gt', 'bin', 'etc', 'mnt', 'root'):
        os.makedirs(os.path.join(root, d), exist_ok=True)
    for n in os.listdir(a.bin):
        p = os.path.join(a.bin, n)
        if os.path.isfile(p) and os.access(p, os.X_OK):
            shutil.copy(p, os.path.join(root, 'gt', n))
    if a.busybox:
        shutil.copy(a.busybox, os.path.join(root, 'bin', 'busybox'))
        os.symlink('busybox', os.path.join(root, 'bin', 'sh'))
    for f, t in (('passwd', 'root::0:0:root:/:/bin/sh\n'),
                 ('group', 'root:x:0:\n')):
        with open(os.path.join(root, 'etc', f), 'w') as o:
            o.write(t)
    os.chmod(root, 0o755)


# Shares of processor time, which a loaded host gives wrong: what an idle Linux
# gave is the oracle.
MEASURED = {'sched'}


def run_host(a, names):
    root = tempfile.mkdtemp(prefix='gthost.')
    try:
        stage(a, root)
        r = subprocess.run([os.path.join(a.bin, 'gtrun'), '--host', root] +
                           names, stdout=subprocess.PIPE,
                           stdin=subprocess.DEVNULL, umask=0)
        if r.returncode:
            return None
        return parse(r.stdout.decode('utf-8', 'replace'))
    finally:
        shutil.rmtree(root, ignore_errors=True)


def run_guest(a, names, kernel, tag):
    ird = os.path.join(a.logs, 'guest-%s.cpio' % tag)
    archive(a, names, ird)
    words = 'console=ttyS0 quiet loglevel=4 panic=-1'
    if a.direct:
        words += ' gtdirect'
    if a.append:
        words += ' ' + a.append
    icount = a.icount and a.smp == 1
    g = qemu.Guest(kernel=kernel, initrd=ird, append=words, smp=a.smp,
                   mem=a.mem, machine=a.machine, icount=2 if icount else None, echo=a.echo,
                   cpu_model='max,-erms,-la57',
                   log=os.path.join(a.logs, 'guest-%s.log' % tag))
    why = None
    try:
        for _ in range(len(names) + 1):
            g.expect(r'^@@gt end [^\n]*\n', r'^@@gt done', cpu=a.cpu, idle=200)
            if g.which == 1:
                break
        g.wait(cpu=30, idle=20)
    except (qemu.Timeout, qemu.Ended) as e:
        why = str(e)
    finally:
        g.close()
    faults = qemu.complaints(g.buf)
    return parse(g.buf), why, faults, g.final_cpu


def load_expected(names):
    res = {}
    for n in names:
        p = os.path.join(here, 'expected', n + '.exp')
        if os.path.exists(p):
            with open(p, encoding='utf-8', errors='replace') as f:
                res[n] = (f.read().split('\n')[:-1], 'exit 0')
    return res


def main():
    p = argparse.ArgumentParser(add_help=True)
    e = os.environ.get
    p.add_argument('--bin', default=e('GT_BIN', 'tests/guest/bin'))
    p.add_argument('--kernel', default=e('KERNEL'))
    p.add_argument('--busybox', default=e('BUSYBOX'))
    p.add_argument('--oracle', default=e('GT_ORACLE'))
    p.add_argument('--save')
    p.add_argument('--logs', default=e('LOGS', 'tests/logs'))
    p.add_argument('--smp', type=int, default=1)
    p.add_argument('--mem', default='256')
    p.add_argument('--machine', default='pc')
    p.add_argument('--no-icount', dest='icount', action='store_false')
    p.add_argument('--append', default='')
    p.add_argument('--direct', action='store_true')
    p.add_argument('--echo', action='store_true')
    p.add_argument('--cpu', type=float, default=150.0)
    p.add_argument('--tag', default='run')
    p.add_argument('progs', nargs='*')
    a = p.parse_args()
    os.makedirs(a.logs, exist_ok=True)
    if a.busybox and not os.path.exists(a.busybox):
        a.busybox = None
    names = a.progs or programs(a.bin)
    if not names:
        qemu.skip_all('no guest programs in ' + a.bin)

    want, src = None, a.oracle
    if src is None:
        src = 'host' if os.getuid() == 0 else 'expected'
    if src == 'host':
        want = run_host(a, [n for n in names if n not in MEASURED])
        if want is not None:
            want.update(load_expected(MEASURED.intersection(names)))
        else:
            print('# the host gives no namespaces: expected files instead')
            src = 'expected'
    elif src != 'expected':
        want, why, _, _ = run_guest(a, names, src, a.tag + '-oracle')
        if why:
            print('# oracle: ' + why)
    if want is None:
        want = load_expected(names)
    if a.save:
        os.makedirs(a.save, exist_ok=True)
        for n, (lines, end) in want.items():
            with open(os.path.join(a.save, n + '.exp'), 'w') as f:
                f.write(''.join(x + '\n' for x in lines))
            if end != 'exit 0':
                print('# %s: %s' % (n, end))
        return 0
    if not a.kernel:
        sys.exit('guest.py: no --kernel')
    if not os.path.exists(a.kernel):
        qemu.skip_all('no kernel ' + a.kernel)
    if not qemu.have_qemu():
        qemu.skip_all('no ' + qemu.QEMU)

    tap = qemu.Tap(len(names) + 2)
    got, why, faults, cpu = run_guest(a, names, a.kernel, a.tag)
    for n in names:
        if n not in want:
            tap.skip(n, 'no oracle')
            continue
        w, wend = want[n]
        if n not in got:
            tap.ok(False, n, 'not run')
            continue
        g, gend = got[n]
        good = w == g and gend == wend
        if not tap.ok(good, n):
            d = list(difflib.unified_diff(w, g, 'linux', 'here', n=1,
                                          lineterm=''))
            tap.diag('\n'.join(d[:60]))
            if gend != wend:
                tap.diag('ended: linux %s, here %s' % (wend, gend))
    tap.ok(why is None, 'guest powered off', why)
    tap.ok(not faults, 'the kernel has no complaints',
           '\n'.join(faults[:20]))
    tap.diag('oracle %s, %.0f s of CPU' % (src, cpu))
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
