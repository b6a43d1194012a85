import { afterEach, describe, expect, test } from '@jest/globals';
import { openWebSocket } from 'codex-rx';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { unixUrl } from '../../lib/node/unix-url.js';
import type { TransportEvents } from '../../lib/socket/transport.js';

const closings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** A server of websockets that echoes, on a unix socket. */
async function serve() {
  const directory = await mkdtemp(join(tmpdir(), 'codex-rx-'));
  closings.push(() => rm(directory, { recursive: true }));
  const path = join(directory, 'codex.sock');
  const handshakes: IncomingMessage[] = [];
  const http = createServer();
  const server = new WebSocketServer({ server: http });
  server.on('connection', (socket: WebSocket, request) => {
    handshakes.push(request);
    socket.on('message', (data: Buffer) => {
      socket.send(data.toString());
    });
  });
  http.listen(path);
  await once(http, 'listening');
  closings.push(() => new Promise((resolve) => http.close(resolve)));
  return { path, handshakes };
}

/** Connects, says something, waits for the echo, and closes. Resolves with all that was told. */
function talk(url: string, headers = {}): Promise<string[]> {
  return new Promise((resolve) => {
    const told: string[] = [];
    const done = () => {
      resolve(told);
    };
    const events: TransportEvents = {
      opened: () => {
        told.push('opened');
        link.send('hello');
      },
      text: (text) => {
        told.push(text);
        link.close(done);
      },
      ignored: () => undefined,
      fault: () => undefined,
      ended: (end) => {
        told.push(end.kind === 'failed' ? String(end.error) : end.kind);
        done();
      },
    };
    const link = openWebSocket({ url, headers, maxFrameBytes: 1_000, ignore: null }, events);
  });
}

describe('the url of a unix socket', () => {
  test.each([
    ['unix:/tmp/codex.sock', 'ws+unix:///tmp/codex.sock:/'],
    ['unix:///tmp/codex.sock', 'ws+unix:///tmp/codex.sock:/'],
    ['unix:///tmp/100%25/a?b=c@d.sock', 'ws+unix:///tmp/100%25/a?b=c@d.sock:/'],
  ])('%s', (url, expected) => {
    expect(unixUrl(url)).toBe(expected);
  });

  test.each([
    'unix:',
    'unix://',
    'unix:codex.sock',
    'unix://tmp/x.sock',
    'ws://tmp/',
    '/tmp/x.sock',
  ])('%p names no absolute path', (url) => {
    expect(() => unixUrl(url)).toThrow(
      new TypeError('"url" must be unix: and an absolute path, such as unix:///tmp/codex.sock.'),
    );
  });

  test.each(['a b', 'å', 'a:b', 'a#b', '../b', './b', 'a\nb', 'a"b'])(
    'a path that ws cannot be told is an error here, and not a socket that is not found: %p',
    (name) => {
      expect(() => unixUrl(`unix:///tmp/${name}`)).toThrow(
        /^"url" must be a plain path: no spaces/,
      );
    },
  );

  test.each(['unix:', 'unix://'])('%s opens a websocket', async (scheme) => {
    const { path, handshakes } = await serve();
    expect(await talk(unixUrl(scheme + path))).toEqual(['opened', 'hello']);
    expect(handshakes[0]!.url).toBe('/');
  });

  test('the handshake has the headers that are given, and never an Origin, which Codex refuses', async () => {
    const { path, handshakes } = await serve();
    await talk(unixUrl(`unix://${path}`), { authorization: 'Bearer x' });
    expect(handshakes[0]!.headers.authorization).toBe('Bearer x');
    expect(handshakes[0]!.headers).not.toHaveProperty('origin');
    expect(handshakes[0]!.headers).not.toHaveProperty('sec-websocket-extensions');
  });

  test('a socket where nobody listens cannot be reached', async () => {
    const [error] = await talk(unixUrl('unix:///nowhere/codex.sock'));
    expect(error).toContain('ENOENT /nowhere/codex.sock');
  });
});
