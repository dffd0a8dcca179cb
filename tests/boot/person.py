# SPDX-License-Identifier: MIT
"""person.py - what a person does at the serial console and at the screen.

Each step types as a person would and checks what comes back; a step that
fails raises, with its name in front.
"""
import re

import qemu

PROMPT = r'[#$] $'


class Wrong(qemu.Ended):
    pass


def must(cond, what):
    if not cond:
        raise Wrong(what)


def says(g, cmd, want, rc=0, **kw):
    t = g.run(cmd, **kw)
    must(re.search(want, t, re.M | re.S),
         '%s: wanted %r, got %r' % (cmd, want, t))
    if rc is not None:
        must(g.rc == rc, '%s: status %d' % (cmd, g.rc))
    return t


def pipelines(g):
    says(g, 'seq 1 1000 | grep 7 | wc -l', r'^271$')
    says(g, 'echo one two three | tr " " "\\n" | sort | head -1', r'^one$')
    says(g, 'yes | head -20000 | wc -l', r'^20000$')
    says(g, 'false | true; echo $?', r'^0$')
    says(g, 'dd if=/dev/zero bs=64k count=64 2>/dev/null | md5sum',
         r'b5cfa9d6c8febd618f91ac2843d50a1c')
    says(g, 'tar c /etc 2>/dev/null | gzip | gunzip | tar t | grep -c '
         'etc/passwd', r'^[12]$')
    says(g, 'echo $(echo a $(echo b)) `echo c`', r'^a b c$')


def here_documents(g):
    g.send('cat <<END > /tmp/here\nfirst $((1+1))\n  second\nEND\n')
    says(g, 'cat /tmp/here', r'^first 2\n  second$')
    g.send("tr a-z A-Z <<'X' | rev\nabc$\nX\n")
    g.expect(r'^\$CBA$')


def status(g):
    says(g, 'sh -c "exit 7"; echo is $?', r'is 7')
    says(g, 'sh -c "kill -9 \\$\\$"; echo is $?', r'is 137')
    says(g, 'nonexistent-command 2>&1; echo is $?', r'not found.*is 127')
    says(g, '/etc/passwd 2>&1; echo is $?', r'denied.*is 126')


def interrupt(g):
    g.send('sleep 100000\n')
    g.expect(r'sleep 100000\n')
    g.settle(0.5)
    g.send('\x03')
    g.expect(PROMPT)
    says(g, 'echo $?', r'130', rc=None)
    g.send('while :; do :; done\n')
    g.expect(r'done\n')
    g.settle(0.3)
    g.send('\x03')
    g.expect(PROMPT)
    g.send('cat /dev/zero > /dev/null\n')
    g.expect(r'null\n')
    g.settle(0.3)
    g.send('\x1c')
    g.expect(PROMPT)
    says(g, 'echo still here', r'^still here$')


def job_control(g):
    g.send('sleep 100001\n')
    g.expect(r'sleep 100001\n')
    g.settle(0.5)
    g.send('\x1a')
    g.expect(r'Stopped')
    g.expect(PROMPT)
    says(g, 'jobs', r'\[1\].*Stopped.*sleep 100001')
    says(g, 'bg', r'sleep 100001')
    says(g, 'jobs', r'\[1\].*Running.*sleep 100001')
    g.send('fg\n')
    g.expect(r'sleep 100001\n')
    g.settle(0.5)
    g.send('\x1a')
    g.expect(r'Stopped')
    g.expect(PROMPT)
    says(g, 'kill %1; kill -CONT %1; sleep 1; jobs', r'Terminated',
         rc=None)
    # reading in the background stops
    g.send('cat &\n')
    g.expect(PROMPT)
    g.settle(0.5)
    says(g, 'sleep 1; jobs', r'Stopped \(tty input\).*cat', rc=None)
    g.send('fg\n')
    g.expect(r'cat\n')
    g.settle(0.3)
    g.send('to cat\n')
    g.expect(r'to cat\nto cat\n')
    g.send('\x04')
    g.expect(PROMPT)


def background(g):
    g.run('(while :; do :; done) & p1=$!; (while :; do sleep 1; done) & '
          'p2=$!')
    says(g, 'echo $((21*2))', r'^42$')
    says(g, 'kill -0 $p1 && kill -0 $p2 && echo both', r'^both$')
    says(g, 'kill -9 $p1 $p2; wait $p1; echo is $?', r'is 137', rc=None)
    says(g, 'kill -0 $p1 2>&1', r'[Nn]o such', rc=None)
    g.run('for i in 1 2 3 4 5 6; do (sleep 1; echo bg$i > /tmp/bg$i) & '
          'done; wait')
    says(g, 'cat /tmp/bg?', r'bg1\nbg2\nbg3\nbg4\nbg5\nbg6')


def editor(g):
    g.send('vi /tmp/vi.txt\n')
    g.settle(0.7)
    g.send('i', slow=True)
    g.send('Hello from vi\rsecond line', slow=True)
    g.send('\x1b', slow=True)
    g.settle(0.3)
    g.send('kyyp', slow=True)
    g.send('x', slow=True)
    g.send(':wq\r', slow=True)
    g.expect(PROMPT)
    says(g, 'cat /tmp/vi.txt', r'^Hello from vi\n.?ello? ?.*second line')


def full_screen(g):
    g.send('top\n')
    g.expect(r'Mem:.*PID.*COMMAND')
    g.settle(0.5)
    g.send('q')
    g.expect(PROMPT)
    g.send('seq 1 200 > /tmp/long; less /tmp/long\n')
    g.expect(r'K10\n|\n10\n')
    g.settle(0.5)
    g.send(' ')
    g.expect(r'30')
    g.settle(0.3)
    g.send('G')
    g.expect(r'200')
    g.settle(0.3)
    g.send('q')
    g.expect(PROMPT)


def files(g):
    says(g, 'mkdir -p /tmp/d/e && cp -r /etc /tmp/d/ && ls /tmp/d/etc | '
         'grep -c .', r'^\d+$')
    says(g, 'cmp /etc/passwd /tmp/d/etc/passwd && echo same', r'^same$')
    says(g, 'ln -s /tmp/d/etc/group /tmp/l; readlink -f /tmp/l',
         r'^/tmp/d/etc/group$')
    says(g, 'find /tmp/d -name passwd | wc -l', r'^1$')
    says(g, 'rm -r /tmp/d /tmp/l; ls /tmp/d 2>&1', r'No such', rc=1)
    says(g, 'dd if=/dev/urandom of=/tmp/r bs=1k count=300 2>/dev/null; '
         'cp /tmp/r /tmp/s; cmp /tmp/r /tmp/s && echo equal', r'^equal$')
    says(g, 'gzip /tmp/r && gunzip /tmp/r.gz && cmp /tmp/r /tmp/s && '
         'echo again', r'^again$')
    g.run('rm /tmp/r /tmp/s')


def look_around(g):
    for cmd, want in (
            ('ps', r'PID.*init'), ('free', r'Mem:'), ('df', r'tmpfs'),
            ('mount', r'proc on /proc'), ('uptime', r'load average'),
            ('dmesg | head -3', r'\['), ('id', r'uid=0'),
            ('cat /proc/version', r'Linux version'),
            ('hostname', r'\w'), ('uname -m', r'x86_64'),
            ('stty -a', r'speed.*intr = \^C'), ('tty', r'/dev/'),
            ('date +%Y', r'20\d\d'), ('pstree', r'init'),
            ('lsof | head -3', r'.'), ('sysctl kernel.ostype', r'Linux'),
            ('cat /proc/loadavg', r'\d'), ('ls -l /dev/null', r'^crw-rw-rw-'),
            ('fuser /dev/console; true', r''), ('nproc', r'^\d+$')):
        says(g, cmd, want, rc=None)


def signals(g):
    says(g, "sh -c 'trap \"echo got it\" USR1; kill -USR1 $$; echo after'",
         r'got it\nafter')
    says(g, '(sleep 1000 & echo $! > /tmp/pid); kill -9 $(cat /tmp/pid); '
         'sleep 1; kill -0 $(cat /tmp/pid) 2>&1', r'[Nn]o such', rc=1)
    says(g, 'timeout 1 sleep 100; echo is $?', r'is (143|124)')


def limits(g):
    says(g, 'ulimit -n', r'^\d+$')
    says(g, '(ulimit -v 20000; dd if=/dev/zero of=/dev/null bs=60M count=1 '
         '2>&1)', r'memory', rc=1)
    says(g, '(ulimit -f 1; dd if=/dev/zero of=/tmp/big bs=1k count=100 2>&1;'
         ' true); wc -c < /tmp/big', r'^\d+$')


def login_again(g):
    g.send('exit\n')
    g.expect(r'(login:|[#$]) $')
    g.send('\n')
    g.expect(r'(login:|[#$]) $')
    if 'login:' in g.buf[-20:]:
        g.send('root\n')
        g.expect(PROMPT)
    says(g, 'echo $USER', r'root')


STEPS = [pipelines, here_documents, status, interrupt, job_control,
         background, editor, full_screen, files, look_around, signals,
         limits, login_again]


def work(g, steps=None):
    for s in steps or STEPS:
        try:
            s(g)
        except (qemu.Timeout, qemu.Ended) as e:
            raise type(e)('%s: %s' % (s.__name__, e))


# -- at the screen ----------------------------------------------------------

def wait_text(g, fonts, want, path, cpu=60, tries=400):
    """Dumps the screen until `want' (a regex) can be read on it."""
    lim = g._Budget(g, cpu, 40)
    last = ''
    while True:
        img = g.screen()
        last = img.text(fonts)
        if re.search(want, last, re.M):
            img.save_png(path)
            return last
        g.pump(0.5)
        why = lim.over()
        if why:
            img.save_png(path)
            raise qemu.Timeout('no %r on the screen (%s); it reads:\n%s' % (
                want, why, last))


def look(g, fonts, path, grub=False):
    """The console on the screen, by keys and screendumps only."""
    if grub:
        # the menu is the loader's; its first entry has the screen
        g.expect(r'Kerla', cpu=200)
        g.key('ret')
    wait_text(g, fonts, r'[\w:~/]+# *$', path + '-1.png', cpu=250)
    g.type('echo scr$((6*7))een\n')
    wait_text(g, fonts, r'^scr42een$', path + '-2.png')
    # shift, punctuation, backspace
    g.type('echo "A|B" {X} ~\\!x')
    g.key('backspace')
    g.type('@ <&- #c\n')
    wait_text(g, fonts, r'^A\|B \{X\} ~!@$', path + '-3.png')
    # ^C and the line discipline's echo
    g.type('sleep 1000\n')
    g.settle(0.5)
    g.key('ctrl', 'c')
    wait_text(g, fonts, r'\^C', path + '-4.png')
    # scrolling: the last lines are there, the first are not
    g.type('clear; seq 1 120\n')
    t = wait_text(g, fonts, r'^120$', path + '-5.png')
    must(not re.search(r'^1$', t, re.M), 'the screen did not scroll')
    # another virtual terminal and back
    g.key('alt', 'f2')
    wait_text(g, fonts, r'login:', path + '-6.png')
    g.type('root\n')
    wait_text(g, fonts, r'# *$', path + '-7.png')
    g.type('tty\n')
    wait_text(g, fonts, r'^/dev/tty2$', path + '-7.png')
    g.key('alt', 'f1')
    wait_text(g, fonts, r'^120$', path + '-8.png')
    # escape sequences: clear, place, colour
    g.type('clear; printf "\\033[5;10Hplaced\\033[1;31mred\\033[0m\\n"\n')
    t = wait_text(g, fonts, r'^ {9}placedred$', path + '-9.png')
    g.type('vi /tmp/s\n')
    wait_text(g, fonts, r'^~$', path + '-10.png')
    g.type('iOn the screen')
    g.key('esc')
    g.settle(0.3)
    g.type(':wq\n')
    g.settle(0.5)
    g.type('clear; cat /tmp/s\n')
    wait_text(g, fonts, r'^On the screen$', path + '-11.png')
    g.key('ctrl', 'alt', 'delete')
    g.wait(cpu=60)
