#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pytests.py - Python's own tests in a guest, compared with Linux.

usage: pytests.py [options] [module...]
  --kernel FILE   bzImage to judge                  [$KERLA_KERNEL]
  --cache DIR --logs DIR --smp N                    as apps.py
  --save FILE     write `MODULE TEST RESULT' lines there and stop
  --limit N       guest seconds a test may take, 120

python.linux holds the results of Debian's Linux in the same QEMU with the same
initramfs (`pytests.py --kernel VMLINUZ --save tests/apps/python.linux`; mkroot
--kernel fetches one). A test must end as it ended there; python.except lists
those that need not, each with its reason: `MODULE TEST-pattern  reason'. One
that ended well on our kernel alone is told but is no failure.
The guest runs with one CPU under -icount: its sleeping costs nothing, and a
loaded machine does not make its tests late.
"""
import argparse
import fnmatch
import os
import re
import shutil
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
import apps                                             # noqa: E402
import qemu                                             # noqa: E402

MODULES = '''test_os test_posix test_subprocess test_signal test_threading
test_thread test_mmap test_select test_epoll test_poll test_pty test_tempfile
test_fcntl test_io test_fileio test_time test_resource
test_multiprocessing_fork test_concurrent_futures test_asyncio test_shutil
test_glob test_pathlib test_eintr test_faulthandler'''.split()


class PyCase:
    """A module, with the face of apps.Case."""
    sets = ['base', 'pytest']
    files = ['pyrun.py']

    def __init__(self, name, limit):
        self.name = name
        self.limit = 3600
        self.text = (
            'python3 /cases/pyrun.py %d %s > /tmp/keep.%s 2>/tmp/err\n'
            'tail -c 40000 /tmp/err | sed "s/^@@/@ @/" >> /tmp/keep.%s\n' %
            (limit, name, name, name))


def results(text):
    """{(module, test): result}"""
    return {(m, t): r for m, t, r in re.findall(
        r'^@@py (\S+) (\S+) (\S+)', text, re.M)}


def load(name):
    p = name if os.sep in name else os.path.join(here, name)
    if not os.path.exists(p):
        return []
    with open(p) as f:
        return [w for w in f.read().split('\n') if w and w[0] != '#']


def judge(module, got, want, exceptions):
    """(lines that say what differs, is it good)"""
    said, good = [], True
    keys = sorted(k for k in set(got) | set(want) if k[0] == module)
    for k in keys:
        g, w = got.get(k, 'missing'), want.get(k, 'missing')
        if g == w:
            continue
        why = [e for e in exceptions if e[0] == module and
               fnmatch.fnmatchcase(k[1], e[1])]
        bad = not why and g not in ('ok', 'xfail', 'done')
        good &= not bad
        said.append('%s%s %s: %s, Linux: %s%s' % (
            '! ' if bad else '', module, k[1], g, w,
            ' (%s)' % why[0][2] if why else ''))
    return said, good


def main():
    e = os.environ.get
    p = argparse.ArgumentParser()
    p.add_argument('--kernel', default=e('KERLA_KERNEL',
                                         'kernel/vmlinuz-kerla'))
    p.add_argument('--cache', default=e('APPS_CACHE', 'tests/apps/cache'))
    p.add_argument('--logs', default=e('LOGS', 'tests/logs'))
    p.add_argument('--smp', type=int, default=1)
    p.add_argument('--mem', type=int, default=3072)
    p.add_argument('--append', default='')
    p.add_argument('--loglevel', type=int, default=4)
    p.add_argument('--limit', type=int, default=120)
    p.add_argument('--save')
    p.add_argument('--tag', default='python')
    p.add_argument('--echo', action='store_true')
    p.add_argument('modules', nargs='*')
    o = p.parse_args()
    o.icount = 2 if o.smp == 1 else None
    os.makedirs(o.logs, exist_ok=True)
    mods = o.modules or MODULES
    res, why = apps.run(o, [PyCase(m, o.limit) for m in mods], o.tag)
    if res is None:
        print('1..0 # SKIP ' + why)
        return 0
    got = {}
    for r in res.values():
        got.update(results(r[2]))
    if o.save:
        old = {tuple(w.split()[:2]): w.split()[2] for w in load(o.save)}
        old = {k: v for k, v in old.items() if k[0] not in mods}
        old.update(got)
        with open(o.save, 'w') as f:
            for k in sorted(old):
                f.write('%s %s %s\n' % (k[0], k[1], old[k]))
        print('# %d results; %s' % (len(got), why))
        return 0
    want = {tuple(w.split()[:2]): w.split()[2] for w in load('python.linux')}
    exc = [w.split(None, 2) for w in load('python.except')]
    print('1..%d' % len(mods))
    all_good = True
    for n, m in enumerate(mods, 1):
        said, good = judge(m, got, want, exc)
        if m not in res:
            good = False
            said.append('! %s did not end: %s' % (m, why))
        for line in said:
            print('# ' + line)
        print('%sok %d - %s (%d tests)' % (
            '' if good else 'not ', n, m,
            sum(1 for k in got if k[0] == m)), flush=True)
        all_good &= good
    return 0 if all_good else 1


if __name__ == '__main__':
    sys.exit(main())
