# SPDX-License-Identifier: MIT
"""qemu.py - drive QEMU guests for the tests: limits, serial expect, monitor.

Time.  No limit here is wall time.  A step has two budgets: `cpu` seconds that
the QEMU process may burn, and `idle` seconds in which it neither ran nor
waited for a processor (/proc/PID/task/*/schedstat), i.e. the guest itself
chose to sleep.  A loaded host therefore cannot make a test fail: it delays
both.  Under icount=N (an instruction is 2^N ns of guest time and idle time is
skipped) a guest is never idle and two runs are the same.

Slots.  At most KERLA_QEMU_SLOTS (2) guests of one user run at a time; a
Guest takes a lock file before it starts QEMU.

    g = Guest(kernel=k, initrd=i, append='console=ttyS0', log='x.log')
    g.expect(r'login: ');  g.send('root\\n');  g.wait();  g.close()
"""
import fcntl
import json
import os
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zlib

QEMU = os.environ.get('QEMU', 'qemu-system-x86_64')
OVMF = [('/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_VARS_4M.fd'),
        ('/usr/share/OVMF/OVMF_CODE.fd', '/usr/share/OVMF/OVMF_VARS.fd'),
        ('/usr/share/edk2/ovmf/OVMF_CODE.fd',
         '/usr/share/edk2/ovmf/OVMF_VARS.fd'),
        ('/usr/share/edk2/x64/OVMF_CODE.fd',
         '/usr/share/edk2/x64/OVMF_VARS.fd')]
ICOUNT = ['-rtc', 'base=2026-01-01T00:00:00,clock=vm', '-seed', '1']


# what a kernel says when something is wrong with it
COMPLAINT = re.compile(r'\b(BUG|WARNING|Oops|Kernel panic|ASSERT|'
                       r'assert\w* failed|refcount|lock order|deadlock|'
                       r'use after free|UBSAN|double free|soft lockup|'
                       r'hung task)', re.I)


def complaints(text):
    """Log lines in a guest's output in which the kernel finds fault with
    itself; running out of memory is no fault."""
    return [x for x in re.findall(r'\[ *\d+\.\d{6}\] [^\n]*', text)
            if COMPLAINT.search(x) and
            not re.search(r'oom|out of memory|killed process|command line',
                          x, re.I)]


class Timeout(Exception):
    pass


class Ended(Exception):
    pass


def have_qemu():
    return shutil.which(QEMU) is not None


def ovmf():
    for code, vars_ in OVMF:
        if os.path.exists(code) and os.path.exists(vars_):
            return code, vars_
    return None


def _slot():
    n = int(os.environ.get('KERLA_QEMU_SLOTS', '2'))
    d = os.path.join(tempfile.gettempdir(), 'kerla-qemu.%d' % os.getuid())
    os.makedirs(d, exist_ok=True)
    while True:
        for i in range(n):
            f = open(os.path.join(d, 'slot%d' % i), 'w')
            try:
                fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return f
            except OSError:
                f.close()
        time.sleep(0.2)


def _die_with_parent():
    """No guest outlives its test, however that is ended."""
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Guest:
    def __init__(self, kernel=None, initrd=None, append=None, machine='pc',
                 smp=1, mem=256, args=(), log=None, cpu=120.0, idle=60.0,
                 icount=None, cpu_model='max', uefi=False, nodefaults=True,
                 vga=None, reboot=False, echo=False):
        self.dir = tempfile.mkdtemp(prefix='kq.')
        self.slot = _slot()
        self.cpu, self.idle = cpu, idle
        self.buf, self.pos = '', 0
        self.proc = None
        self.echo = echo
        self.final_cpu = 0.0
        self.log = open(log, 'wb') if log else None
        self.logname = log
        # multi-threaded TCG as soon as there are several CPUs
        a = [QEMU, '-accel', 'tcg,thread=%s' %
             ('multi' if smp > 1 and icount is None else 'single')]
        if nodefaults:
            a += ['-nodefaults', '-no-user-config']
        a += ['-M', machine, '-cpu', cpu_model, '-smp', str(smp),
              '-m', str(mem), '-display', 'none', '-nic', 'none']
        if vga:
            a += ['-device', vga]
        if icount is not None:
            a += ['-icount', 'shift=%d,sleep=off' % icount] + ICOUNT
        if not reboot:
            a += ['-no-reboot']
        if uefi:
            o = ovmf()
            v = os.path.join(self.dir, 'vars.fd')
            shutil.copy(o[1], v)
            os.chmod(v, 0o600)
            a += ['-drive', 'if=pflash,format=raw,unit=0,readonly=on,file='
                  + o[0], '-drive', 'if=pflash,format=raw,unit=1,file=' + v]
        if kernel:
            a += ['-kernel', kernel]
        if initrd:
            a += ['-initrd', initrd]
        if append is not None:
            a += ['-append', append]
        q = os.path.join(self.dir, 'qmp')
        a += ['-chardev', 'stdio,id=ser,signal=off', '-serial', 'chardev:ser',
              '-qmp', 'unix:%s,server=on,wait=off' % q, '-monitor', 'none']
        a += list(args)
        a += shlex.split(os.environ.get('QEMU_ARGS', ''))
        self.argv, self.qmp_path, self.qmp_sock = a, q, None
        if self.log:
            self.log.write(('# ' + shlex.join(a) + '\n').encode())
            self.log.flush()
        self.proc = subprocess.Popen(
            a, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, bufsize=0, start_new_session=True,
            preexec_fn=_die_with_parent)
        os.set_blocking(self.proc.stdout.fileno(), False)
        self.t0 = time.monotonic()

    # -- time ---------------------------------------------------------------
    def cpu_time(self):
        """CPU seconds used by the QEMU process so far."""
        try:
            with open('/proc/%d/stat' % self.proc.pid) as f:
                w = f.read().rsplit(')', 1)[1].split()
            t = (int(w[11]) + int(w[12])) / os.sysconf('SC_CLK_TCK')
            if t:
                self.final_cpu = t
        except (OSError, IndexError, ValueError):
            pass
        return self.final_cpu

    def busy_time(self):
        """Seconds that it ran or wanted to run (main + vCPU threads)."""
        ran = waited = 0
        d = '/proc/%d/task' % self.proc.pid
        try:
            for t in os.listdir(d):
                with open('%s/%s/schedstat' % (d, t)) as f:
                    w = f.read().split()
                ran += int(w[0])
                waited += int(w[1])
        except (OSError, IndexError, ValueError):
            return None
        return (ran + waited) / 1e9

    class _Budget:
        def __init__(self, g, cpu, idle):
            self.g = g
            self.cpu = g.cpu if cpu is None else cpu
            self.idle = g.idle if idle is None else idle
            self.c0, self.w0 = g.cpu_time(), time.monotonic()
            self.b0 = g.busy_time()

        def over(self):
            c = self.g.cpu_time() - self.c0
            if c >= self.cpu:
                return 'used %.0f s of CPU' % c
            b = self.g.busy_time()
            if b is None or self.b0 is None:
                return None     # no schedstat: only the CPU limit holds
            idle = time.monotonic() - self.w0 - max(0.0, b - self.b0)
            if idle > self.idle:
                return 'was idle for %.0f s' % idle
            return None

    # -- serial -------------------------------------------------------------
    def pump(self, wait=0.2):
        """Takes what the guest wrote; False when QEMU has closed it."""
        fd = self.proc.stdout.fileno()
        r, _, _ = select.select([fd], [], [], wait)
        if not r:
            return True
        try:
            b = os.read(fd, 65536)
        except BlockingIOError:
            return True
        if not b:
            return False
        if self.log:
            self.log.write(b)
            self.log.flush()
        t = b.decode('utf-8', 'replace').replace('\r', '')
        if self.echo:
            sys.stderr.write(t)
            sys.stderr.flush()
        self.buf += t
        return True

    def expect(self, *patterns, cpu=None, idle=None):
        """Waits until one of the regexes occurs in unread output; returns
        the match and moves behind it (match.which = index)."""
        lim = self._Budget(self, cpu, idle)
        rx = [re.compile(p, re.M | re.S) for p in patterns]
        alive = True
        while True:
            best = None
            for i, r in enumerate(rx):
                m = r.search(self.buf, self.pos)
                if m and (best is None or m.start() < best[1].start()):
                    best = (i, m)
            if best:
                self.before = self.buf[self.pos:best[1].start()]
                self.pos = best[1].end()
                self.which = best[0]
                return best[1]
            if not alive:
                raise Ended('guest ended, no %r; last: %r' % (
                    patterns, self.buf[-300:]))
            alive = self.pump()
            if alive:
                why = lim.over()
                if why:
                    raise Timeout('no %r: guest %s; last: %r' % (
                        patterns, why, self.buf[-300:]))

    def send(self, text, slow=False):
        b = text.encode() if isinstance(text, str) else text
        if slow:
            for i in range(len(b)):
                self._write(b[i:i + 1])
                self.pump(0.02)
        else:
            self._write(b)

    def _write(self, b):
        try:
            self.proc.stdin.write(b)
            self.proc.stdin.flush()
        except (BrokenPipeError, ValueError):
            raise Ended('guest ended while typing')

    def run(self, cmd, cpu=None, idle=None):
        """Types a command at a shell; returns what it printed, status in
        .rc.  The end is seen by a marker that the typed line itself does
        not contain; the echo ends with the line that does."""
        self.serial_n = getattr(self, 'serial_n', 0) + 1
        n = self.serial_n
        self.send("%s; echo @\"\"E%d:$?\n" % (cmd, n))
        m = self.expect(r'@E%d:(\d+)' % n, cpu=cpu, idle=idle)
        text = self.before
        self.rc = int(m.group(1))
        self.expect(r'[#$] $', cpu=cpu, idle=idle)
        i = text.rfind('E%d:$?' % n)
        i = text.find('\n', i if i >= 0 else 0)
        return text[i + 1:] if i >= 0 else text

    def wait(self, cpu=None, idle=None):
        """Waits for QEMU to end by itself; returns its exit status."""
        lim = self._Budget(self, cpu, idle)
        while self.proc.poll() is None:
            if not self.pump():
                time.sleep(0.02)
            why = lim.over()
            if why and self.proc.poll() is None:
                raise Timeout('guest did not end: ' + why)
        while self.pump(0):
            r, _, _ = select.select([self.proc.stdout.fileno()], [], [], 0)
            if not r:
                break
        return self.proc.returncode

    def settle(self, seconds=1.0):
        """Reads on until nothing came while the guest ran, or was idle, for
        `seconds'; for screens without a pattern."""
        while True:
            n = len(self.buf)
            lim = self._Budget(self, seconds, seconds)
            while not lim.over() and len(self.buf) == n:
                if not self.pump(0.1):
                    return
            if len(self.buf) == n:
                return

    # -- monitor ------------------------------------------------------------
    def qmp(self, execute, **arguments):
        if not self.qmp_sock:
            s = socket.socket(socket.AF_UNIX)
            for _ in range(600):
                try:
                    s.connect(self.qmp_path)
                    break
                except OSError:
                    if self.proc.poll() is not None:
                        raise Ended('guest ended before the monitor came')
                    time.sleep(0.1)
            self.qmp_sock = s.makefile('rw')
            self._qmp_read('QMP')
            self.qmp('qmp_capabilities')
        m = {'execute': execute}
        if arguments:
            m['arguments'] = {k.replace('_', '-') if k != 'hold_time' else
                              'hold-time': v for k, v in arguments.items()}
        self.qmp_sock.write(json.dumps(m) + '\n')
        self.qmp_sock.flush()
        return self._qmp_read('return')

    def _qmp_read(self, key):
        while True:
            line = self.qmp_sock.readline()
            if not line:
                raise Ended('monitor closed')
            m = json.loads(line)
            if 'error' in m:
                raise RuntimeError('monitor: %s' % m['error'])
            if key in m:
                return m[key]

    def hmp(self, line):
        return self.qmp('human-monitor-command', command_line=line)

    def key(self, *codes):
        """Presses keys together, QEMU names: key('ctrl', 'c')."""
        self.qmp('send-key', keys=[{'type': 'qcode', 'data': c}
                                   for c in codes], hold_time=20)
        self.pump(0.06)

    def type(self, text):
        """Types ASCII on a US keyboard."""
        for c in text:
            self.key(*keys_of(c))

    def screen(self, path=None):
        """A screendump as Image; also saved as PNG when path is given."""
        p = os.path.join(self.dir, 'screen.ppm')
        if os.path.exists(p):
            os.unlink(p)
        self.qmp('screendump', filename=p)
        with open(p, 'rb') as f:
            img = Image.ppm(f.read())
        if path:
            img.save_png(path)
        return img

    # -- end ----------------------------------------------------------------
    def close(self):
        if self.proc:
            self.cpu_time()
            if self.proc.poll() is None:
                try:
                    os.kill(self.proc.pid, signal.SIGKILL)
                except OSError:
                    pass
            while self.pump(0):
                r, _, _ = select.select([self.proc.stdout.fileno()], [], [],
                                        0)
                if not r:
                    break
            self.proc.wait()
            self.proc.stdin.close()
            self.proc.stdout.close()
            self.proc = None
        if self.log:
            self.log.close()
            self.log = None
        if self.slot:
            self.slot.close()
            self.slot = None
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *a):
        self.close()


KEYS = {' ': 'spc', '\n': 'ret', '\t': 'tab', '\b': 'backspace',
        '\x1b': 'esc', '-': 'minus', '=': 'equal', '[': 'bracket_left',
        ']': 'bracket_right', '\\': 'backslash', ';': 'semicolon',
        "'": 'apostrophe', '`': 'grave_accent', ',': 'comma', '.': 'dot',
        '/': 'slash'}
SHIFTED = dict(zip('!@#$%^&*()_+{}|:"~<>?', "1234567890-=[]\\;'`,./"))


def keys_of(c):
    if c in SHIFTED:
        return ['shift'] + keys_of(SHIFTED[c])
    if c.isupper():
        return ['shift', c.lower()]
    return [KEYS.get(c, c)]


class Image:
    """A screendump: rows of RGB bytes, and a reader of console text."""

    def __init__(self, w, h, rgb):
        self.w, self.h, self.rgb = w, h, rgb

    @classmethod
    def ppm(cls, b):
        m = re.match(rb'P6\s+(\d+)\s+(\d+)\s+255\s', b)
        return cls(int(m.group(1)), int(m.group(2)), b[m.end():])

    def save_png(self, path):
        import struct
        raw = b''.join(b'\0' + self.rgb[y * self.w * 3:(y + 1) * self.w * 3]
                       for y in range(self.h))

        def chunk(t, d):
            return (struct.pack('>I', len(d)) + t + d +
                    struct.pack('>I', zlib.crc32(t + d)))
        with open(path, 'wb') as f:
            f.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack(
                '>IIBBBBB', self.w, self.h, 8, 2, 0, 0, 0)) +
                chunk(b'IDAT', zlib.compress(raw, 6)) + chunk(b'IEND', b''))

    def lit(self):
        """Pixels that are not the commonest colour's: 0 = blank screen."""
        px = [self.rgb[i:i + 3] for i in range(0, len(self.rgb), 3)]
        n = {}
        for p in px:
            n[p] = n.get(p, 0) + 1
        return len(px) - max(n.values())

    def text(self, fonts):
        """The characters on the screen by matching each cell's bitmap with
        the glyphs of one of the fonts; unknown cells are '\\ufffd'.  Either
        of a cell's two colours may be the ink.  VGA text mode has cells of
        9 pixels for a font of 8: the best of all readings is returned."""
        best, score = '', -1
        for font in fonts:
            for w in (font.width, font.width + 1):
                if self.w % w or self.h % font.height:
                    if self.w // w < 40:
                        continue
                t = self._read(font, w)
                n = sum(1 for c in t if c not in ' \n\ufffd') - \
                    3 * t.count('\ufffd')
                if n > score:
                    best, score = t, n
        return best

    def _read(self, font, w):
        rows, h, fw = [], font.height, font.width
        W, rgb = self.w, self.rgb
        for cy in range(self.h // h):
            row = ''
            base = cy * h * W * 3
            band = rgb[base:base + h * W * 3]
            if band.count(band[:3]) * 3 >= len(band):
                rows.append('')
                continue
            for cx in range(W // w):
                o = cx * w * 3
                first = band[o:o + 3]
                bits = []
                for r in range(h):
                    q = o + r * W * 3
                    line = band[q:q + fw * 3]
                    if line == first * fw:
                        bits.append(0)
                        continue
                    v = 0
                    for c in range(0, fw * 3, 3):
                        v = v << 1 | (line[c:c + 3] != first)
                    bits.append(v)
                row += self._glyph(tuple(bits), font)
            rows.append(row.rstrip())
        return '\n'.join(rows).rstrip()

    @staticmethod
    def _glyph(bits, font):
        full = (1 << font.width) - 1
        inv = tuple(v ^ full for v in bits)
        for t in (bits, inv):
            if t in font.map:
                return font.map[t]
        for t in (bits, inv):       # a cursor may sit in the last rows
            g = font.loose.get(t[:font.height - 3])
            if g is not None:
                return g
        return '\ufffd'


class Font:
    """A PSF 1 or 2 font, gzipped or not; only ASCII is mapped."""

    def __init__(self, path):
        import gzip
        import struct
        with open(path, 'rb') as f:
            b = f.read()
        if b[:2] == b'\x1f\x8b':
            b = gzip.decompress(b)
        if b[:2] == b'\x36\x04':
            mode, size = b[2], b[3]
            n, self.width, self.height = 512 if mode & 1 else 256, 8, size
            off, hasuni, v2 = 4, mode & 6, False
        elif b[:4] == b'\x72\xb5\x4a\x86':
            (_, _, off, fl, n, size, self.height,
             self.width) = struct.unpack_from('<8I', b)
            hasuni, v2 = fl & 1, True
        else:
            raise ValueError('not a PSF font: ' + path)
        stride = (self.width + 7) // 8
        glyph = []
        for i in range(n):
            rows = []
            for r in range(self.height):
                o = off + i * size + r * stride
                rows.append(int.from_bytes(b[o:o + stride], 'big') >>
                            (stride * 8 - self.width))
            glyph.append(tuple(rows))
        self.map, self.loose = {}, {}
        names = {}
        if hasuni:
            u, p = b[off + n * size:], 0
            for i in range(n):
                if v2:
                    e = u.index(b'\xff', p)
                    s = u[p:e].split(b'\xfe')[0].decode('utf-8', 'ignore')
                    p = e + 1
                else:
                    s = ''
                    while True:
                        v = struct.unpack_from('<H', u, p)[0]
                        p += 2
                        if v == 0xffff:
                            break
                        if v != 0xfffe:
                            s += chr(v)
                for c in s:
                    if ' ' <= c <= '~':
                        names[c] = i
        else:
            names = {chr(i): i for i in range(32, 127)}
        for c, i in names.items():
            self.map.setdefault(glyph[i], c)
            self.loose.setdefault(glyph[i][:self.height - 3], c)
        self.map[(0,) * self.height] = ' '
        self.loose[(0,) * (self.height - 3)] = ' '


class RomFont:
    """The 8x16 font in QEMU's VGA BIOS, that text mode shows."""

    FILES = ['/usr/share/seabios/vgabios-stdvga.bin',
             '/usr/share/qemu/vgabios-stdvga.bin',
             '/usr/share/seavgabios/vgabios-stdvga.bin']
    START = bytes(16) + bytes([0, 0, 0x7e, 0x81, 0xa5, 0x81, 0x81, 0xbd,
                               0x99, 0x81, 0x81, 0x7e])

    def __init__(self, path):
        with open(path, 'rb') as f:
            b = f.read()
        i = b.index(self.START)
        self.width, self.height = 8, 16
        self.map, self.loose = {}, {}
        for c in range(32, 127):
            g = tuple(b[i + c * 16:i + c * 16 + 16])
            self.map.setdefault(g, chr(c))
            self.loose.setdefault(g[:13], chr(c))


def console_fonts():
    """The font of the kernel's console ($KERLA_FONT) and the VGA's own."""
    names = [os.environ.get('KERLA_FONT')] + [
        '/usr/share/consolefonts/%s.psf.gz' % n for n in (
            'Uni2-Fixed16', 'Lat15-Fixed16', 'Lat15-VGA16', 'Uni2-VGA16',
            'Lat15-Terminus16', 'Lat2-Terminus16')]
    res = []
    for n in names:
        if n and os.path.exists(n):
            try:
                res.append(Font(n))
            except (ValueError, OSError):
                pass
    for n in RomFont.FILES:
        if os.path.exists(n):
            try:
                res.append(RomFont(n))
                break
            except (ValueError, OSError):
                pass
    return res


class Tap:
    """Prints TAP; exit status by end()."""

    def __init__(self, plan=None):
        self.n = self.bad = 0
        self.plan = plan
        if plan is not None:
            print('1..%d' % plan, flush=True)

    def ok(self, cond, name, why=None):
        self.n += 1
        print('%sok %d - %s' % ('' if cond else 'not ', self.n, name),
              flush=True)
        if not cond:
            self.bad += 1
            if why:
                self.diag(why)
        return cond

    def skip(self, name, why):
        self.n += 1
        print('ok %d - %s # SKIP %s' % (self.n, name, why), flush=True)

    def diag(self, text):
        for line in str(text).split('\n'):
            print('# ' + line, flush=True)

    def end(self):
        if self.plan is None:
            print('1..%d' % self.n, flush=True)
        return 1 if self.bad else 0


def skip_all(why):
    print('1..0 # SKIP ' + why)
    sys.exit(0)
