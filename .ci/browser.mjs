// The core in a real browser, under a strict Content-Security-Policy: the platform's WebSocket with nothing
// to configure, a reconnection, and no code made at run time. Needs Chromium: /usr/bin/chromium or $CHROMIUM.

import { startStreamServer } from 'codex-rx/testing';
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { env } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const script = `
import { connectManager, envelopeSchema, ofAppServer } from 'codex-rx';

const seen = (globalThis.seen = { deltas: [], gaps: 0, states: [], errors: 0, violations: [] });
document.addEventListener('securitypolicyviolation', (event) => seen.violations.push(event.violatedDirective));
const url = new URLSearchParams(location.search).get('server');
const stream = connectManager({ url, reconnect: { base: 20 } });
stream.status$.subscribe((status) => seen.states.push(status.phase ?? status.state));
stream.gaps$.subscribe(() => seen.gaps++);
stream.on(ofAppServer('item/agentMessage/delta'), (event) => {
  seen.deltas.push(event.payload.params.delta);
  throw new Error('isolated');
});
stream.router.errors$.subscribe(() => seen.errors++);
seen.schema = envelopeSchema.parse({ type: 'a', thread_id: 't' }).threadId;
try {
  connectManager({ url, headers: { authorization: 'no' } });
} catch (error) {
  seen.headers = error.message;
}
globalThis.close = () => stream.close();
await stream.connect();
`;

const bundle = await build({
  stdin: { contents: script, resolveDir: join(import.meta.dirname, '..') },
  bundle: true,
  format: 'esm',
  platform: 'browser',
  write: false,
});

const pages = createServer((request, response) => {
  const isScript = request.url === '/page.js';
  response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
  response.setHeader(
    'content-security-policy',
    "default-src 'none'; script-src 'self'; connect-src ws://127.0.0.1:*",
  );
  response.end(
    isScript ? bundle.outputFiles[0].text : '<script type="module" src="/page.js"></script>',
  );
}).listen(0, '127.0.0.1');
await once(pages, 'listening');

const server = await startStreamServer();
const browser = await chromium.launch({
  executablePath: env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
});
try {
  const page = await browser.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  const delta = (text) => ({
    type: 'app_server.item.agent_message.delta',
    threadId: 't',
    payload: { params: { delta: text } },
  });
  const seen = (done) => page.waitForFunction(done, null, { timeout: 10_000 });

  const first = server.connected();
  await page.goto(`http://127.0.0.1:${pages.address().port}/?server=${server.url}`);
  const socket = await first;
  await seen(() => globalThis.seen.states.includes('ready'));
  server.send(delta('one'));
  const again = server.connected();
  await seen(() => globalThis.seen.deltas.length === 1);
  socket.terminate();
  await again;
  server.send(delta('two'));
  await seen(() => globalThis.seen.deltas.length === 2);
  // The network may have changed: the browser says so, and the server is probed.
  const [back] = server.sockets;
  await page.evaluate(() => globalThis.dispatchEvent(new Event('offline')));
  while (!back.received.includes('{"type":"ping"}')) await sleep(10);
  await page.evaluate(() => globalThis.close());

  const { states, ...result } = await page.evaluate(() => globalThis.seen);
  assert.deepEqual(result, {
    deltas: ['one', 'two'],
    gaps: 1,
    errors: 2,
    violations: [],
    schema: 't',
    headers: '"headers" must be left out: a browser sends none.',
  });
  assert.deepEqual(states.at(-1), 'closed');
  assert.deepEqual(problems, []);
  console.log(
    `${browser.version()}: 2 connections, 2 events, 2 failures isolated, a ping when offline, no CSP violation`,
  );
} finally {
  await browser.close();
  await server.close();
  pages.close();
}
