# SPDX-License-Identifier: MIT
# sets: base perl python
# limit: 300
# Hundreds of threads and processes at once.
set -e
python3 - <<'P'
import threading, queue, os, time
b = threading.Barrier(200); n = [0]; l = threading.Lock(); q = queue.Queue()
def f(i):
    b.wait()
    with l:
        n[0] += 1
    q.put(i)
t = [threading.Thread(target=f, args=(i,)) for i in range(200)]
for x in t: x.start()
for x in t: x.join()
assert n[0] == 200 and sorted(q.get() for _ in t) == list(range(200))
assert len(os.listdir('/proc/self/task')) == 1
kids = []
for i in range(150):
    p = os.fork()
    if not p:
        time.sleep(0.05); os._exit(i % 100)
    kids.append((p, i % 100))
for p, want in kids:
    assert os.waitstatus_to_exitcode(os.waitpid(p, 0)[1]) == want
# a thread that forks while others work
stop = False
def busy():
    while not stop: [j * j for j in range(1000)]
w = [threading.Thread(target=busy) for _ in range(4)]
for x in w: x.start()
for i in range(20):
    p = os.fork()
    if not p: os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(p, 0)[1]) == 3
stop = True
for x in w: x.join()
P
perl -Mthreads -Mthreads::shared -MThread::Queue -e '
my $q = Thread::Queue->new; my $sum : shared = 0;
my @t = map { threads->create(sub { while (defined(my $x = $q->dequeue)) { lock $sum; $sum += $x } }) } 1 .. 60;
$q->enqueue(1 .. 2000); $q->end; $_->join for @t; die $sum if $sum != 2001000;
my $pid = fork; if (!$pid) { my @u = map { threads->create(sub { $_[0] ** 2 }, $_) } 1 .. 5; my $s = 0; $s += $_->join for @u; exit $s }
waitpid $pid, 0; die $? >> 8 if $? >> 8 != 55;
my @p; for (1 .. 100) { my $c = fork // die; if (!$c) { exit 7 } push @p, $c } for (@p) { waitpid $_, 0; die if $? >> 8 != 7 }'
