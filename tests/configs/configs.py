#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""configs.py - every switch of configure, in both positions.

usage: configs.py [--list] TARBALL [BUILD...]

The release is unpacked and built beside its sources, once with the defaults
and once for each other build below, which sets the switches named in it. Every
switch has an effect, a question with yes or no for an answer, that must be
"no" of the default build and "yes" of that with the switch. What was built is
booted to the shell, asked, and switched off. Two builds are the default again,
with flags in the environment and on make's command line that a distribution or
a person may set for their programs: they must give the same kernel, bit by
bit. Last, an installation into DESTDIR, and its removal.

musl and BusyBox are those of the build directory ($top_builddir). TAP.
"""
import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, '..', 'lib'))
import qemu                                             # noqa: E402

E = os.environ.get
TOP = os.path.abspath(E('top_builddir', '.'))
JOBS = '-j%d' % (os.cpu_count() or 1)


class Build:
    """A build directory, and what can be asked of it."""

    def __init__(self, name, src, root):
        self.name, self.src = name, src
        self.dir = os.path.join(root, name)
        self.log = os.path.join(root, name + '.log')
        self.said, self.syms = None, None

    def path(self, *p):
        return os.path.join(self.dir, *p)

    def run(self, argv, env=None, ok=True):
        """Runs in the directory, output to the log; returns status, text."""
        p = subprocess.run(argv, cwd=self.dir, env=env,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           universal_newlines=True, errors='replace')
        with open(self.log, 'a') as f:
            f.write('$ ' + ' '.join(argv) + '\n' + p.stdout)
        if ok and p.returncode:
            raise OSError('%s: status %d; %s' % (
                ' '.join(argv)[:90], p.returncode, p.stdout[-600:]))
        return p.returncode, p.stdout

    def make(self, *args, **kw):
        return self.run(['make', JOBS] + list(args), env=clean_env(), **kw)

    def configure(self, args, env=()):
        os.makedirs(self.dir)
        e = clean_env()
        e.update(env)
        cc = ['KERNEL_CC=' + E('KERNEL_CC')] if E('KERNEL_CC') and not any(
            a.startswith('KERNEL_CC=') for a in args) else []
        return self.run([os.path.join(self.src, 'configure'),
                         '--disable-fetch', '--with-busybox=' + os.path.join(
                             TOP, 'userland', 'busybox.bin'),
                         '--with-musl=' + os.path.join(
                             TOP, 'userland', 'sysroot')] + cc +
                        list(args), env=e)[1]

    def symbols(self):
        if self.syms is None:
            t = subprocess.run([E('NM') or 'nm',
                                self.path('kernel', 'vmkerla.elf')],
                               stdout=subprocess.PIPE, check=True,
                               universal_newlines=True).stdout
            self.syms = {w.split()[-1] for w in t.splitlines()}
        return self.syms

    def boots_of(self):
        """The El Torito entries of the ISO: BIOS, UEFI."""
        return self.run(['xorriso', '-indev', 'iso/kerla.iso',
                         '-report_el_torito', 'plain'])[1]

    def boot(self, initrd=None):
        """Boots kernel and initramfs with four processors; what it says."""
        log = os.path.join(os.path.dirname(self.dir), self.name + '.boot')
        ird = initrd or self.path('rootfs', 'initramfs.cpio.gz')
        with qemu.Guest(kernel=self.path('kernel', 'vmlinuz-kerla'),
                        initrd=ird, append='console=ttyS0 quiet', smp=4,
                        log=log, cpu=200, vga='VGA') as g:
            g.expect(r'[#$] $', cpu=250)
            self.said = g.run('echo cpus $(nproc); uname -r; uname -v; '
                              'hostname; cat /etc/overlaid 2>/dev/null; '
                              'dmesg')
            g.send('poweroff\n')
            g.wait()

    def says(self, rx):
        return bool(re.search(rx, self.said, re.M))


def clean_env():
    e = dict(os.environ)
    for v in ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'CFLAGS', 'CPPFLAGS',
              'LDFLAGS', 'LIBS', 'TAR_OPTIONS', 'DESTDIR', 'KERNEL_CC',
              'KERNEL_ABI_CFLAGS', 'CC', 'BUILD_CC', 'V'):
        e.pop(v, None)
    return e


def first_bytes(path, n):
    with open(path, 'rb') as f:
        return f.read(n)


# switch: (configure's words, question to a Build)
SWITCHES = {
    'smp': (['--disable-smp'],
            lambda b: b.says(r'^cpus 1$') and not b.says(r'^#1 SMP')),
    'max-cpus': (['--with-max-cpus=2'], lambda b: b.says(r'^cpus 2$')),
    'framebuffer': (['--disable-framebuffer'],
                    lambda b: 'fbcon_init' not in b.symbols()),
    'console-font': (['--without-console-font'],
                     lambda b: 'fbcon_init' not in b.symbols()),
    'debug': (['--enable-debug'],
              lambda b: 'spin_debug_acquire' in b.symbols()),
    'ubsan': (['--enable-ubsan'],
              lambda b: '__ubsan_handle_out_of_bounds' in b.symbols()),
    'stack-protector': (['--disable-stack-protector'],
                        lambda b: not calls(b, '__stack_chk_fail')),
    'warnings': (['--enable-gcc-warnings=error'],
                 lambda b: grep(b, 'kernel/Makefile', r'-Werror')),
    'uname-release': (['--with-uname-release=5.99.1-try'],
                      lambda b: b.says(r'^5\.99\.1-try$')),
    'hostname': (['--with-hostname=another'],
                 lambda b: b.says(r'^another$')),
    'initramfs': (['--with-initramfs-compression=none'],
                  lambda b: first_bytes(b.path(
                      'rootfs', 'initramfs.cpio.gz'), 6) == b'070701'),
    'overlay': (['--with-rootfs-overlay=@OVERLAY@'],
                lambda b: b.says(r'^laid over$')),
    'volume-id': (['--with-volume-id=ANOTHER'],
                  lambda b: b'ANOTHER' in first_bytes(
                      b.path('iso', 'kerla.iso'), 0x9000)),
    'efi': (['--disable-efi'],
            lambda b: not re.search(r'UEFI', b.boots_of())),
    'bios': (['--disable-bios'],
             lambda b: not re.search(r'\bBIOS\b', b.boots_of())),
    'iso': (['--disable-iso'],
            lambda b: b.make('iso', ok=False)[0] != 0),
    'userland': (['--without-userland'],
                 lambda b: b.make('rootfs', ok=False)[0] != 0),
    'bootdir': (['--with-bootdir=/elsewhere'],
                lambda b: bool(installed(b, 'elsewhere/'))),
}
# builds: the switches they set together
BUILDS = {
    'one': ['smp', 'efi', 'hostname', 'warnings', 'bootdir'],
    'text': ['framebuffer', 'bios', 'uname-release', 'overlay'],
    'checked': ['debug', 'initramfs', 'volume-id'],
    'bare': ['ubsan', 'userland'],
    'few': ['max-cpus', 'stack-protector', 'console-font', 'iso'],
}
HOSTILE = {
    'CFLAGS': '-O0 -fPIE -fstack-protector-all -fcf-protection=full -mavx2 '
              '-funsigned-char -fshort-enums -fno-inline -pg',
    'CPPFLAGS': '-D_FORTIFY_SOURCE=3 -DNDEBUG -DCONFIG_SMP=7',
    'LDFLAGS': '-Wl,-z,relro -Wl,-z,now -Wl,--as-needed',
}


def calls(b, name):
    """Does anything but the function itself refer to it?"""
    t = subprocess.run(['objdump', '-d', '--no-show-raw-insn',
                        b.path('kernel', 'vmkerla.elf')],
                       stdout=subprocess.PIPE, check=True,
                       universal_newlines=True).stdout
    return re.search(r'(call|jmp) .*<%s>' % name, t) is not None


def grep(b, path, rx):
    with open(b.path(path)) as f:
        return re.search(rx, f.read()) is not None


def files(d):
    return sorted(os.path.relpath(os.path.join(p, f), d)
                  for p, _, fs in os.walk(d) for f in fs)


def installed(b, prefix):
    d = b.path('dest')
    if not os.path.isdir(d):
        b.make('install', 'DESTDIR=' + d)
    return [f for f in files(d) if f.startswith(prefix)]


def same_kernel(a, b):
    for f in ('vmlinuz-kerla', 'vmkerla.elf'):
        if not filecmp.cmp(a.path('kernel', f), b.path('kernel', f), False):
            raise OSError('%s differs' % f)


class Runner:
    def __init__(self, tarball, only):
        self.tap, self.only = qemu.Tap(), only
        # beside the tarball: not everybody's /tmp holds this
        self.root = tempfile.mkdtemp(
            prefix='configs.', suffix='.d',
            dir=os.path.dirname(os.path.abspath(tarball)))
        self.src = os.path.join(self.root, 'src')
        os.makedirs(self.src)
        subprocess.run(['tar', '-xJf', tarball, '--strip-components=1',
                        '-C', self.src], check=True)
        self.overlay = os.path.join(self.root, 'overlay')
        os.makedirs(os.path.join(self.overlay, 'etc'))
        with open(os.path.join(self.overlay, 'etc', 'overlaid'), 'w') as f:
            f.write('laid over\n')

    def point(self, name, fn, *args):
        """One line of TAP: good unless fn raises or says no."""
        try:
            r = fn(*args)
            return self.tap.ok(r is None or bool(r), name)
        except (OSError, ValueError, subprocess.SubprocessError, qemu.Ended,
                qemu.Timeout, RuntimeError) as e:
            return self.tap.ok(False, name, '%s: %s' % (
                type(e).__name__, e))

    def wanted(self, name):
        return not self.only or name in self.only

    def default(self):
        b = Build('default', self.src, self.root)
        self.base = b

        def build():
            b.configure([])
            b.make('iso')
            b.boot()
        if not self.point('default: built and booted', build):
            return False
        for name, (_, ask) in SWITCHES.items():
            self.point('default: not %s' % name, lambda: not ask(b))
        return True

    def variant(self, name):
        b = Build(name, self.src, self.root)
        switches = BUILDS[name]
        words = [w.replace('@OVERLAY@', self.overlay)
                 for s in switches for w in SWITCHES[s][0]]

        def build():
            b.configure(words)
            if 'userland' in switches:
                b.make()
                b.boot(initrd=self.base.path('rootfs', 'initramfs.cpio.gz'))
            else:
                b.make('rootfs' if 'iso' in switches else 'iso')
                b.make()
                b.boot()
            bad = qemu.complaints(b.said)
            if bad:
                raise OSError('complaints: ' + '\n'.join(bad[:20]))
        if self.point('%s: built and booted: %s' % (name, ' '.join(
                SWITCHES[s][0][0] for s in switches)), build):
            for s in switches:
                self.point('%s: %s' % (name, s), SWITCHES[s][1], b)
        self.drop(b)

    def hostile(self):
        def environment():
            b = Build('hostile-env', self.src, self.root)
            b.configure([], HOSTILE)
            b.make()
            same_kernel(self.base, b)
            self.drop(b)

        def command_line():
            b = Build('hostile-make', self.src, self.root)
            b.configure([])
            b.make(*['%s=%s' % x for x in HOSTILE.items()])
            same_kernel(self.base, b)
            self.drop(b)
        self.point('CFLAGS, CPPFLAGS, LDFLAGS of configure do not reach the '
                   'kernel', environment)
        self.point('CFLAGS, CPPFLAGS, LDFLAGS of make do not reach the '
                   'kernel', command_line)

    def clang(self):
        name = 'KERNEL_CC=clang: built and booted'
        if not shutil.which('clang'):
            self.tap.skip(name, 'no clang')
            return
        b = Build('clang', self.src, self.root)

        def build():
            b.configure(['KERNEL_CC=clang', '--enable-gcc-warnings=no'])
            b.make('rootfs')
            b.make()
            b.boot()
        self.point(name, build)
        self.drop(b)

    def refused(self):
        """What cannot be done is an error, and its message says what."""
        for words, rx in (
                (['--enable-smp=perhaps'], r'takes yes or no'),
                (['--with-max-cpus=0'], r'from 1 to 64'),
                (['--without-userland', '--enable-iso'], r'no userland'),
                (['--disable-bios', '--disable-efi', '--enable-iso'],
                 r'neither BIOS nor UEFI'),
                (['--enable-framebuffer', '--without-console-font'],
                 r'needs a console font'),
                (['--with-musl=/nonexistent'], r'no /nonexistent/bin'),
                (['KERNEL_CC=false'], r'false')):
            b = Build('refused', self.src, self.root)

            def run():
                try:
                    b.configure(words)
                except OSError as e:
                    return re.search(rx, str(e)) is not None
                return False
            self.point('refused: ' + ' '.join(words), run)
            self.drop(b)

    def install(self):
        b, d = self.base, self.base.path('dest')

        def again():
            shutil.rmtree(d, ignore_errors=True)
            b.make('install', 'DESTDIR=' + d)
            have = files(d)
            for rx in (r'bin/kerla-run$', r'man1/kerla-run\.1$',
                       r'boot/vmlinuz-kerla-[\d.]+$', r'vmkerla-.*\.elf$',
                       r'initramfs-[\d.]+\.cpio\.gz$', r'kerla-[\d.]+\.iso$',
                       r'kvm-probe\.bin$', r'README\.md$'):
                if not any(re.search(rx, f) for f in have):
                    raise OSError('no %s among %s' % (rx, have))
            stray = [f for f in have if not f.startswith('usr/local/')]
            if stray:
                raise OSError('outside of the prefix: %s' % stray)

        def runs():
            e = clean_env()
            p = os.path.join(d, 'usr/local/bin/kerla-run')
            _, t = b.run([p, '--version'], env=e)
            return 'Kerla' in t

        def gone():
            b.make('uninstall', 'DESTDIR=' + d)
            if files(d):
                raise OSError('left behind: %s' % files(d))
        self.point('install', again)
        self.point('install: kerla-run starts', runs)
        self.point('install-strip leaves the kernel as it is', self.strip)
        self.point('uninstall leaves no file', gone)

    def strip(self):
        b, d = self.base, self.base.path('stripped')
        b.make('install-strip', 'DESTDIR=' + d)
        f = [f for f in files(d) if 'vmlinuz' in f]
        return filecmp.cmp(os.path.join(d, f[0]),
                           b.path('kernel', 'vmlinuz-kerla'), False)

    def drop(self, b):
        shutil.rmtree(b.dir, ignore_errors=True)

    def all(self):
        if not self.default():
            return
        for name in BUILDS:
            if self.wanted(name):
                self.variant(name)
        for name in ('hostile', 'clang', 'refused', 'install'):
            if self.wanted(name):
                getattr(self, name)()


def main():
    argv = [a for a in sys.argv[1:] if a != '--list']
    if '--list' in sys.argv:
        for n, s in BUILDS.items():
            print('%s: %s' % (n, ' '.join(' '.join(SWITCHES[x][0])
                                          for x in s)))
        print('hostile\nclang\nrefused\ninstall')
        return 0
    if not argv:
        sys.exit(__doc__)
    for tool in (qemu.QEMU, 'xorriso', 'xz'):
        if not shutil.which(tool):
            qemu.skip_all('no ' + tool)
    if not os.path.exists(os.path.join(TOP, 'userland', 'busybox.bin')):
        qemu.skip_all('no BusyBox in the build directory')
    r = Runner(argv[0], argv[1:])
    r.all()
    bad = r.tap.end()
    if not bad:
        shutil.rmtree(r.root, ignore_errors=True)
    else:
        print('# logs are in ' + r.root)
    return bad


if __name__ == '__main__':
    sys.exit(main())
