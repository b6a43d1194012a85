import { describe, expect, test } from '@jest/globals';
import {
  connectManager,
  ofType,
  type ConnectionStatus,
  type ManagerOptions,
  type ManagerStream,
} from 'codex-rx';
import { fakeTransport, marbles, type FakeTransport } from 'codex-rx/testing';
import { asyncScheduler, firstValueFrom, lastValueFrom, timer } from 'rxjs';
import {
  connect,
  next,
  startManager,
  startProxy,
  streamOf,
  waits,
} from '../requests/stage-manager.js';

const isReady = (status: ConnectionStatus) => status.state === 'open' && status.phase === 'ready';

const ready = { type: 'ready', threadId: null };

/** A stream of a server that a test plays, in virtual time: its longest waits are not waited for. */
function played(options: Partial<ManagerOptions> = {}): [ManagerStream, FakeTransport] {
  const socket = fakeTransport();
  const stream = connectManager({
    url: 'ws://fake',
    transport: socket.open,
    heartbeat: false,
    ...options,
  });
  return [stream, socket];
}

describe('what other clients get wrong about connections', () => {
  test('3. a count of reconnections that is never reset: a healthy connection begins it anew', () => {
    const delays: number[] = [];
    marbles(() => {
      const [stream, socket] = played({ random: () => 1 });
      let attempts = 0;
      stream.status$.subscribe((status) => {
        if (status.state === 'waiting') delays.push(status.delay);
        if (status.state === 'connecting') {
          timer(1).subscribe(() => {
            // Each outage takes three attempts, and a clean close is none the less one.
            if (attempts++ % 4 > 0) socket.last.end({ kind: 'closed', code: 1000, reason: '' });
            else {
              socket.last.accept();
              socket.last.send(ready);
            }
          });
        }
        if (isReady(status)) {
          timer(6_000).subscribe(() => {
            if (attempts > 12) void stream.close();
            else socket.last.end({ kind: 'closed', code: 1000, reason: '' });
          });
        }
      });
      void stream.connect();
    });
    const outage = [500, 500, 1_000, 2_000];
    expect(delays).toEqual([...outage, ...outage, ...outage]);
  });

  test.each([500, 0])(
    '4. an end after 1,024 attempts: after 3,000 it still waits at most the cap, and comes back (base %i)',
    (base) => {
      const delays: number[] = [];
      const events: string[] = [];
      marbles(() => {
        const [stream, socket] = played({ reconnect: { base }, random: () => 1 });
        stream.events$.subscribe(({ type }) => events.push(type));
        stream.status$.subscribe((status) => {
          if (status.state === 'waiting') delays.push(status.delay);
          if (status.state !== 'connecting') return;
          timer(1).subscribe(() => {
            if (delays.length < 3_000) {
              socket.last.end({ kind: 'failed', error: new Error('ECONNREFUSED') });
              return;
            }
            socket.last.accept();
            for (const frame of [ready, { type: 'back' }]) socket.last.send(frame);
            void stream.close();
          });
        });
      });
      expect(delays).toHaveLength(3_000);
      expect(new Set(delays.slice(10))).toEqual(new Set([base === 0 ? 0 : 30_000]));
      expect(events).toEqual(['back']);
    },
  );

  test('5. no jitter: of 200 clients that lost a server at once, few come back at once', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    marbles(() => {
      for (let client = 0; client < 200; client++) {
        const [stream, socket] = played();
        void stream.connect();
        socket.last.accept();
        socket.last.send(ready);
        socket.last.end();
        stream.status$.subscribe((status) => {
          if (status.state !== 'connecting') return;
          tenths[Math.floor(asyncScheduler.now() / 50)]!++;
          void stream.close();
        });
      }
    });
    expect(tenths.reduce((sum, count) => sum + count)).toBe(200);
    // Twenty are expected in each tenth of the time, give or take five.
    expect(Math.max(...tenths)).toBeLessThan(60);
  });

  test.each<[string, (stream: ManagerStream, abort: AbortController) => unknown]>([
    ['close()', (stream) => stream.close()],
    ['the end of its scope', (stream) => stream[Symbol.asyncDispose]()],
    [
      'its signal',
      (_, abort) => {
        abort.abort();
      },
    ],
  ])('5. a stop that is not seen: %s ends a wait of an hour at once', async (_, stop) => {
    let asked = 0;
    const server = await startManager(undefined, { refuse: () => (asked++, 503) });
    const abort = new AbortController();
    const hour = 3_600_000;
    const stream = streamOf(server, {
      reconnect: { base: hour, cap: hour },
      random: () => 1,
      signal: abort.signal,
    });
    void stream.connect();
    expect(await waits(stream)).toMatchObject({ delay: hour });
    await stop(stream, abort);
    expect(await lastValueFrom(stream.status$)).toMatchObject({ state: 'closed', error: null });
    expect(asked).toBe(1);
  });

  test('5. a stream that cannot be stopped: it can from inside a handler, and tells nothing more', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const seen: string[] = [];
    const ended = lastValueFrom(stream.events$);
    stream.on(ofType('stop'), () => void stream.close());
    stream.events$.subscribe(({ type }) => seen.push(type));
    for (const type of ['a', 'stop', 'b', 'c']) server.send({ type, threadId: 't' });
    await ended;
    await stream.close();
    expect(seen).toEqual(['a', 'stop']);
  });

  test('6. no timeout for a pong: a server that answers no ping is given up, and found again', async () => {
    const server = await startManager();
    const proxy = await startProxy(server);
    const stream = await connect(proxy, { heartbeat: { interval: 20, timeout: 100 } });
    const { received } = server.sockets[0]!;
    await next(stream.control$, ({ type }) => type === 'pong');
    expect(received).toContain('{"type":"ping"}');
    // No byte comes through any more, and nobody says so.
    proxy.connections[0]!.set({ stall: true });
    expect((await waits(stream)).error.kind).toBe('silent');
    await next(stream.status$, isReady);
    expect(proxy.accepted).toBeGreaterThan(1);
  });

  test('7. no gap and no resync: what was missed is announced, and what is pending is asked', async () => {
    const server = await startManager();
    const proxy = await startProxy(server);
    const stream = await connect(proxy);
    const story: unknown[] = [];
    stream.events$.subscribe(({ type }) => story.push(type));
    stream.gaps$.subscribe(({ last }) => story.push(['gap after', last?.type]));
    stream.status$.subscribe((status) => story.push(isReady(status) ? 'ready' : status.state));
    server.send({ type: 'before', threadId: 't' });
    await next(stream.events$);
    const gap = next(stream.gaps$);
    const back = server.connected();
    const after = next(stream.events$, ({ type }) => type === 'after');
    proxy.reset();
    server.ask('item/commandExecution/requestApproval', 7);
    // As early as it can come.
    (await back).send({ type: 'after', threadId: 't' });
    const { since, duration, recovery$ } = await gap;
    const { recovered, complete } = await firstValueFrom(recovery$);
    await after;
    expect(story).toEqual([
      'ready',
      'before',
      'waiting',
      'connecting',
      'open',
      'ready',
      ['gap after', 'before'],
      'after',
    ]);
    expect(Math.abs(since + duration - Date.now())).toBeLessThan(60_000);
    expect(recovered).toMatchObject([{ type: 'approval', threadId: 't', requestId: '7' }]);
    expect(complete).toBe(true);
  });

  test('16. headers that never change: a new connection and a new question bring the new token', async () => {
    const tokens: string[] = [];
    let token = 1;
    const server = await startManager(undefined, {
      refuse: ({ headers }) => (headers['authorization'] === `Bearer ${token}` ? null : 401),
      rest({ headers }) {
        tokens.push(String(headers['authorization']));
        return null;
      },
    });
    const stream = await connect(server, {
      threadId: 't',
      headers: async () => ({ authorization: `Bearer ${token}` }),
    });
    for (token = 2; token < 4; token++) {
      const gap = next(stream.gaps$);
      server.sockets[0]!.terminate();
      await firstValueFrom((await gap).recovery$);
    }
    expect([...new Set(tokens)]).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 3']);
  });

  test('16. headers by wrong names: they go out as they are given, and none is made up', async () => {
    const given = { 'x-codex-rbac-token': 'a', 'x-codex-role': 'b', 'x-codex-actor': 'c' };
    const sent: unknown[] = [];
    const ofCodex = (headers: object) =>
      Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-')));
    const server = await startManager(undefined, {
      rest: ({ headers }) => (sent.push(ofCodex(headers)), null),
    });
    const stream = await connect(server, { headers: given });
    await stream.requests.refresh('t');
    expect(ofCodex(server.sockets[0]!.headers)).toEqual(given);
    expect(sent).toEqual([given, given, given]);
  });

  test('17. a subscribe for the filter of the url: it is in the url, and only pings are sent', async () => {
    const server = await startManager();
    const stream = await connect(server, { threadId: 't', heartbeat: { interval: 5 } });
    const seen: unknown[] = [];
    stream.events$.subscribe(({ threadId }) => seen.push(threadId));
    for (const threadId of ['other', 't']) server.send({ type: 'a', threadId });
    // Commands are handled in order: what was sent before the ping has arrived.
    await next(stream.control$, ({ type }) => type === 'pong');
    expect(server.sockets[0]!.url).toBe('/api/stream?threadId=t');
    expect(server.sockets[0]!.received).toEqual(['{"type":"ping"}']);
    expect(seen).toEqual(['t']);
  });
});
