# SPDX-License-Identifier: MIT
"""fcentry.py - QEMU arguments that start a kernel as Firecracker does.

Firecracker has no firmware: it writes page tables, a GDT, boot_params, and an
MP table (before 1.8) or ACPI tables (since) into memory, loads the kernel at
its physical address and starts it at its 64-bit entry.  So does this, on a
microvm without devices of its own, with the ROM of fcentry.S.  Firecracker's
oddities are kept: an MP table that counts one entry too many, boot_params
with version 0, an RSDP at 0xe0000 only.
"""
import os
import struct
import subprocess

here = os.path.dirname(os.path.abspath(__file__))
MACHINE = 'microvm,acpi=off,pit=on,pic=on,rtc=off,isa-serial=on'
TABLES, RSDP, CMDLINE, ZERO_PAGE = 0x9fc00, 0xe0000, 0x20000, 0x7000


def rom(path):
    obj = path + '.o'
    cc = (os.environ.get('KERNEL_CC') or os.environ.get('CC') or 'cc').split()
    subprocess.run(cc + ['-c', '-g0', '-o', obj,
                         os.path.join(here, 'fcentry.S')], check=True)
    subprocess.run([os.environ.get('OBJCOPY') or 'objcopy', '-O', 'binary',
                    '-j', '.text', obj, path], check=True)
    os.unlink(obj)
    if os.path.getsize(path) != 65536:
        raise OSError('the ROM is not of 64 KiB')
    return path


def summed(b, at, length=None):
    """b with byte `at' set so that the first `length' bytes sum to 0."""
    b = bytearray(b)
    b[at] = -sum(b[:length]) & 255
    return bytes(b)


def mp_table(smp):
    ents = b''.join(struct.pack('<BBBBIIII', 0, c, 0x14, 1 | 2 * (c == 0),
                                0x600, 0x201, 0, 0) for c in range(smp))
    ents += struct.pack('<BB6s', 1, 0, b'ISA   ')
    ents += struct.pack('<BBBBI', 2, smp + 1, 0x14, 1, 0xfec00000)
    for irq in range(24):
        ents += struct.pack('<BBHBBBB', 3, 0, 0, 0, irq, smp + 1, irq)
    ents += struct.pack('<BBHBBBB', 4, 3, 0, 0, 0, 0, 0)
    ents += struct.pack('<BBHBBBB', 4, 1, 0, 0, 0, 0xff, 1)
    head = struct.pack('<4sHBB8s12sIHHIHBB', b'PCMP', 44 + len(ents), 4, 0,
                       b'FC', b'0' * 12, 0, 0, smp + 29, 0xfee00000, 0, 0, 0)
    ptr = struct.pack('<4sIBBBBBBBB', b'_MP_', TABLES + 16, 1, 4, 0, 0, 0, 0,
                      0, 0)
    return summed(ptr, 10) + summed(head + ents, 7)


def acpi_table(sig, rev, body):
    b = struct.pack('<4sIBB6s8sI4sI', sig, 36 + len(body), rev, 0, b'FIRECK',
                    b'FCVM' + sig, 0, b'FCAT', 0x20240119) + body
    return summed(b, 9)


def acpi(smp):
    """(tables for TABLES, RSDP)"""
    blob = acpi_table(b'DSDT', 2, b'')
    fadt = bytearray(276 - 36)
    struct.pack_into('<H', fadt, 109 - 36, 1 << 2)          # no VGA
    struct.pack_into('<I', fadt, 112 - 36, 1 << 20 | 1 << 4 | 1 << 5)
    fadt[131 - 36] = 5
    struct.pack_into('<Q', fadt, 140 - 36, TABLES)
    fadt_at = TABLES + len(blob)
    blob += acpi_table(b'FACP', 6, bytes(fadt))
    madt_at = TABLES + len(blob)
    blob += acpi_table(b'APIC', 6, struct.pack('<II', 0xfee00000, 0) +
                       struct.pack('<BBBBII', 1, 12, 0, 0, 0xfec00000, 0) +
                       b''.join(struct.pack('<BBBBI', 0, 8, c, c, 1)
                                for c in range(smp)))
    xsdt_at = TABLES + len(blob)
    blob += acpi_table(b'XSDT', 1, struct.pack('<QQ', fadt_at, madt_at))
    rsdp = struct.pack('<8sB6sBIIQB3s', b'RSD PTR ', 0, b'FIRECK', 2, 0, 36,
                       xsdt_at, 0, b'')
    return blob, summed(summed(rsdp, 8, 20), 32)


def arguments(d, kernel, initrd, words, mem, smp, tables='acpi'):
    """QEMU arguments; the files they name are made in directory d."""
    low, load = bytearray(0xa0000), []

    def put(addr, b):
        low[addr:addr + len(b)] = b

    def loaded(name, b, addr):
        p = os.path.join(d, name)
        with open(p, 'wb') as f:
            f.write(b)
        load.extend(['-device', 'loader,file=%s,addr=%#x,force-raw=on'
                     % (p, addr)])

    with open(kernel, 'rb') as f:
        k = f.read()
    zp = bytearray(4096)
    if k[:4] == b'\x7fELF':
        entry = struct.unpack_from('<Q', k, 24)[0]
        load += ['-device', 'loader,file=%s' % kernel]
        struct.pack_into('<I', zp, 0x230, 0x1000000)
    else:
        entry = 0x100000 + 0x200
        loaded('payload', k[((k[0x1f1] or 4) + 1) * 512:], 0x100000)
        zp[0x1f1:0x1f1 + 0x7b] = k[0x1f1:0x1f1 + 0x7b]
    put(0x500, struct.pack('<4Q', 0, 0x00af9b000000ffff, 0x00cf93000000ffff,
                           0x008f89000000ffff))
    put(0x9000, struct.pack('<Q', 0xa003))
    put(0xa000, struct.pack('<Q', 0xb003))
    put(0xb000, b''.join(struct.pack('<Q', i << 21 | 0x83)
                         for i in range(512)))
    put(0xff0, struct.pack('<HI', 31, 0x500))
    put(0xfe0, struct.pack('<HQ', 7, 0x520))
    put(0xfd8, struct.pack('<Q', entry))
    put(CMDLINE, words.encode() + b'\0')
    struct.pack_into('<H', zp, 0x1fe, 0xaa55)
    zp[0x202:0x206] = b'HdrS'
    zp[0x210] = 0xff
    struct.pack_into('<I', zp, 0x228, CMDLINE)
    struct.pack_into('<I', zp, 0x238, len(words) + 1)
    with open(initrd, 'rb') as f:
        ir = f.read()
    at = ((mem << 20) - len(ir)) & ~4095
    loaded('initrd', ir, at)
    struct.pack_into('<II', zp, 0x218, at, len(ir))
    ram = [(0, TABLES, 1), (0x100000, (mem << 20) - 0x100000, 1)]
    if tables == 'acpi':
        ram[1:1] = [(TABLES, 0x40400, 2), (0xeec00000, 0x10000000, 2)]
    for i, e in enumerate(ram):
        struct.pack_into('<QQI', zp, 0x2d0 + 20 * i, *e)
    zp[0x1e8] = len(ram)
    if tables == 'acpi':
        blob, rsdp = acpi(smp)
        struct.pack_into('<Q', zp, 0x70, RSDP)
        loaded('rsdp', rsdp, RSDP)
    else:
        blob = mp_table(smp)
    put(TABLES, blob[:0xa0000 - TABLES])
    if len(blob) > 0xa0000 - TABLES:
        loaded('tables', blob[0xa0000 - TABLES:], 0xa0000)
    put(ZERO_PAGE, bytes(zp))
    loaded('low', bytes(low), 0)
    return ['-bios', rom(os.path.join(d, 'rom')), '-device', 'i8042'] + load
