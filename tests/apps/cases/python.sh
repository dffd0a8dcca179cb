# SPDX-License-Identifier: MIT
# sets: base python
# quick: yes
set -e
python3 --version
python3 - <<'E'
import threading, subprocess, os, multiprocessing, socket, selectors, mmap, tempfile, signal, time, asyncio
r=[]
ts=[threading.Thread(target=lambda i=i:r.append(i)) for i in range(40)]
[t.start() for t in ts]; [t.join() for t in ts]
assert sorted(r)==list(range(40))
assert subprocess.check_output(['tr','a','b'],input=b'aa')==b'bb'
with multiprocessing.Pool(2) as p: assert p.map(abs,range(-20,0))==list(range(20,0,-1))
a,b=socket.socketpair(); a.send(b'x'); assert b.recv(1)==b'x'
async def f():
    p=await asyncio.create_subprocess_exec('cat',stdin=-1,stdout=-1)
    o,_=await p.communicate(b'zz'); assert o==b'zz'
    await asyncio.sleep(0.05)
    return 7
assert asyncio.run(f())==7
with tempfile.TemporaryFile() as t:
    t.truncate(8192); m=mmap.mmap(t.fileno(),8192); m[5000]=65; t.seek(5000); assert t.read(1)==b'A'
q=[]; signal.signal(signal.SIGALRM,lambda *a:q.append(1)); signal.setitimer(signal.ITIMER_REAL,0.05); time.sleep(0.2); assert q
s=socket.socket(socket.AF_UNIX); s.bind('\0abc'); s.listen()
E
