import { afterEach, describe, expect, test } from '@jest/globals';
import { type FrameFilter, type Transport, type TransportEvents, openWebSocket } from 'codex-rx';
import { startStreamServer, type StreamServer, type StreamServerOptions } from 'codex-rx/testing';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { sendsHeaders } from '../../lib/node/websocket.js';

const closings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

async function serve(options?: StreamServerOptions): Promise<StreamServer> {
  const server = await startStreamServer(options);
  closings.push(() => server.close());
  return server;
}

/** A server of bare TCP. */
async function listen(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.resume();
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closings.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Lets a handshake succeed, says something, and then nothing any more. */
function accept(socket: Socket, frame?: Buffer): void {
  socket.once('data', (data) => {
    const key = /sec-websocket-key: (.*)\r\n/i.exec(data.toString())?.[1] ?? '';
    const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${proof.digest('base64')}\r\n\r\n`,
    );
    if (frame) socket.write(frame);
  });
}

interface Client {
  readonly link: Transport;
  readonly told: string[];
  /** Resolves when something that begins so was told. */
  until(beginning: string): Promise<string>;
}

function connect(
  url: string,
  headers = {},
  maxFrameBytes = 10,
  ignore?: FrameFilter,
  protocols: readonly string[] = [],
): Client {
  const told: string[] = [];
  const waiting: (() => void)[] = [];
  const tell = (entry: string) => {
    told.push(entry);
    for (const wake of waiting.splice(0)) wake();
  };
  const events: TransportEvents = {
    opened: () => tell('opened'),
    text: (text, bytes) => tell(`text ${text} ${bytes}`),
    ignored: (bytes) => tell(`ignored ${bytes}`),
    fault: (fault, bytes, excerpt) => tell(`${fault} ${bytes} ${excerpt}`),
    ended: (end) =>
      tell(end.kind === 'failed' ? `failed ${String(end.error)}` : JSON.stringify(end)),
  };
  const link = openWebSocket(
    { url, headers, protocols, maxFrameBytes, ignore: ignore ?? null },
    events,
  );
  return {
    link,
    told,
    async until(beginning) {
      for (;;) {
        const found = told.find((entry) => entry.startsWith(beginning));
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}

const wsUrl = (server: StreamServer) => `${server.url.replace('http', 'ws')}/api/stream`;

const close = (link: Transport) =>
  new Promise<void>((resolve) => {
    link.close(resolve);
  });

/** Lets everything happen that is about to. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('the websocket of Node', () => {
  test('sends headers with the handshake', async () => {
    const server = await serve();
    const connected = server.connected();
    const { link } = connect(wsUrl(server), { authorization: 'Bearer x' });
    expect((await connected).headers['authorization']).toBe('Bearer x');
    expect(sendsHeaders).toBe(true);
    await close(link);
  });

  test('tells of text, of binary and of longer frames, each with its size in bytes', async () => {
    const server = await serve({ greets: false });
    const connected = server.connected();
    const client = connect(wsUrl(server));
    const peer = await connected;
    peer.sendRaw('åäö');
    peer.sendRaw('1234567890');
    peer.sendRaw('ååååååå');
    peer.sendRaw(Buffer.from('bytes'));
    peer.sendRaw('x'.repeat(100_000));
    peer.sendRaw('');
    await client.until('text  0');
    expect(client.told.slice(0, 5)).toEqual([
      'opened',
      'text åäö 6',
      'text 1234567890 10',
      'too-large 14 ååååååå',
      'binary 5 bytes',
    ]);
    expect(client.told[5]).toMatch(/^too-large 100000 x{200,1000}$/);
    await close(client.link);
  });

  test('tells of text that is no UTF-8, and the connection goes on', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    closings.push(() => new Promise((resolve) => server.close(resolve)));
    server.on('connection', (socket) => {
      socket.send(Buffer.from([0x61, 0xff]), { binary: false });
      socket.send('next');
    });
    await once(server, 'listening');
    const client = connect(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await client.until('text next');
    expect(client.told).toEqual(['opened', 'not-utf8 2 a\u00ff', 'text next 4']);
    await close(client.link);
  });

  test('drops unread what is to be ignored, by its bytes or by its text', async () => {
    const test = (head: string) => head.startsWith('n');
    const testBytes = ([first]: Uint8Array) => first === 'n'.charCodeAt(0);
    for (const ignore of [
      { length: 1, test },
      { length: 1, test, testBytes },
    ]) {
      const server = await serve({ greets: false });
      const connected = server.connected();
      const client = connect(wsUrl(server), {}, 10, ignore);
      const peer = await connected;
      peer.sendRaw('no matter how long it is');
      peer.sendRaw('text');
      await client.until('text');
      expect(client.told).toEqual(['opened', 'ignored 24', 'text text 4']);
      await close(client.link);
    }
  });

  test('sends while it is open, and does nothing otherwise', async () => {
    const server = await serve();
    const connected = server.connected();
    const client = connect(wsUrl(server), {}, 1_000);
    client.link.send('too early');
    const peer = await connected;
    await client.until('text {"type":"ready"');
    client.link.send('{"type":"ping"}');
    await client.until('text {"type":"pong"');
    await close(client.link);
    client.link.send('too late');
    expect(peer.received).toEqual(['{"type":"ping"}']);
  });

  test('tells how the server closed it, and nothing more', async () => {
    const server = await serve();
    const connected = server.connected();
    const client = connect(wsUrl(server));
    const peer = await connected;
    await client.until('too-large');
    peer.close(1012, 'restart');
    expect(await client.until('{')).toBe('{"kind":"closed","code":1012,"reason":"restart"}');
    await settle();
    expect(client.told).toHaveLength(3);
  });

  test.each([401, 403, 404, 503])(
    'tells HTTP status %i, and leaves no TCP connection',
    async (status) => {
      const sockets: Socket[] = [];
      // A server that keeps the connection open and never ends its answer.
      const url = await listen((socket) => {
        sockets.push(socket);
        socket.write(`HTTP/1.1 ${status} No\r\nContent-Length: 100\r\n\r\nbegin`);
      });
      const client = connect(url);
      expect(await client.until('{')).toBe(`{"kind":"refused","status":${status}}`);
      await once(sockets[0]!, 'close');
      client.link.abandon();
      await settle();
      expect(client.told).toHaveLength(1);
    },
  );

  test.each([
    ['it chose no subprotocol that \\"protocols\\" offers', ['a'], () => false as const],
    ['it chose no subprotocol that \\"protocols\\" offers', ['a'], () => 'b'],
    ['it wants a subprotocol: give \\"protocols\\"', [], () => 'b'],
  ])(
    'a server that does not agree on a subprotocol has refused: %s',
    async (reason, protocols, choose) => {
      const url = await listen((socket) => {
        socket.once('data', (data) => {
          const key = /sec-websocket-key: (.*)\r\n/i.exec(data.toString())?.[1] ?? '';
          const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
          const chosen = choose();
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
              (chosen ? `Sec-WebSocket-Protocol: ${chosen}\r\n` : '') +
              `Sec-WebSocket-Accept: ${proof.digest('base64')}\r\n\r\n`,
          );
        });
      });
      const client = connect(url, {}, 10, undefined, protocols);
      expect(await client.until('{')).toBe(`{"kind":"refused","status":101,"reason":"${reason}"}`);
      expect(client.told).toHaveLength(1);
    },
  );

  test('tells why nobody can be reached', async () => {
    const server = await startStreamServer();
    await server.close();
    const client = connect(wsUrl(server));
    expect(await client.until('failed')).toContain('ECONNREFUSED');
    await settle();
    expect(client.told).toHaveLength(1);
  });

  test('a server that is cut off ends it', async () => {
    const server = await serve();
    const connected = server.connected();
    const client = connect(wsUrl(server));
    (await connected).terminate();
    expect(await client.until('{')).toBe('{"kind":"closed","code":1006,"reason":""}');
  });

  test('a frame that breaks the protocol ends it at once, though the server keeps the line', async () => {
    // `ws` alone would wait half a minute for this server.
    const reservedOpcode = Buffer.from([0x83, 0x00]);
    const url = await listen((socket) => {
      accept(socket, reservedOpcode);
    });
    const client = connect(url);
    expect(await client.until('failed')).toContain('invalid opcode');
    await settle();
    expect(client.told).toEqual(['opened', expect.stringContaining('failed')]);
  });

  test.each(['abandon', 'close'] as const)(
    '%s while it is connecting leaves no TCP connection and no error for nobody',
    async (leave) => {
      const sockets: Socket[] = [];
      const url = await listen((socket) => sockets.push(socket));
      const client = connect(url);
      while (sockets.length === 0) await settle();
      if (leave === 'abandon') client.link.abandon();
      else await close(client.link);
      if (!sockets[0]!.destroyed) {
        await once(sockets[0]!, 'close');
      }
      await settle();
      expect(client.told).toEqual([]);
    },
  );

  test('abandon before the first byte, on a port where nobody listens, ends no process', async () => {
    const server = await startStreamServer();
    await server.close();
    const client = connect(wsUrl(server));
    client.link.abandon();
    client.link.abandon();
    await settle();
    expect(client.told).toEqual([]);
  });

  test('close waits for the goodbye of the server, and tells nothing of it', async () => {
    const server = await serve();
    const connected = server.connected();
    const client = connect(wsUrl(server));
    const peer = await connected;
    await client.until('too-large');
    peer.sendRaw('late');
    await close(client.link);
    expect(client.told).toHaveLength(2);
    await settle();
    expect(server.sockets).toEqual([]);
  });

  test('close waits for a server that says no goodbye for a second, and no longer', async () => {
    const client = connect(await listen(accept));
    await client.until('opened');
    await close(client.link);
    expect(client.told).toEqual(['opened']);
  });
});
