import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  connectManager,
  type ConnectionError,
  type ConnectionStatus,
  type Fetch,
  type TransportEnd,
} from 'codex-rx';
import { fakeTransport, type FakeConnection, type FakeTransport } from 'codex-rx/testing';
import { getEventListeners } from 'node:events';
import { finalize, Observable } from 'rxjs';
import { createConnection } from '../../lib/socket/connection.js';
import { networkHints } from '../../lib/socket/network-hints.js';
import { createSerializer } from '../../lib/async/serializer.js';

const reconnections = 1_000;

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** The ways in which a connection ends, one after the other. */
const ends: readonly ((link: FakeConnection) => void)[] = [
  (link) => link.end(),
  (link) => link.end({ kind: 'closed', code: 1006, reason: '' }),
  (link) => link.end({ kind: 'failed', error: new Error('ECONNRESET') }),
  // It falls silent.
  () => jest.advanceTimersByTime(25_010),
];

/** The ways in which an attempt fails. */
const failures: readonly TransportEnd[] = [
  { kind: 'refused', status: 503 },
  { kind: 'failed', error: new Error('ECONNREFUSED') },
];

/** A page that counts the listeners that it has now, and all that it ever had. */
class Target extends EventTarget {
  readonly visibilityState = 'visible';
  now = 0;
  ever = 0;

  override addEventListener(type: string, listener: () => void): void {
    this.now++;
    this.ever++;
    super.addEventListener(type, listener);
  }

  override removeEventListener(type: string, listener: () => void): void {
    this.now--;
    super.removeEventListener(type, listener);
  }
}

/** Lets go on what waits for a promise. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

const allButTheLast = ({ connections }: FakeTransport) => connections.slice(0, -1);

describe('over 1,000 reconnections', () => {
  test('a stream has no more timers, listeners, links and questions than after one', async () => {
    const socket = fakeTransport();
    const { signal } = new AbortController();
    let asked = 0;
    let unanswered = 0;
    // It never answers: every question is under way when its connection is lost.
    const fetch: Fetch = (_, { signal }) =>
      new Promise((_, reject) => {
        asked++;
        unanswered++;
        signal.addEventListener('abort', () => {
          unanswered--;
          reject(new Error('aborted'));
        });
      });
    const stream = connectManager({
      url: 'ws://fake',
      transport: socket.open,
      random: () => 0.5,
      signal,
      fetch,
    });
    let state: ConnectionStatus['state'] = 'idle';
    let gaps = 0;
    let recoveries = 0;
    stream.status$.subscribe((status) => ({ state } = status));
    stream.gaps$.subscribe(({ recovery$ }) => {
      gaps++;
      recovery$.subscribe(() => recoveries++);
    });
    const { source } = stream.status$ as unknown as { source: { observers: unknown[] } };
    /** What there is while a connection is ready. */
    const there = () => ({
      timers: jest.getTimerCount(),
      unanswered,
      watching: source.observers.length,
      listening: getEventListeners(signal, 'abort').length,
      links: socket.connections.filter(({ left }) => left === null).length,
    });
    const greet = async () => {
      socket.last.accept();
      socket.last.send({ type: 'ready', threadId: null });
      socket.last.send({ type: 'a', threadId: 't1' });
      await settle();
    };

    jest.advanceTimersByTime(1);
    void stream.connect();
    await greet();
    const seen = new Set<string>();
    let first: ReturnType<typeof there> | undefined;
    for (let i = 0; i < reconnections; i++) {
      ends[i % ends.length]!(socket.last);
      expect(state).toBe('waiting');
      await settle();
      // The one timer of a stream that waits is the end of that.
      jest.advanceTimersToNextTimer();
      if (i % 3 === 0) {
        socket.last.end(failures[i % failures.length]);
        jest.advanceTimersToNextTimer();
      }
      await greet();
      first ??= there();
      seen.add(JSON.stringify(there()));
    }
    expect([...seen]).toEqual([JSON.stringify(first)]);
    expect(first!.links).toBe(1);
    expect(first!.listening).toBe(1);
    expect([gaps, recoveries]).toEqual([reconnections, reconnections - 1]);
    // The list of sessions, at least.
    expect(asked).toBeGreaterThan(2 * reconnections);
    expect(allButTheLast(socket).every(({ left }) => left === 'abandoned')).toBe(true);

    await stream.close();
    await settle();
    expect(there()).toEqual({ timers: 0, unanswered: 0, watching: 0, listening: 0, links: 0 });
    expect(recoveries).toBe(gaps);
  });

  test('a page has no more listeners for its network than with one connection', async () => {
    const document = new Target();
    const page = Object.assign(new Target(), { document });
    const socket = fakeTransport();
    let hinted = 0;
    let upstream = 0;
    const connection = createConnection(
      {
        openTransport: socket.open,
        request: () => ({ url: 'ws://fake/', headers: {}, maxFrameBytes: 1_000 }),
        ping: 'ping',
        connectTimeout: 10_000,
        heartbeat: { interval: 15_000, timeout: 10_000 },
        reconnect: {
          base: 500,
          cap: 30_000,
          attempts: Infinity,
          stableAfter: 5_000,
          shouldRetry: ({ permanent }: ConnectionError) => !permanent,
        },
        random: () => 0.5,
        hints$: new Observable((subscriber) => {
          hinted++;
          return networkHints(page)
            .pipe(finalize(() => hinted--))
            .subscribe(subscriber);
        }),
        upstream$: new Observable(() => {
          upstream++;
          return () => upstream--;
        }),
        turns: createSerializer(),
      },
      { text: () => undefined, ignored: () => undefined, fault: () => undefined },
    );
    const there = () => {
      const listeners = [page.now, document.now];
      return JSON.stringify({ hinted, listeners, upstream, timers: jest.getTimerCount() });
    };
    const greet = () => {
      socket.last.accept();
      connection.ready(() => undefined);
    };
    const [ready, waiting, connecting] = [new Set<string>(), new Set<string>(), new Set<string>()];

    connection.open();
    greet();
    for (let i = 0; i < reconnections; i++) {
      ready.add(there());
      // The hints of a connection: a ping, and no more listeners.
      document.dispatchEvent(new Event('visibilitychange'));
      page.dispatchEvent(new Event('offline'));
      socket.last.end();
      waiting.add(there());
      // Sometimes the network wakes it, sometimes the time.
      if (i % 2 === 0) page.dispatchEvent(new Event('online'));
      if (i % 2 === 0) jest.advanceTimersByTime(250);
      else jest.advanceTimersToNextTimer();
      connecting.add(there());
      greet();
    }
    const listening = { hinted: 1, listeners: [2, 1] };
    const deaf = { hinted: 0, listeners: [0, 0], upstream: 0 };
    // The end of the attempt's time, the time until it is stable, and the heartbeat.
    expect([...ready]).toEqual([JSON.stringify({ ...listening, upstream: 1, timers: 3 })]);
    expect([...waiting]).toEqual([JSON.stringify({ ...listening, upstream: 0, timers: 1 })]);
    expect([...connecting]).toEqual([JSON.stringify({ ...deaf, timers: 1 })]);
    expect(page.ever).toBeGreaterThan(2 * reconnections);

    await connection.close('closed');
    expect(there()).toBe(JSON.stringify({ ...deaf, timers: 0 }));
    expect(allButTheLast(socket).every(({ left }) => left === 'abandoned')).toBe(true);
  });
});
