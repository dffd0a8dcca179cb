# SPDX-License-Identifier: MIT
"""events.py - what instruction counts hide, counted for run-bench --events.

events.c, a TCG plugin, counts kinds of instructions; QEMU's own trace of
device accesses, in the same log as the plugin's marks, tells which of them
were memory-mapped.  A kind is listed by operation of each row.
"""
import os
import re
import subprocess

import qemu

here = os.path.dirname(os.path.abspath(__file__))
KINDS = ['cr3', 'invlpg', 'swapgs', 'wrmsr', 'lock', 'xsave', 'io', 'cpuid',
         'rdtsc', 'hlt']
COLUMNS = KINDS + ['mmio']
# not an event to be saved: the clock is read, at some 25 cycles
FREE = ['rdtsc']
# what a row may exceed Linux by: rounding, and a timer interrupt now and then
SLACK = 0.1


def api_version():
    """The plugin interface that the installed QEMU speaks."""
    t = subprocess.run([qemu.QEMU, '--version'], stdout=subprocess.PIPE,
                       universal_newlines=True).stdout
    m = re.search(r'version (\d+)\.(\d+)', t)
    v = (int(m.group(1)), int(m.group(2))) if m else (0, 0)
    if v < (6, 0):
        return None
    return 1 if v < (8, 2) else 2 if v < (9, 1) else 3


def missing():
    """The reason why events cannot be counted here, or None."""
    t = subprocess.run([qemu.QEMU, '--help'], stdout=subprocess.PIPE,
                       universal_newlines=True).stdout
    if '-plugin' not in t or api_version() is None:
        return 'this QEMU has no TCG plugins'
    return None


def build(out):
    cc = (os.environ.get('CC') or 'cc').split()
    subprocess.run(cc + ['-O2', '-shared', '-fPIC', '-fvisibility=hidden',
                         '-Wall', '-Wextra', '-DPLUGIN_API=%d' % api_version(),
                         '-o', out, os.path.join(here, 'events.c')],
                   check=True)
    return out


def arguments(plugin, counts, log):
    return ['-plugin', 'file=%s,out=%s' % (plugin, counts), '-d', 'plugin',
            '-D', log, '-trace', 'memory_region_ops_read', '-trace',
            'memory_region_ops_write']


def mmio(log):
    """Memory-mapped device accesses of each row, in the rows' order."""
    res, notes, n = [], [0, 0], 0
    addr = re.compile(r'memory_region_ops_\w+ .*addr 0x([0-9a-f]+)')
    with open(log, errors='replace') as f:
        for line in f:
            if line.startswith('bench: now'):
                notes = [notes[1], n]
            elif line.startswith('bench: row'):
                res.append(notes[1] - notes[0])
            else:
                m = addr.search(line)
                if m and int(m.group(1), 16) >= 0x10000:
                    n += 1
    return res


def collect(rows, counts, log):
    """Events by row name: {column: number an operation}."""
    timed = [n for n, r in rows.items() if len(r) == 3]
    with open(counts) as f:
        lines = [[int(x) for x in line.split()] for line in f]
    far = mmio(log)
    if not len(timed) == len(lines) == len(far):
        raise ValueError('%d rows, but %d and %d counts of them' % (
            len(timed), len(lines), len(far)))
    return {name: dict(zip(COLUMNS, [x / rows[name][2] for x in line + [m]]))
            for name, line, m in zip(timed, lines, far)}


def stored():
    """Lean Linux's events from the file: {row: {column: number}}."""
    t = {}
    with open(os.path.join(here, 'events-lean')) as f:
        for line in f:
            w = line.split('#')[0].split()
            if w and w[0] == 'row':
                names = w[1:]
            elif w:
                t[w[0]] = {c: float(x) for c, x in zip(names, w[1:])
                           if x != '-'}
    return t


def store(table):
    """Writes the file that stored() reads."""
    with open(os.path.join(here, 'events-lean')) as f:
        head = [line for line in f if line.startswith('#')]
    with open(os.path.join(here, 'events-lean'), 'w') as f:
        f.writelines(head)
        f.write('row ' + ' '.join(COLUMNS) + '\n')
        for r, e in table.items():
            f.write(r + ' ' + ' '.join('%.4g' % e[c] for c in COLUMNS) + '\n')


def num(x):
    if x is None:
        return '-'
    return '%.0f' % x if x >= 100 or abs(x - round(x)) < 0.005 else \
        '%.2f' % x if x < 10 else '%.1f' % x


def worse(mine, other):
    """The (row, column) pairs where a row of mine exceeds other's."""
    return [(r, c) for r in mine if r in other for c in COLUMNS
            if c in other[r] and c not in FREE and
            mine[r][c] > other[r][c] * 1.02 + SLACK]


def pair(a, b, between='/'):
    return num(a) if b is None else num(a) + between + num(b)


def show(mine, lean, live):
    """Lines of a table: ours, a slash, Linux's (lean where known)."""
    w = max(map(len, mine))
    yield ('%-*s' % (w, 'row')) + ''.join('%13s' % c for c in COLUMNS)
    for r in mine:
        line = '%-*s' % (w, r)
        for c in COLUMNS:
            o = lean.get(r, {}).get(c, live.get(r, {}).get(c))
            line += '%13s' % pair(mine[r][c], o)
        yield line
