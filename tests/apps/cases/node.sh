# SPDX-License-Identifier: MIT
# sets: base node
# limit: 200
set -e
cd /tmp
cat > n.js <<'E'
const { Worker, isMainThread, parentPort } = require('worker_threads');
const fs = require('fs'), cp = require('child_process'), assert = require('assert'), net = require('net');
if (!isMainThread) { parentPort.on('message', m => { parentPort.postMessage(m * 2); parentPort.close(); }); } else (async () => {
  const r = await Promise.all([1, 2, 3].map(i => new Promise((ok, no) => { const w = new Worker(__filename); w.on('message', ok); w.on('error', no); w.postMessage(i); })));
  assert.deepStrictEqual(r, [2, 4, 6]);
  await fs.promises.writeFile('/tmp/nf', 'abc'); assert.strictEqual(await fs.promises.readFile('/tmp/nf', 'utf8'), 'abc');
  assert((await fs.promises.readdir('/usr')).includes('bin')); fs.mkdirSync('/tmp/nd/a/b', { recursive: true }); fs.rmSync('/tmp/nd', { recursive: true });
  assert.strictEqual(cp.execSync('echo hi').toString(), 'hi\n');
  await new Promise(ok => { const s = net.createServer(c => c.end('srv')).listen('/tmp/n.sock', () => { net.connect('/tmp/n.sock').on('data', d => { assert.strictEqual(d.toString(), 'srv'); s.close(ok); }); }); });
  await new Promise(ok => setTimeout(ok, 30));
  require('crypto').pbkdf2Sync('a', 'b', 1000, 16, 'sha256'); await new Promise(ok => require('zlib').gzip(Buffer.alloc(100000), ok));
  console.log('node ok');
})().catch(e => { console.error(e); process.exit(1); });
E
node --version; node n.js | grep -q 'node ok'
node --max-old-space-size=100 -e 'let a=[]; for(let i=0;i<200000;i++) a.push({i}); console.log(a.length)' | grep -qx 200000
