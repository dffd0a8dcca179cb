# SPDX-License-Identifier: MIT
"""pyrun.py - in the guest: modules of Python's own tests, test by test.

usage: pyrun.py LIMIT MODULE...      prints `@@py MODULE TEST RESULT' lines

A child runs a module's tests one after the other and tells of each; when one
ends the child, or takes longer than LIMIT seconds, this is its result and a new
child goes on behind it. What failing tests say goes to the console before.
"""
import os
import signal
import subprocess
import sys
import time


def child(module, done):
    import faulthandler
    import importlib
    import tempfile
    import traceback
    import unittest
    from test import support
    support.use_resources = ['cpu', 'largefile', 'subprocess', 'tzdata']
    support.verbose = 0
    os.chdir(tempfile.mkdtemp(prefix='py'))
    tell = os.fdopen(3, 'w', buffering=1)
    os.set_inheritable(3, False)

    def name(t):
        i = t.id()
        return i[i.index(module):][len(module) + 1:] if module in i else \
            i.replace(' ', '_')

    class Result(unittest.TestResult):
        def startTest(self, t):
            super().startTest(t)
            self.said = False
            tell.write('start %s\n' % name(t))

        def say(self, t, what, err=None):
            if err:
                sys.stderr.write('---- %s: %s\n' % (t.id(), what))
                sys.stderr.write(''.join(
                    traceback.format_exception(*err))[-3000:])
                sys.stderr.flush()
            if not self.said:
                self.said = True
                tell.write('end %s %s\n' % (name(t), what))

        def addSuccess(self, t):
            self.say(t, 'ok')

        def addError(self, t, err):
            self.say(t, 'ERROR', err)
            self.said = False

        def addFailure(self, t, err):
            self.say(t, 'FAIL', err)

        def addSubTest(self, t, sub, err):
            if err:
                self.say(t, 'FAIL', err)

        def addSkip(self, t, why):
            self.say(t, 'skip')

        def addExpectedFailure(self, t, err):
            self.say(t, 'xfail')

        def addUnexpectedSuccess(self, t):
            self.say(t, 'xpass')

    faulthandler.enable()
    try:
        m = importlib.import_module('test.' + module)
    except unittest.SkipTest:
        tell.write('end - skip\n')
        return

    def wanted(suite):
        out = unittest.TestSuite() if type(suite) is unittest.TestSuite \
            else type(suite)()
        for t in suite:
            if isinstance(t, unittest.TestSuite):
                out.addTest(wanted(t))
            elif name(t) not in done:
                out.addTest(t)
        return out

    wanted(unittest.defaultTestLoader.loadTestsFromModule(m)).run(Result())
    tell.write('end - done\n')


def parent(limit, module):
    done, rounds = {}, 0
    while rounds < 30:
        rounds += 1
        r, w = os.pipe()
        env = dict(os.environ, PYRUN_DONE=' '.join(done))

        def setup():
            os.dup2(w, 3)
            os.setsid()
        p = subprocess.Popen([sys.executable, __file__, '--child', module],
                             env=env, preexec_fn=setup, close_fds=False,
                             stdin=subprocess.DEVNULL)
        os.close(w)
        os.set_blocking(r, False)
        buf, running, ended = b'', None, False
        t0, why = time.monotonic(), None
        while not ended:
            try:
                b = os.read(r, 65536)
                if not b:
                    break
            except BlockingIOError:
                b = b''
                if p.poll() is not None:
                    why = 'died'
                    break
                if time.monotonic() - t0 > limit:
                    why = 'hang'
                    break
                time.sleep(0.05)
            buf += b
            while b'\n' in buf:
                line, buf = buf.split(b'\n', 1)
                word = line.decode().split()
                t0 = time.monotonic()
                if word[0] == 'start':
                    running = word[1]
                    continue
                if word[1] == '-':
                    ended = True
                done[word[1]] = word[2]
                running = None
                print('@@py', module, word[1], word[2], flush=True)
        os.close(r)
        if not ended and why is None:
            why = 'died'
        if why == 'hang':
            try:
                os.kill(p.pid, signal.SIGABRT)
                time.sleep(2)
            except OSError:
                pass
        try:
            os.killpg(p.pid, signal.SIGKILL)
        except OSError:
            pass
        p.wait()
        if ended:
            return
        if running is None:
            print('@@py', module, '-', why, p.returncode, flush=True)
            if not done or why == 'died':
                return
            running = '-'
        done[running] = why
        print('@@py', module, running, why, flush=True)


def lo_up():
    """Linux starts without it; a kernel without a network says so."""
    import fcntl
    import socket
    import struct
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            fcntl.ioctl(s, 0x8914, struct.pack('16sh14x', b'lo', 0x41))
    except OSError as e:
        print('# no loopback network:', e)


if __name__ != '__main__':      # a child of the fork server looks at it
    pass
elif sys.argv[1] == '--child':
    child(sys.argv[2], set(os.environ.pop('PYRUN_DONE', '').split()))
else:
    lo_up()
    for name_ in sys.argv[2:]:
        parent(int(sys.argv[1]), name_)
