// A gateway as pages meet it, in Chromium: those that may connect, and those of others, each attack beside the same
// without it. Run by `npm run test:inspector`.

/* global document, EventSource, WebSocket, location -- of the page */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as dial } from 'node:net';
import { connectManager } from '../../dist/esm/index.js';
import { feedLog, memoryLog, serveGateway } from '../../dist/esm/gateway/index.js';
import { startFakeManager } from '../../dist/esm/testing/index.js';
import { browser, check, finish } from './stage.mjs';

async function serve(listener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: server.address().port };
}

const emptyPage = (_, response) => {
  response.setHeader('content-type', 'text/html').end('<!doctype html><title>page</title>');
};

const manager = await startFakeManager();
const threadId = manager.session();
const stream = connectManager({ url: manager.url, log: false });
await stream.connect();
const feed = feedLog(stream, memoryLog());
const { server, port } = await serve(emptyPage);
const own = await serveGateway(feed, { server, base: '/codex' });
const open = await serveGateway(feed, {
  server,
  base: '/open',
  authorize: () => ({ name: 'page', answers: true }),
});
const other = await serve((request, response) => emptyPage(request, response));
const { token } = own;

const home = `http://127.0.0.1:${port}`;
const foreign = `http://127.0.0.1:${other.port}`;
const rebound = `http://rebound.test:${port}`;

async function at(url, run) {
  const context = await browser.newContext();
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  try {
    await page.goto(url);
    await run(page, context);
  } finally {
    await context.close();
  }
}

/** What becomes of a GET of the page with the token: a status, or that the browser stops it. */
const ask = (page, path) =>
  page.evaluate(
    async ([url, bearer]) => {
      const headers = { authorization: `Bearer ${bearer}` };
      return fetch(url, { headers }).then(
        ({ status }) => status,
        () => 'stopped',
      );
    },
    [path, token],
  );

/** What becomes of a websocket of the page: the subprotocol that was chosen, or `closed`. */
const connect = (page, host, bearer = token) =>
  page.evaluate(
    ([url, protocols]) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url, protocols);
        socket.onmessage = () => resolve(socket.protocol);
        socket.onclose = () => resolve('closed');
      }),
    [`ws://${host}/codex/api/stream`, ['codex-rx', `bearer.${bearer}`]],
  );

/** Sends a message to the agent through the gateway that asks for no token. */
const post = (page, mode, type) =>
  page.evaluate(
    ([url, how, content]) =>
      fetch(url, {
        method: 'POST',
        mode: how,
        headers: { 'content-type': content },
        body: '{"text":"Go."}',
      }).then(
        ({ status }) => status,
        () => 'stopped',
      ),
    [`${home}/open/api/sessions/${threadId}/messages`, mode, type],
  );

const posted = () => manager.calls.filter(({ method }) => method === 'POST').length;

await check('a page of a listed origin reads, and connects with its token as a subprotocol', () =>
  at(home, async (page, context) => {
    assert.equal(await ask(page, '/codex/api/sessions'), 200);
    assert.equal(await connect(page, `127.0.0.1:${port}`), 'codex-rx');
    assert.equal(await connect(page, `127.0.0.1:${port}`, 'old'), 'closed');
    assert.deepEqual(await context.cookies(), []);
  }),
);

await check('a page of another origin reads nothing, connects to nothing, changes nothing', () =>
  at(foreign, async (page) => {
    assert.equal(await ask(page, `${home}/codex/api/sessions`), 'stopped');
    assert.equal(await connect(page, `127.0.0.1:${port}`), 'closed');
    await post(page, 'no-cors', 'text/plain');
    assert.equal(posted(), 0);
  }),
);

await check('a page of a listed origin may send a message', () =>
  at(home, async (page) => {
    assert.equal(await post(page, 'cors', 'application/json'), 202);
    assert.equal(posted(), 1);
  }),
);

await check('a name that was made to mean this machine is refused', () =>
  at(rebound, async (page) => {
    assert.equal(await ask(page, '/codex/api/sessions'), 421);
    assert.equal(await ask(page, '/open/api/sessions'), 421);
    assert.equal(await connect(page, `rebound.test:${port}`), 'closed');
  }),
);

await check('nothing of a gateway shows in a frame, on its own origin neither', () =>
  at(foreign, async (page) => {
    const frame = async (url) => {
      await page.evaluate(
        (src) =>
          new Promise((resolve) => {
            const element = document.createElement('iframe');
            element.onload = resolve;
            element.src = src;
            document.body.replaceChildren(element);
          }),
        url,
      );
      return page.frames().at(-1).url();
    };
    assert.equal(await frame(`${home}/`), `${home}/`);
    assert.match(await frame(`${home}/open/api/health`), /^chrome-error:/);
  }),
);

await check('EventSource goes on where it was cut, and gets each event once', () =>
  at(home, async (page) => {
    await page.evaluate(() => {
      const source = new EventSource('/open/api/events');
      globalThis.heard = [];
      globalThis.readies = 0;
      source.addEventListener('ready', () => globalThis.readies++);
      source.onmessage = ({ data }) => {
        const { payload } = JSON.parse(data);
        globalThis.heard.push(payload.params.diff);
      };
    });
    await page.waitForFunction(() => globalThis.readies === 1);
    const say = (from, to) => {
      for (let n = from; n < to; n++) {
        manager.notify(threadId, 'turn/diff/updated', { turnId: 'turn-1', diff: String(n) });
      }
    };
    say(0, 50);
    await page.waitForFunction(() => globalThis.heard.length === 50);
    server.closeAllConnections();
    say(50, 100);
    await page.waitForFunction(() => globalThis.readies === 2 && globalThis.heard.length >= 100);
    const heard = await page.evaluate(() => globalThis.heard);
    assert.deepEqual(
      heard,
      Array.from({ length: 100 }, (_, n) => String(n)),
    );
  }),
);

await check('EventSource with a ticket hears events once, and not again when it was cut', () =>
  at(home, async (page) => {
    const state = await page.evaluate(async (bearer) => {
      const headers = { authorization: `Bearer ${bearer}` };
      const response = await fetch('/codex/api/ticket', { method: 'POST', headers });
      const { ticket } = await response.json();
      const source = new EventSource(`/codex/api/events?ticket=${ticket}`);
      await new Promise((resolve) => source.addEventListener('ready', resolve));
      globalThis.source = source;
      return source.readyState;
    }, token);
    assert.equal(state, 1);
    server.closeAllConnections();
    await page.waitForFunction(() => globalThis.source.readyState === 2);
  }),
);

await check('fetch streams events with the token in a header', () =>
  at(home, async (page) => {
    const found = page.evaluate(async (bearer) => {
      const headers = { authorization: `Bearer ${bearer}` };
      const response = await fetch(`${location.origin}/codex/api/events`, { headers });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      while (!text.includes('the last one')) {
        text += (await reader.read()).value;
        globalThis.isReady ||= text.includes('event: ready');
      }
      await reader.cancel();
      return text.match(/^data: .*the last one.*$/m) !== null;
    }, token);
    await page.waitForFunction(() => globalThis.isReady === true);
    manager.notify(threadId, 'turn/diff/updated', { turnId: 'turn-1', diff: 'the last one' });
    assert.equal(await found, true);
  }),
);

await check(
  'a request that is never finished is ended, and one that is gets its reply',
  async () => {
    const alone = await serveGateway(feed);
    const { host, port: place } = new URL(alone.url);
    const head = `GET /api/health HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${alone.token}\r\n`;
    const replyTo = (text) =>
      new Promise((resolve) => {
        const socket = dial(Number(place), '127.0.0.1', () => socket.write(text));
        let reply = '';
        socket.on('data', (data) => (reply += data));
        socket.on('close', () => resolve(reply.split('\r\n', 1)[0]));
      });
    const replies = await Promise.all([replyTo(head), replyTo(`${head}connection: close\r\n\r\n`)]);
    assert.deepEqual(replies, ['HTTP/1.1 408 Request Timeout', 'HTTP/1.1 200 OK']);
    await alone.close();
  },
);

await open.close();
await own.close();
feed.close();
await stream.close();
await manager.close();
for (const one of [server, other.server]) {
  one.closeAllConnections();
  one.close();
}
await finish();
