#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""boot.py - boots the system in many ways and works in it as a person would.

usage: boot.py [--list] [--keep-going] GROUP|CASE...
Groups: kernel iso uefi net fc machine memory smp end person screen check
platforms
  check      what `make check' runs;  platforms  everything
Environment (set by tests/Makefile.am): KERLA_KERNEL KERLA_ELF KERLA_INITRAMFS
KERLA_ISO KERLA_FONT LOGS; LINUX=1 in the environment says that the kernel is a
Linux run as the control.  Prints TAP; serial logs and screens are in LOGS.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, '..', 'lib'))
sys.path.insert(0, here)
import fcentry                                          # noqa: E402
import qemu                                             # noqa: E402
import person                                           # noqa: E402

E = os.environ.get
LOGS = E('LOGS') or os.path.join(E('top_builddir', '.'), 'tests', 'logs')
KERNEL, ELF = E('KERLA_KERNEL', ''), E('KERLA_ELF', '')
INITRAMFS, ISO = E('KERLA_INITRAMFS', ''), E('KERLA_ISO', '')
PROMPT = r'[#$] $'
MICROVM = 'microvm,acpi=on,pit=on,pic=on,rtc=on'

CASES = {}
GROUPS = {}


def case(name, groups, fn, **kw):
    CASES[name] = (fn, kw)
    for g in groups.split():
        GROUPS.setdefault(g, []).append(name)
    GROUPS.setdefault('platforms', []).append(name)


class Skip(Exception):
    pass


def have(path):
    if not path or not os.path.exists(path):
        raise Skip('no ' + (os.path.basename(path) or 'file'))
    return path


def start(tap, name, how='kernel', **kw):
    """A guest by the way of `how'; Guest arguments in kw."""
    args = list(kw.pop('args', []))
    kw.setdefault('cpu', 150)
    kw['log'] = os.path.join(LOGS, 'boot-%s.log' % name)
    words = kw.pop('words', 'console=ttyS0 quiet')
    if how in ('kernel', 'elf'):
        kw['kernel'] = have(KERNEL if how == 'kernel' else ELF)
        kw['initrd'] = have(INITRAMFS)
        kw['append'] = words
    elif how in ('cd', 'disk', 'usb'):
        have(ISO)
        if how == 'cd':
            args += ['-cdrom', ISO] if kw.get('machine', 'pc') == 'pc' else [
                '-drive', 'file=%s,if=none,id=cd,media=cdrom,readonly=on'
                % ISO, '-device', 'ide-cd,drive=cd,bus=ide.0,bootindex=1']
        elif how == 'disk':
            args += ['-drive', 'file=%s,format=raw,if=none,id=hd,snapshot=on'
                     % ISO, '-device', 'ide-hd,drive=hd,bus=ide.0,'
                     'bootindex=1']
        elif how == 'usb':
            args += ['-device', 'qemu-xhci,id=xhci', '-drive',
                     'file=%s,format=raw,if=none,id=st,snapshot=on' % ISO,
                     '-device', 'usb-storage,bus=xhci.0,drive=st,'
                     'removable=on,bootindex=1']
    if kw.get('uefi') and not qemu.ovmf():
        raise Skip('no OVMF')
    return qemu.Guest(args=args, **kw)


def through_grub(g):
    """The menu appears on the serial line too: the second entry is the
    serial console."""
    g.expect(r'Kerla', cpu=200)
    g.send('\x1b[B')
    g.send('\r')


def boots(tap, name, how='kernel', **kw):
    """To the prompt, three commands, power off, QEMU ends by itself."""
    end = kw.pop('end', 'poweroff')
    with start(tap, name, how, **kw) as g:
        if how in ('cd', 'disk', 'usb'):
            through_grub(g)
        g.expect(PROMPT, cpu=250)
        t = g.run('uname -s; echo $((6*7)); nproc; ls /bin | wc -l')
        if '42' not in t:
            raise qemu.Ended('arithmetic: ' + t)
        smp = kw.get('smp', 1)
        if not re.search(r'^%d$' % smp, t, re.M):
            raise qemu.Ended('nproc is not %d: %s' % (smp, t))
        mem = str(kw.get('mem', '256'))
        t = g.run('free -k | head -2')
        m = re.search(r'Mem:\s+(\d+)', t)
        want = int(mem.rstrip('M')) * 1024
        if not m or not want * 0.75 - 12000 < int(m.group(1)) <= want:
            raise qemu.Ended('free says %r of %d kB' % (t, want))
        if end:
            g.send(end + '\n')
            g.wait()


def boots_by_net(tap, name, **kw):
    """The network card's own iPXE loads kernel and initramfs by TFTP."""
    d = tempfile.mkdtemp(prefix='kq.')
    try:
        shutil.copy(have(KERNEL), os.path.join(d, 'vmlinuz'))
        shutil.copy(have(INITRAMFS), os.path.join(d, 'initramfs'))
        with open(os.path.join(d, 'boot.ipxe'), 'w') as f:
            f.write('#!ipxe\nkernel vmlinuz console=ttyS0 quiet '
                    'initrd=initramfs\ninitrd initramfs\nboot\n')
        t = subprocess.run([qemu.QEMU, '-netdev', 'help'],
                           stdout=subprocess.PIPE, universal_newlines=True)
        if 'user' not in t.stdout.split():
            raise Skip('this QEMU has no user network')
        boots(tap, name, how='net', args=[
            '-netdev', 'user,id=n,tftp=%s,bootfile=boot.ipxe' % d,
            '-device', 'e1000,netdev=n,bootindex=0'], **kw)
    finally:
        shutil.rmtree(d, ignore_errors=True)


def boots_fc(tap, name, image, tables, smp=1, mem=256):
    """As Firecracker starts a kernel; reboot=k is how a guest ends there."""
    d = tempfile.mkdtemp(prefix='kq.')
    try:
        args = fcentry.arguments(
            d, have(ELF if image == 'elf' else KERNEL), have(INITRAMFS),
            'console=ttyS0 reboot=k panic=1 pci=off quiet', mem, smp, tables)
        boots(tap, name, how='fc', machine=fcentry.MACHINE, args=args,
              smp=smp, mem=mem, end='reboot')
    finally:
        shutil.rmtree(d, ignore_errors=True)


def ends(tap, name, cmd, how='kernel', **kw):
    """poweroff and reboot leave QEMU (-no-reboot), halt stays and idles."""
    with start(tap, name, how, **kw) as g:
        g.expect(PROMPT, cpu=250)
        g.send(cmd + '\n')
        if cmd.startswith('halt'):
            g.expect(r'[Hh]alt')
            g.settle(3)
            c = g.cpu_time()
            lim = g._Budget(g, 1000, 3)
            while not lim.over():
                if not g.pump(0.2):
                    raise qemu.Ended('halt left the machine')
            if g.cpu_time() - c > 1.5:
                raise qemu.Ended('a halted machine burns %.1f s of CPU' %
                                 (g.cpu_time() - c))
        else:
            g.wait()


def reboots(tap, name, how='kernel', **kw):
    """reboot(8) starts the machine again: a second prompt, a fresh clock."""
    with start(tap, name, how, reboot=True, **kw) as g:
        g.expect(PROMPT, cpu=250)
        g.run('echo mark > /tmp/mark')
        g.send('reboot\n')
        # the shell may prompt once more before it is ended
        g.expect(r'Requesting system reboot')
        g.expect(PROMPT, cpu=250)
        t = g.run('ls /tmp/mark')
        if g.rc == 0:
            raise qemu.Ended('/tmp/mark outlived the reboot: ' + t)


def serial_person(tap, name, how='kernel', steps=None, **kw):
    with start(tap, name, how, **kw) as g:
        g.expect(PROMPT, cpu=250)
        person.work(g, steps)
        g.send('poweroff\n')
        g.wait()


def screen_person(tap, name, how='kernel', **kw):
    fonts = qemu.console_fonts()
    if not fonts:
        raise Skip('no console font to read the screen with')
    with start(tap, name, how, vga=kw.pop('vga', 'VGA'), **kw) as g:
        person.look(g, fonts, os.path.join(LOGS, 'screen-%s' % name),
                    grub=how not in ('kernel', 'elf'))


TTY = 'console=ttyS0 console=tty0 quiet'
case('bzimage-pc', 'kernel check', boots)
case('bzimage-q35', 'kernel machine check', boots, machine='q35')
case('elf-pc', 'kernel machine check', boots, how='elf')
case('elf-q35', 'kernel machine', boots, how='elf', machine='q35')
case('elf-microvm', 'kernel machine check', boots, how='elf',
     machine=MICROVM)
case('bzimage-microvm', 'kernel machine', boots, machine=MICROVM)
case('elf-microvm-noacpi', 'kernel machine', boots, how='elf',
     machine='microvm,acpi=off', words='console=ttyS0 quiet reboot=t',
     end=False)
case('smp2-pc', 'smp check', boots, smp=2)
case('smp4-q35', 'smp check', boots, smp=4, machine='q35')
case('smp2-microvm', 'smp', boots, how='elf', smp=2, machine=MICROVM)
case('smp4-elf', 'smp', boots, how='elf', smp=4)
case('mem-16', 'memory check', boots, how='elf', mem='16')
case('mem-48', 'memory check', boots, mem='48')
case('mem-128', 'memory', boots, mem='128')
case('mem-1024', 'memory', boots, mem='1024')
case('mem-4096', 'memory', boots, mem='4096')
case('mem-8192', 'memory check', boots, mem='8192', machine='q35')
case('poweroff-q35', 'end', ends, cmd='poweroff', machine='q35')
case('poweroff-forced', 'end', ends, cmd='poweroff -f')
case('poweroff-sysrq', 'end', ends, cmd='echo o >/proc/sysrq-trigger')
case('reboot-exit-pc', 'end check', ends, cmd='reboot')
case('reboot-exit-q35', 'end', ends, cmd='reboot', machine='q35')
case('reboot-exit-microvm', 'end', ends, cmd='reboot', how='elf',
     machine=MICROVM)
case('reboot-again-pc', 'end check', reboots)
case('reboot-again-q35', 'end', reboots, machine='q35')
case('halt-pc', 'end check', ends, cmd='halt')
case('halt-q35', 'end', ends, cmd='halt', machine='q35')
case('iso-bios-cd', 'iso check', boots, how='cd', mem='512')
case('iso-bios-disk', 'iso check', boots, how='disk', mem='512')
case('iso-bios-cd-q35', 'iso', boots, how='cd', machine='q35', mem='512')
case('iso-bios-usb', 'iso', boots, how='usb', machine='q35', mem='512')
case('iso-uefi-cd', 'uefi check', boots, how='cd', uefi=True, mem='512',
     machine='q35')
case('iso-uefi-disk', 'uefi check', boots, how='disk', uefi=True, mem='512',
     machine='q35')
case('iso-uefi-usb', 'uefi', boots, how='usb', uefi=True, mem='512',
     machine='q35', smp=2)
case('bzimage-uefi', 'uefi', boots, uefi=True, machine='q35', mem='512')
case('pxe-pc', 'net', boots_by_net, mem='512')
case('fc-elf-acpi', 'fc check', boots_fc, image='elf', tables='acpi', smp=2)
case('fc-elf-mptable', 'fc check', boots_fc, image='elf', tables='mp', smp=2)
case('fc-bzimage', 'fc', boots_fc, image='bzimage', tables='acpi')
case('person-pc', 'person check', serial_person)
case('person-smp2', 'person', serial_person, smp=2)
case('person-q35-smp4', 'person', serial_person, smp=4, machine='q35')
case('person-microvm', 'person', serial_person, how='elf', machine=MICROVM)
case('screen-text', 'screen check', screen_person, words=TTY)
case('screen-iso-bios', 'screen check', screen_person, how='cd', mem='512')
case('screen-iso-uefi', 'screen', screen_person, how='cd', mem='512',
     uefi=True, machine='q35')


def main():
    argv = [a for a in sys.argv[1:] if not a.startswith('--')] or ['check']
    names = []
    for a in argv:
        for n in GROUPS.get(a, [a]):
            if n not in CASES:
                sys.exit('boot.py: no case ' + n)
            if n not in names:
                names.append(n)
    if '--list' in sys.argv:
        for n in names:
            print(n)
        return 0
    if not qemu.have_qemu():
        qemu.skip_all('no ' + qemu.QEMU)
    os.makedirs(LOGS, exist_ok=True)
    tap = qemu.Tap(len(names))
    for n in names:
        fn, kw = CASES[n]
        try:
            fn(tap, n, **dict(kw))
            tap.ok(True, n)
        except Skip as e:
            tap.skip(n, str(e))
        except (qemu.Timeout, qemu.Ended, AssertionError, RuntimeError,
                OSError) as e:
            tap.ok(False, n, '%s: %s' % (type(e).__name__, e))
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
