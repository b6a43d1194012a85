import { afterEach, describe, expect, test } from '@jest/globals';
import { connectManager, type Envelope, type MalformedFrame, type ManagerStream } from 'codex-rx';
import { startFaultProxy, type Faults } from 'codex-rx/testing';
import { firstValueFrom } from 'rxjs';
import { WebSocketServer, type AddressInfo, type WebSocket } from 'ws';

const closings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** A server of websockets, whose fragments a test chooses. */
async function serve(): Promise<{ url: string; sockets: readonly WebSocket[] }> {
  const sockets: WebSocket[] = [];
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.send('{"type":"ready","threadId":null}');
  });
  await new Promise((resolve) => server.once('listening', resolve));
  closings.push(() => {
    for (const socket of sockets) socket.terminate();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, sockets };
}

/** Sends one frame as so many websocket fragments. */
function send(socket: WebSocket, frame: Buffer, fragments: number): void {
  const size = Math.ceil(frame.length / fragments);
  for (let begin = 0; begin < frame.length; begin += size) {
    const end = begin + size;
    socket.send(frame.subarray(begin, end), { binary: false, fin: end >= frame.length });
  }
}

/** An event of this many bytes; the text has characters of two, which fragments and writes split. */
function frameOf(bytes: number): Buffer {
  const [head, tail] = ['{"type":"big","payload":"', '"}'];
  const room = bytes - head.length - tail.length;
  const frame = Buffer.from(`${head}${'x'.repeat(room % 2)}${'ä'.repeat(room >> 1)}${tail}`);
  expect(frame.length).toBe(bytes);
  return frame;
}

interface Stage {
  readonly stream: ManagerStream;
  readonly malformed: readonly MalformedFrame[];
  /** Sends one frame, and then a small event: the events that come, up to that one. */
  events(frame: Buffer, fragments: number): Promise<readonly Envelope[]>;
  /** How often the stream has connected. */
  connections(): number;
}

async function connected(faults: Faults, maxFrameBytes?: number): Promise<Stage> {
  const { url, sockets } = await serve();
  const proxy = await startFaultProxy({ target: url });
  closings.push(() => proxy.close());
  const stream = connectManager({
    url: proxy.url,
    health: false,
    ...(maxFrameBytes !== undefined && { maxFrameBytes }),
  });
  closings.push(() => stream.close());
  const malformed: MalformedFrame[] = [];
  stream.malformed$.subscribe((frame) => malformed.push(frame));
  await stream.connect();
  proxy.set(faults);
  return {
    stream,
    malformed,
    connections: () => sockets.length,
    events: (frame, fragments) =>
      new Promise((resolve) => {
        const all: Envelope[] = [];
        const listening = stream.events$.subscribe((event) => {
          all.push(event);
          if (event.type !== 'next') return;
          listening.unsubscribe();
          resolve(all);
        });
        send(sockets[0]!, frame, fragments);
        sockets[0]!.send('{"type":"next"}');
      }),
  };
}

const MB = 1_000_000;

type Way = readonly [string, fragments: number, faults: (bytes: number) => Faults];

const whole: Way = ['whole', 1, () => ({})];
const writes = (bytes: number): Faults => ({ split: { toClient: Math.ceil(bytes / 1_000) } });
const pieces: readonly Way[] = [
  ['in 10,000 fragments', 10_000, () => ({})],
  ['in 1,000 writes', 1, writes],
  ['in 999 fragments over 1,000 writes', 999, writes],
];

describe.each([1.5 * MB, 16 * MB])('a frame of %i bytes', (size) => {
  test.each(pieces)('is delivered if it comes %s', async (_, fragments, faults) => {
    const frame = frameOf(size);
    const { events, malformed, connections } = await connected(faults(size));
    const [big, next] = await events(frame, fragments);
    expect((JSON.parse(frame.toString()) as Envelope).payload === big!.payload).toBe(true);
    expect(next!.type).toBe('next');
    expect(malformed).toEqual([]);
    expect(connections()).toBe(1);
  });

  test.each([whole, ...pieces])(
    'is delivered if that is the limit, and reported if it is one byte more, on the same connection: %s',
    async (_, fragments, faults) => {
      const { stream, events, malformed, connections } = await connected(faults(size), size);
      const types = async (bytes: number) =>
        (await events(frameOf(bytes), fragments)).map(({ type }) => type);
      expect(await types(size)).toEqual(['big', 'next']);
      expect(malformed).toEqual([]);
      expect(await types(size + 1)).toEqual(['next']);
      expect(await types(size)).toEqual(['big', 'next']);
      expect(malformed).toMatchObject([{ reason: 'too-large', bytes: size + 1, connection: 1 }]);
      expect(malformed[0]!.excerpt).toHaveLength(200);
      expect(await firstValueFrom(stream.status$)).toMatchObject({ state: 'open', connection: 1 });
      expect(connections()).toBe(1);
    },
  );
});
