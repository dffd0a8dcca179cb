# SPDX-License-Identifier: MIT
"""cpio.py - write newc archives without privileges and without a cpio tool.

    a = Newc(); a.dir('dev'); a.node('dev/console', 'c', 5, 1, 0o600)
    a.file('init', data, 0o755); a.link('bin/sh', 'busybox'); a.write(path)

Owners are 0:0, times 0, order as added: the same input gives the same bytes.
As a program:  cpio.py OUT [-z] DEST=SRC... [DEST@TARGET...]
"""
import gzip
import os
import sys


class Newc:
    def __init__(self):
        self.out = bytearray()
        self.ino = 0
        self.seen = set()

    def _add(self, name, mode, data=b'', rdev=(0, 0), nlink=1):
        name = name.strip('/')
        if name in self.seen:
            return
        self.seen.add(name)
        self.ino += 1
        n = name.encode() + b'\0'
        h = '070701' + ''.join('%08x' % v for v in (
            self.ino, mode, 0, 0, nlink, 0, len(data), 0, 0,
            rdev[0], rdev[1], len(n), 0))
        self.out += h.encode() + n
        self._pad()
        self.out += data
        self._pad()

    def _pad(self):
        self.out += b'\0' * (-len(self.out) % 4)

    def _parents(self, name):
        parts = name.strip('/').split('/')[:-1]
        for i in range(len(parts)):
            self.dir('/'.join(parts[:i + 1]))

    def dir(self, name, mode=0o755):
        self._parents(name)
        self._add(name, 0o040000 | mode, nlink=2)

    def file(self, name, data, mode=0o644):
        self._parents(name)
        if isinstance(data, str):
            data = data.encode()
        self._add(name, 0o100000 | mode, data)

    def link(self, name, target):
        self._parents(name)
        self._add(name, 0o120777, target.encode())

    def node(self, name, kind, major, minor, mode):
        self._parents(name)
        self._add(name, (0o020000 if kind == 'c' else 0o060000) | mode,
                  rdev=(major, minor))

    def tree(self, src, dest):
        """Copies a host directory, sorted, modes kept."""
        for base, dirs, files in os.walk(src):
            dirs.sort()
            rel = os.path.relpath(base, src)
            here = dest if rel == '.' else os.path.join(dest, rel)
            self.dir(here, os.stat(base).st_mode & 0o7777)
            for f in sorted(files) + [d for d in dirs if os.path.islink(
                    os.path.join(base, d))]:
                p = os.path.join(base, f)
                if os.path.islink(p):
                    self.link(os.path.join(here, f), os.readlink(p))
                elif os.path.isfile(p):
                    with open(p, 'rb') as fh:
                        self.file(os.path.join(here, f), fh.read(),
                                  os.stat(p).st_mode & 0o7777)

    def bytes(self):
        end = Newc()
        end._add('TRAILER!!!', 0)
        b = bytes(self.out + end.out)
        return b + b'\0' * (-len(b) % 512)

    def write(self, path, compress=False):
        b = self.bytes()
        if compress:
            b = gzip.compress(b, 6, mtime=0)
        tmp = path + '.tmp'
        with open(tmp, 'wb') as f:
            f.write(b)
        os.replace(tmp, path)


def base(archive):
    """The nodes an init needs before it has mounted anything."""
    for d in ('dev', 'proc', 'sys', 'tmp', 'root', 'bin', 'etc', 'mnt'):
        archive.dir(d)
    archive.node('dev/console', 'c', 5, 1, 0o600)
    archive.node('dev/null', 'c', 1, 3, 0o666)


def main(argv):
    a = Newc()
    base(a)
    out = argv[1]
    z = '-z' in argv
    for w in argv[2:]:
        if w == '-z':
            continue
        if '@' in w and '=' not in w:
            dest, target = w.split('@', 1)
            a.link(dest, target)
            continue
        dest, src = w.split('=', 1)
        if os.path.isdir(src):
            a.tree(src, dest)
        else:
            with open(src, 'rb') as f:
                a.file(dest, f.read(), os.stat(src).st_mode & 0o7777)
    a.write(out, z)


if __name__ == '__main__':
    main(sys.argv)
