#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools.py - the build machine's strace and gdb, unmodified, in a guest.

usage: tools.py [--kernel FILE] [--busybox FILE] [--logs DIR] [--smp N]
What strace prints of `sh -c 'echo a | cat'` must be the calls, in order and
with the results, that log=syscall=trace shows of the same processes. gdb sets
breakpoints, a watchpoint, calls a function; the core of a program that
crashes in the guest is opened here.  Prints TAP; what is not installed here
is skipped.
"""
import argparse
import base64
import difflib
import gzip
import os
import re
import shutil
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, '..', 'lib'))
import cpio                                             # noqa: E402
import qemu                                             # noqa: E402


def ldd(path):
    r = subprocess.run(['ldd', path], capture_output=True, text=True)
    return re.findall(r'(/\S+) \(0x', r.stdout)


def add_program(c, src, dest):
    with open(src, 'rb') as f:
        c.file(dest, f.read(), 0o755)
    for lib in ldd(src):
        with open(lib, 'rb') as f:
            c.file(lib, f.read(), 0o755)


def add_gdb(c, gdb, crash):
    add_program(c, gdb, 'bin/gdb')
    add_program(c, crash, 'bin/crash')
    dirs = {os.path.dirname(x) for x in ldd(crash)}
    for d in sorted(dirs):
        p = os.path.join(d, 'libthread_db.so.1')
        if os.path.exists(p):
            with open(p, 'rb') as f:
                c.file(p, f.read(), 0o755)
    for lib in ldd(gdb):
        m = re.search(r'libpython(3\.\d+)', lib)
        if m:
            top = '/usr/lib/python' + m.group(1)
            for base, sub, files in os.walk(top):
                sub[:] = sorted(x for x in sub if x not in (
                    'test', '__pycache__', 'dist-packages', 'idlelib',
                    'lib2to3', 'tkinter'))
                for n in sorted(files):
                    p = os.path.join(base, n)
                    if n.endswith(('.py', '.so')) and os.path.isfile(p):
                        with open(p, 'rb') as f:
                            c.file(p, f.read())
    if os.path.isdir('/usr/share/gdb'):
        c.tree('/usr/share/gdb', 'usr/share/gdb')


def between(text, first, last):
    a = text.find(first)
    b = text.find(last, a)
    return text[a + len(first):b] if a >= 0 and b >= 0 else ''


# returns with the registers of before: the log does not show it
UNLOGGED = ('rt_sigreturn',)


def number(s):
    try:
        return int(s, 0) & (1 << 64) - 1
    except ValueError:
        return s


def from_strace(text):
    """{pid: [(call, result)]}"""
    out = {}
    for line in text.splitlines():
        m = (re.match(r'(\d+)\s+(\w+)\(.*\)\s+= (\S+)(?: (E\w+))?', line) or
             re.match(r'(\d+)\s+<\.\.\. (\w+) resumed>.*\)\s+= (\S+)'
                      r'(?: (E\w+))?', line))
        if m and m[2] not in UNLOGGED:
            out.setdefault(m[1], []).append((m[2], m[4] or number(m[3])))
    return out


def from_log(text):
    out = {}
    for m in re.finditer(r'\[ *[\d.]+\] \w+\[\d+\] \[(\d+)\] (?:(\w+)\(.*?\)|'
                         r'(execve) resumed) = (\S+)(?: (E\w+))?|'
                         r'\[ *[\d.]+\] \[(\d+)\] (?:(\w+)\(.*?\)|'
                         r'(execve) resumed) = (\S+)(?: (E\w+))?', text):
        g = m.groups()
        g = g[:5] if g[0] else g[5:]
        out.setdefault(g[0], []).append((g[1] or g[2], g[4] or number(g[3])))
    return out


def compare(strace, log):
    """Differences between the two views, [] when they agree."""
    bad = [] if strace else ['strace printed no calls']
    for pid, calls in strace.items():
        seen = log.get(pid, [])
        # calls that are not there have no name in the log
        calls = [(('-' if r == 'ENOSYS' else n), r) for n, r in calls]
        seen = [(('-' if r == 'ENOSYS' else n), r) for n, r in seen]
        # the log has what the process did before it was traced, too
        at = [i for i in range(len(seen)) if seen[i] == calls[0]]
        tries = [list(difflib.unified_diff(
            ['%s = %s' % x for x in calls], ['%s = %s' % x for x in seen[i:]],
            'strace', 'log', lineterm='', n=1)) for i in at]
        bad += min(tries, key=len) if tries else ['%s: not in the log' % pid]
    return bad


def test_strace(tap, text):
    body = between(text, '@@ strace\n', '@@ strace end')
    tap.ok('@@ strace exit 0' in body, 'strace: ends as its program')
    calls = from_strace(body)
    tap.ok(len(calls) == 3, 'strace: three processes', repr(list(calls)))
    bad = compare(calls, from_log(text))
    tap.ok(not bad, "strace: as the kernel's own trace",
           '\n'.join(bad[:40]))


def test_gdb(tap, text, core, crash, gdb):
    body = between(text, '@@ gdb\n', '@@ gdb end')
    for name, rx in (
            ('breakpoint', r'Breakpoint 1, inner \(x=1\)'),
            ('backtrace', r'#1 .* in main \(argc=1'),
            ('registers', r'rip +0x[0-9a-f]+ +.*<inner\+\d+>'),
            ('threads', r'\n  2 +Thread .*pause'),
            ('watchpoint', r'Old value = 1\s+New value = 2'),
            ('call', r'\$1 = 7'), ('to the end', r'r 12\s.*exited normally')):
        tap.ok(re.search(rx, body, re.S), 'gdb: ' + name, body[-1500:])
    try:
        data = base64.b64decode(between(text, '@@ core\n', '@@ core end'))
        with open(core, 'wb') as f:
            f.write(gzip.decompress(data))
        r = subprocess.run([gdb, '-nx', '-batch', '-ex', 'bt', '-ex',
                            'print global', '-ex', 'info threads', crash,
                            core], capture_output=True, text=True)
        got = r.stdout + r.stderr
    except (ValueError, OSError, EOFError) as e:
        got = repr(e)
    for name, rx in (('signal', r'terminated with signal SIGSEGV'),
                     ('backtrace', r'#0 .*main \(argc=2'),
                     ('data', r'\$1 = 42'), ('threads', r'\n  2 +Thread')):
        tap.ok(re.search(rx, got), 'core: ' + name, got[-1500:])


def main():
    e = os.environ.get
    p = argparse.ArgumentParser()
    p.add_argument('--kernel', default=e('KERNEL') or e('KERLA_KERNEL'))
    p.add_argument('--busybox', default=e('KERLA_BUSYBOX'))
    p.add_argument('--logs', default=e('LOGS', 'tests/logs'))
    p.add_argument('--smp', type=int, default=1)
    p.add_argument('--gdb', default=shutil.which('gdb'))
    a = p.parse_args()
    strace, gdb = shutil.which('strace'), a.gdb
    sh, cat = shutil.which('dash'), '/bin/cat'
    cc = e('CC') or 'gcc'
    if not qemu.have_qemu():
        qemu.skip_all('no ' + qemu.QEMU)
    for f, what in ((a.kernel, 'kernel'), (a.busybox, 'busybox'),
                    (strace or gdb, 'strace or gdb'), (sh, 'dash')):
        if not f or not os.path.exists(f):
            qemu.skip_all('no ' + what)
    os.makedirs(a.logs, exist_ok=True)
    crash = os.path.join(a.logs, 'tool-crash')
    if gdb and subprocess.run(cc.split() + [
            '-g', '-O0', '-pthread', '-o', crash,
            os.path.join(here, 'tool-crash.c')]).returncode:
        gdb = None
    c = cpio.Newc()
    cpio.base(c)
    with open(a.busybox, 'rb') as f:
        c.file('bin/busybox', f.read(), 0o755)
    with open(os.path.join(here, 'init.sh'), 'rb') as f:
        c.file('init', f.read(), 0o755)
    add_program(c, sh, 'bin/sh')
    add_program(c, cat, 'bin/cat')
    if strace:
        add_program(c, strace, 'bin/strace')
    if gdb:
        add_gdb(c, gdb, crash)
    ird = os.path.join(a.logs, 'tools.cpio')
    c.write(ird)
    log = os.path.join(a.logs, 'tools.log')
    tap = qemu.Tap()
    with qemu.Guest(kernel=a.kernel, initrd=ird, mem=1024, smp=a.smp,
                    append='console=ttyS0 log=syscall=trace loglevel=9 '
                    'panic=-1', log=log, cpu=600, idle=120) as g:
        try:
            g.wait()
        except (qemu.Timeout, qemu.Ended) as x:
            tap.diag(x)
        text = g.buf.replace('\r', '')
    if strace:
        test_strace(tap, text)
    if gdb:
        test_gdb(tap, text, os.path.join(a.logs, 'tools.core'), crash, gdb)
    os.unlink(ird)
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
