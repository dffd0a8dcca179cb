#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""apps.py - Debian's programs in a guest.

usage: apps.py [options] [case...]
  --kernel FILE   bzImage to judge                  [$KERLA_KERNEL]
  --cache DIR     packages and unpacked trees       [$APPS_CACHE]
  --quick         the cases marked quick, in one guest
  --logs DIR      serial logs                       [tests/logs]
  --smp N --mem M --append WORDS --echo
A case is cases/NAME.sh: bash, run as root on a fresh root image; exit status 0
is success. Its head says which package sets of mkroot it wants (`# sets:`), its
limit in guest seconds (`# limit:`, 120) and, while it cannot work yet, for what
it waits (`# waiting:`: its failure does not count). Cases of the same sets share a guest.
Prints TAP, one line a case.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, '..', 'lib'))
import cpio                                             # noqa: E402
import qemu                                             # noqa: E402


class Case:
    def __init__(self, name):
        self.name = name
        with open(os.path.join(here, 'cases', name + '.sh')) as f:
            self.text = f.read()
        head = dict(re.findall(r'^# (sets|limit|waiting|quick|files): *(.*)$',
                               self.text, re.M))
        self.sets = head.get('sets', 'base').split()
        self.limit = int(head.get('limit', '120'))
        self.waiting = head.get('waiting')
        self.quick = 'quick' in head
        self.files = head.get('files', '').split()


def all_cases():
    return [Case(f[:-3]) for f in sorted(os.listdir(
        os.path.join(here, 'cases'))) if f.endswith('.sh')]


def root(o, sets):
    """The image of some sets; made when it is not there."""
    out = os.path.join(o.cache, 'root.%s.cpio' % '+'.join(sets))
    tool = os.path.join(here, 'mkroot')
    if os.path.exists(out) and \
            os.path.getmtime(out) > os.path.getmtime(tool):
        return out, None
    os.makedirs(o.cache, exist_ok=True)
    r = subprocess.run([sys.executable, tool, '--cache', o.cache, out] + sets,
                       stderr=subprocess.PIPE)
    if r.returncode == 77:
        return None, r.stderr.decode().strip()
    if r.returncode:
        raise SystemExit(r.stderr.decode())
    return out, None


def driver(o, cases, path):
    """The archive behind the root's: init, cases, their files."""
    a = cpio.Newc()
    a.dir('dev')
    a.node('dev/console', 'c', 5, 1, 0o600)
    a.node('dev/null', 'c', 1, 3, 0o666)
    with open(os.path.join(here, 'init.sh')) as f:
        a.file('init', f.read(), 0o755)
    off = os.path.join(o.logs, 'apps-poweroff')
    subprocess.run(os.environ.get('MUSL_GCC', 'musl-gcc').split() +
                   ['-static', '-o', off, os.path.join(here, 'poweroff.c')],
                   check=True)
    with open(off, 'rb') as f:
        a.file('cases/poweroff', f.read(), 0o755)
    a.file('cases/LIST', ''.join('%s %d\n' % (c.name, c.limit)
                                 for c in cases))
    for c in cases:
        a.file('cases/%s.sh' % c.name, c.text, 0o755)
        for n in c.files:
            with open(os.path.join(here, n), 'rb') as f:
                a.file('cases/' + n, f.read(), 0o755)
    a.write(path)


def run(o, cases, tag):
    """{name: (rc, seconds)} and why it ended early."""
    img, why = root(o, sorted(set(s for c in cases for s in c.sets)))
    if not img:
        return None, why
    ird = os.path.join(o.logs, 'apps-%s.cpio' % tag)
    tail = os.path.join(o.logs, 'apps-%s.tail.cpio' % tag)
    driver(o, cases, tail)
    with open(ird, 'wb') as f:
        for p in (img, tail):
            with open(p, 'rb') as s:
                shutil.copyfileobj(s, f, 1 << 20)
    words = 'console=ttyS0 quiet loglevel=%d panic=-1 %s' % (
        o.loglevel, o.append)
    # what is unpacked, what programs write, and room to run
    mem = o.mem or max(2048, 1024 + os.path.getsize(ird) * 2 // 1000000)
    g = qemu.Guest(kernel=o.kernel, initrd=ird, append=words, smp=o.smp,
                   mem=mem, echo=o.echo, cpu=6000, idle=400,
                   icount=getattr(o, 'icount', None),
                   cpu_model='max,-la57',
                   log=os.path.join(o.logs, 'apps-%s.log' % tag))
    res, why = {}, None
    try:
        while True:
            m = g.expect(r'^@@apps end (\S+) (\d+) (\S+) (\S+)\n',
                         r'^@@apps done')
            if g.which == 1:
                break
            res[m.group(1)] = (int(m.group(2)), float(m.group(4)) -
                               float(m.group(3)), g.before)
        g.wait(cpu=60, idle=20)
    except (qemu.Timeout, qemu.Ended) as e:
        why = str(e)
    finally:
        g.close()
        os.unlink(ird)
    return res, why


def report(n, c, res, why):
    ok, note = False, ''
    if res is None:
        print('ok %d - %s # SKIP %s' % (n, c.name, why))
        return True
    if c.name in res:
        rc, secs, text = res[c.name]
        ok = rc == 0
        note = ' (%.1f s)' % secs
        if not ok:
            for line in text.split('\n'):
                print('#   ' + line)
            note = ' status %d%s' % (rc, ' (limit)' if rc in (124, 137)
                                     else '')
    elif why:
        print('#   ' + why)
    if c.waiting and not ok:
        print('ok %d - %s # SKIP waits for %s' % (n, c.name, c.waiting))
    else:
        print('%sok %d - %s%s' % ('' if ok else 'not ', n, c.name, note),
              flush=True)
    return ok or bool(c.waiting)


def main():
    e = os.environ.get
    p = argparse.ArgumentParser()
    p.add_argument('--kernel', default=e('KERLA_KERNEL',
                                         'kernel/vmlinuz-kerla'))
    p.add_argument('--cache', default=e('APPS_CACHE', 'tests/apps/cache'))
    p.add_argument('--logs', default=e('LOGS', 'tests/logs'))
    p.add_argument('--smp', type=int, default=2)
    p.add_argument('--mem', type=int)
    p.add_argument('--append', default='')
    p.add_argument('--loglevel', type=int, default=4)
    p.add_argument('--quick', action='store_true')
    p.add_argument('--echo', action='store_true')
    p.add_argument('cases', nargs='*')
    o = p.parse_args()
    os.makedirs(o.logs, exist_ok=True)
    cases = [c for c in all_cases()
             if (not o.cases or c.name in o.cases) and
             (not o.quick or c.quick)]
    groups = {}
    for c in cases:
        key = 'quick' if o.quick else '+'.join(sorted(c.sets))
        groups.setdefault(key, []).append(c)
    if not qemu.have_qemu():
        print('1..0 # SKIP no ' + qemu.QEMU)
        return 0
    print('1..%d' % len(cases), flush=True)
    good, n = True, 0
    for key, cs in sorted(groups.items()):
        res, why = run(o, cs, key)
        if why and res is not None:
            print('# %s: %s' % (key, why))
        for c in cs:
            n += 1
            good &= report(n, c, res, why)
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
