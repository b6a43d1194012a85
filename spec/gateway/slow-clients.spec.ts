import { expect, test } from '@jest/globals';
import { connectManager, ofType } from 'codex-rx';
import { startStreamServer } from 'codex-rx/testing';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from '../support/until.js';
import { head, upgrade } from './raw.js';
import { clientOf, closeLater, serve } from './stage.js';

const size = 16 * 2 ** 10;
const count = 1_500;

async function stage(options: object, bounds: object) {
  const server = await startStreamServer();
  closeLater(() => server.close());
  const source = connectManager({ url: server.url, health: false, resync: false });
  const served = await serve(source, options, bounds);
  return {
    ...served,
    port: Number(new URL(served.gateway.url).port),
    /** Sends 24 MB: more than the kernel keeps for a client. */
    async flood() {
      const { log } = served.feed;
      for (let sent = 0; sent < count; sent++) {
        const payload = { params: { delta: 'x'.repeat(size), sent } };
        server.send({ type: 'app_server.big', threadId: 't', payload } as never);
        // What the source has to read is bounded too.
        if (sent % 100 === 99) await until(() => log.last > sent - 100);
      }
      await until(() => log.last === count);
    },
  };
}

/** A client that has upgraded, and reads nothing more until it is asked to. */
async function silent(port: number, path: string, lines: readonly string[]): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(head(port, { path, lines }));
  await once(socket, 'data');
  socket.pause();
  return socket;
}

test.each([
  ['a websocket', '/api/stream?after=', upgrade],
  ['server-sent events', '/api/events', []],
])('a client that never reads is ended, by %s, and the others get all', async (_, path, lines) => {
  const { gateway, port, flood } = await stage({ stallTimeout: 200 }, {});
  const reader = clientOf(gateway);
  let received = 0;
  reader.on(ofType('app_server.big'), () => received++);
  await reader.connect();
  const socket = await silent(port, path, lines);
  await until(() => gateway.clients === 2);
  await flood();
  await until(() => received === count);
  await until(() => gateway.clients === 1);
  socket.destroy();
});

test('a client that reads again in time gets everything, without a new connection', async () => {
  const { gateway, port, flood } = await stage({}, {});
  const socket = await silent(port, '/api/stream?after=', upgrade);
  await until(() => gateway.clients === 1);
  await flood();
  let bytes = 0;
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    text = (text + chunk.toString('latin1')).slice(-2_000);
  });
  socket.resume();
  await until(() => text.includes(`"seq":${count}}`));
  expect(bytes).toBeGreaterThan(count * size);
  expect(gateway.clients).toBe(1);
  socket.destroy();
});

test('a client that the log has overtaken is told to come back', async () => {
  const { gateway, port, flood, feed } = await stage({}, { events: 100 });
  const socket = await silent(port, '/api/stream?after=', upgrade);
  await until(() => gateway.clients === 1);
  await flood();
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('latin1')).slice(-100);
  });
  socket.resume();
  await until(() => text.endsWith('too slow'));
  expect(text.at(-10)! + text.at(-9)!).toBe(String.fromCharCode(1013 >> 8, 1013 & 255));
  expect(feed.log.first).toBe(count - 99);
  socket.destroy();
});
