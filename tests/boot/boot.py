#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""boot.py - boots the system in many ways and works in it as a person would.

usage: boot.py [--list] [--keep-going] GROUP|CASE...
Groups: kernel iso uefi machine memory smp end person screen check platforms
  check      what `make check' runs;  platforms  everything
Environment (set by tests/Makefile.am): KERLA_KERNEL KERLA_ELF KERLA_INITRAMFS
KERLA_ISO KERLA_FONT LOGS; LINUX=1 in the environment says that the kernel is a
Linux run as the control.  Prints TAP; serial logs and screens are in LOGS.
"""
import os
import re
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, '..', 'lib'))
sys.path.insert(0, here)
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
    else:
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
    end = kw.pop('end', True)
    with start(tap, name, how, **kw) as g:
        if how not in ('kernel', 'elf'):
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
            g.send('poweroff\n')
            g.wait()


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
        g.expect(PROMPT, cpu=10)        # the line's own prompt
        g.expect(r'[#$] $', cpu=250)
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
