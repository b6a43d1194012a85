import { afterEach, describe, expect, test } from '@jest/globals';
import { connectManager, ofType, type ConnectionStatus, type ManagerStream } from 'codex-rx';
import {
  fakeTransport,
  marbles,
  startFaultProxy,
  startStreamServer,
  type Directed,
  type FaultProxy,
  type StreamServer,
} from 'codex-rx/testing';
import { asyncScheduler, filter, firstValueFrom, timer, type Observable } from 'rxjs';

const closings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

const heartbeat = { interval: 600, timeout: 400 };
/** How long a peer is silent before it is taken for dead. */
const patience = heartbeat.interval + heartbeat.timeout;

interface Stage {
  readonly server: StreamServer;
  readonly proxy: FaultProxy;
  readonly stream: ManagerStream;
  /** The types of all events, in order. */
  readonly events: readonly string[];
}

/** A stream that is ready, behind a proxy. */
async function connected(): Promise<Stage> {
  const server = await startStreamServer();
  closings.push(() => server.close());
  const proxy = await startFaultProxy({ target: server.url });
  closings.push(() => proxy.close());
  const stream = connectManager({
    url: proxy.url,
    heartbeat,
    reconnect: { base: 0, cap: 0 },
    health: false,
    resync: false,
  });
  closings.push(() => stream.close());
  const events: string[] = [];
  stream.events$.subscribe(({ type }) => events.push(type));
  await stream.connect();
  return { server, proxy, stream, events };
}

const next = <T>(source: Observable<T>, test: (value: T) => boolean): Promise<T> =>
  firstValueFrom(source.pipe(filter(test)));

/** Sends an event, and resolves with the moment in which it was received. */
function heard({ server, stream }: Stage, type: string): Promise<number> {
  const received = new Promise<number>((resolve) => {
    const route = stream.on(ofType(type), (_, { receivedAt }) => {
      route.unsubscribe();
      resolve(receivedAt);
    });
  });
  server.sockets.at(-1)!.send({ type, threadId: null, payload: null });
  return received;
}

/** Resolves when the stream has given its connection up, with why and when. */
async function givenUp({ stream }: Stage): Promise<{ kind: string; at: number }> {
  const status = await next(stream.status$, ({ state }) => state === 'waiting');
  const { error } = status as Extract<ConnectionStatus, { state: 'waiting' }>;
  return { kind: error.kind, at: Date.now() };
}

const ready = ({ stream }: Stage, number: number) =>
  next(
    stream.status$,
    (status) => status.state === 'open' && status.phase === 'ready' && status.connection === number,
  );

const directions: readonly [string, Directed<boolean>][] = [
  ['from the server', { toClient: true }],
  ['to the server', { toServer: true }],
  ['in both directions', true],
];

describe('a connection that is half-open', () => {
  test.each(directions)(
    'is found in time, and nothing of it is heard again: dead %s',
    async (_, dead) => {
      const stage = await connected();
      const { server, proxy, events } = stage;
      const last = await heard(stage, 'before');
      const [connection] = proxy.connections;
      const [abandoned] = server.sockets;
      connection!.set({ stall: dead });

      const { kind, at } = await givenUp(stage);
      expect(kind).toBe('silent');
      // A timer of Node's may be a millisecond early.
      expect(at - last).toBeGreaterThanOrEqual(patience - 2);
      expect(at - last).toBeLessThanOrEqual(patience * 1.1);

      await ready(stage, 2);
      connection!.set({ stall: false });
      abandoned!.send({ type: 'late', threadId: null, payload: null });
      await heard(stage, 'after');
      expect(events).toEqual(['before', 'after']);
    },
  );

  test('is found too if it is only very late, and its late frames are not delivered', async () => {
    const stage = await connected();
    const { server, proxy, stream, events } = stage;
    await heard(stage, 'before');
    const [connection] = proxy.connections;
    // The pong and the event come while the next connection is ready.
    connection!.set({ delay: { toClient: patience + 300 } });
    server.send({ type: 'late', threadId: null });
    expect((await givenUp(stage)).kind).toBe('silent');
    await ready(stage, 2);
    await firstValueFrom(timer(600));
    await heard(stage, 'after');
    expect(events).toEqual(['before', 'after']);
    expect(stream.metrics().dispatched).toBe(2);
  });

  test('is left alone while the server is idle, and answers', async () => {
    const stage = await connected();
    const last = await heard(stage, 'before');
    for (let pongs = 0; pongs < 2; pongs++) {
      await next(stage.stream.control$, ({ type }) => type === 'pong');
    }
    expect(Date.now() - last).toBeGreaterThan(patience);
    await heard(stage, 'after');
    expect(stage.proxy.accepted).toBe(1);
  });
});

describe('a connection that is half-open, in virtual time', () => {
  // Before the first ping, with it, while it waits for its answer, and after that.
  test.each([0, 1, 250, 599, 600, 601, 700, 999, 1_000, 1_001, 4_321])(
    'is found exactly an interval and a timeout after its last frame, at %i ms',
    (last) => {
      const log: string[] = [];
      const now = () => asyncScheduler.now();
      marbles(() => {
        const socket = fakeTransport();
        const stream = connectManager({
          url: 'ws://fake',
          transport: socket.open,
          heartbeat,
          reconnect: { base: 5 },
          random: () => 1,
        });
        const send = (number: number, type: string) => {
          socket.connections[number - 1]!.send({ type, threadId: null, payload: null });
        };
        const at = (time: number, task: () => void) => timer(time).subscribe(task);
        // The peer answers every ping until its last frame.
        for (let time = heartbeat.interval; time < last; time += heartbeat.interval) {
          at(time, () => {
            socket.connections[0]!.send({ type: 'pong' });
          });
        }
        at(last, () => {
          send(1, 'last');
        });
        stream.events$.subscribe(({ type }) => log.push(`${now()} ${type}`));
        stream.status$.subscribe((status) => {
          if (status.state === 'waiting') log.push(`${now()} ${status.error.kind}`);
        });
        void stream.connect();
        socket.last.accept();
        socket.last.send({ type: 'ready', threadId: null });
        at(last + patience + 1, () => {
          send(1, 'late');
        });
        at(last + patience + 10, () => {
          socket.last.accept();
          socket.last.send({ type: 'ready', threadId: null });
          send(1, 'late');
          send(2, 'after');
          void stream.close();
        });
      });
      expect(log).toEqual([
        `${last} last`,
        `${last + patience} silent`,
        `${last + patience + 10} after`,
      ]);
    },
  );
});
