import { afterEach, describe, expect, jest, test } from '@jest/globals';
import {
  connectManager,
  createRouter,
  EnvelopeError,
  forThread,
  ofType,
  type ConnectionStatus,
  type Gap,
  type ManagerOptions,
  type ManagerStream,
  type Recovery,
  type StreamContext,
  type StreamMetrics,
  type StreamRouter,
} from 'codex-rx';
import { envelope, fakeTransport, marbles, type FakeTransport } from 'codex-rx/testing';
import { asyncScheduler, EMPTY, map, NEVER, Subject, take, throwError, timer } from 'rxjs';
import { createStream } from '../../lib/stream/create-stream.js';

const now = () => asyncScheduler.now();

interface Stage {
  readonly stream: ManagerStream;
  readonly socket: FakeTransport;
  at(time: number, task: () => void): void;
  log(entry: string): void;
  /** Lets the last socket open and be ready. */
  greet(): void;
  /** Sends an event of this type. */
  event(type: string): void;
}

/** Plays a script in virtual time: what was logged. Events, gaps and the end are logged with their time. */
function play(options: Partial<ManagerOptions>, script: (stage: Stage) => void): string[] {
  const entries: string[] = [];
  marbles(() => {
    const socket = fakeTransport();
    const log = (entry: string) => entries.push(`${now()} ${entry}`);
    const stream = connectManager({
      url: 'ws://fake',
      transport: socket.open,
      random: () => 1,
      heartbeat: false,
      linger: 20,
      reconnect: { base: 10 },
      ...options,
    });
    stream.gaps$.subscribe({
      next: (gap) =>
        log(`gap ${gap.connection}: ${gap.since} + ${gap.duration} after ${gap.last?.type}`),
      complete: () => log('gaps$ complete'),
    });
    script({
      stream,
      socket,
      log,
      at: (time, task) => {
        timer(time).subscribe(() => {
          task();
        });
      },
      greet() {
        socket.last.accept();
        socket.last.send({ type: 'ready', threadId: null });
      },
      event(type) {
        socket.last.send({ type, threadId: 't1', payload: {} });
      },
    });
  });
  return entries;
}

const short = (status: ConnectionStatus) => (status.state === 'open' ? status.phase : status.state);

const states = ({ stream, log }: Stage) =>
  stream.status$.subscribe((status) => {
    log(short(status));
  });

const watch = ({ stream, log }: Stage, name = 'event') =>
  stream.events$.subscribe({
    next: ({ type }) => {
      log(`${name} ${type}`);
    },
    error: () => {
      log(`${name}: error`);
    },
    complete: () => {
      log(`${name}: complete`);
    },
  });

const unhandled = jest.fn();
process.on('unhandledRejection', unhandled);

afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).not.toHaveBeenCalled();
  jest.restoreAllMocks();
});

describe('the life of a stream', () => {
  test('it opens nothing until somebody connects or subscribes', () => {
    const log = play({}, (stage) => {
      states(stage);
      stage.stream.on(ofType('a'), () => undefined);
      stage.at(5, () => watch(stage));
      stage.at(9, () => void stage.stream.close());
    });
    expect(log.slice(0, 2)).toEqual(['0 idle', '5 connecting']);
  });

  test('many share one connection', () => {
    let links = 0;
    const log = play({}, (stage) => {
      watch(stage, 'A');
      watch(stage, 'B');
      void stage.stream.connect();
      stage.at(1, stage.greet);
      stage.at(2, () => watch(stage, 'C'));
      stage.at(3, () => stage.event('x'));
      stage.at(4, () => {
        links = stage.socket.connections.length;
        void stage.stream.close();
      });
    });
    expect(links).toBe(1);
    expect(log.slice(0, 3)).toEqual(['3 A x', '3 B x', '3 C x']);
  });

  test('it is hot: who comes late does not get what was', () => {
    const log = play({}, (stage) => {
      watch(stage, 'A');
      stage.at(1, () => {
        stage.greet();
        stage.event('x');
        watch(stage, 'B');
        stage.event('y');
      });
      stage.at(2, () => void stage.stream.close());
    });
    expect(log.filter((entry) => entry.includes('B'))).toEqual(['1 B y', '2 B: complete']);
  });

  test('handlers that were registered before it connects miss nothing', () => {
    const log = play({}, ({ stream, socket, at, greet, event, log }) => {
      stream.on(ofType('x'), (event) => {
        log(`handler ${event.type}`);
      });
      void stream.connect();
      at(1, () => {
        socket.last.accept();
        event('x');
        greet();
        event('x');
      });
      at(2, () => void stream.close());
    });
    expect(log.slice(0, 2)).toEqual(['1 handler x', '1 handler x']);
  });

  test('after the last subscriber it rests a while later, and opens with the next', () => {
    const left: unknown[] = [];
    const log = play({}, (stage) => {
      states(stage);
      const one = watch(stage);
      const other = watch(stage);
      stage.at(1, stage.greet);
      stage.at(2, () => {
        one.unsubscribe();
      });
      stage.at(30, () => {
        other.unsubscribe();
        other.unsubscribe();
      });
      stage.at(51, () => {
        left.push(stage.socket.last.left);
        watch(stage);
      });
      stage.at(52, stage.greet);
      stage.at(60, () => void stage.stream.close());
    });
    expect(log).toEqual([
      '0 idle',
      '0 connecting',
      '1 opened',
      '1 ready',
      '50 idle',
      '51 connecting',
      '52 opened',
      '52 ready',
      '52 gap 2: 1 + 51 after undefined',
      '60 closed',
      '60 event: complete',
      '60 gaps$ complete',
    ]);
    expect(left).toEqual(['closed']);
  });

  test('a subscriber or connect() in the meantime keeps it open', () => {
    for (const keep of ['subscribe', 'connect'] as const) {
      const log = play({}, (stage) => {
        states(stage);
        watch(stage).unsubscribe();
        stage.at(1, stage.greet);
        stage.at(19, () => {
          if (keep === 'connect') void stage.stream.connect();
          else watch(stage);
        });
        stage.at(100, () => void stage.stream.close());
      });
      expect(log.slice(0, 5)).toEqual([
        '0 idle',
        '0 connecting',
        '1 opened',
        '1 ready',
        '100 closed',
      ]);
    }
  });

  test('what keepOpen() holds open is open without subscribers, and rests when it is let go', () => {
    const log = play({}, (stage) => {
      states(stage);
      const hold = stage.stream.keepOpen();
      stage.at(1, stage.greet);
      stage.at(2, () => {
        watch(stage).unsubscribe();
      });
      stage.at(100, () => {
        hold.unsubscribe();
        hold.unsubscribe();
      });
      stage.at(200, () => {
        void stage.stream.close();
        stage.stream.keepOpen();
      });
    });
    expect(log).toEqual([
      '0 idle',
      '0 connecting',
      '1 opened',
      '1 ready',
      '120 idle',
      '200 closed',
      '200 gaps$ complete',
    ]);
  });

  test('after connect() subscribers come and go', () => {
    const log = play({}, (stage) => {
      states(stage);
      void stage.stream.connect();
      stage.at(1, stage.greet);
      const one = watch(stage);
      stage.at(2, () => {
        one.unsubscribe();
      });
      stage.at(100, () => void stage.stream.close());
    });
    expect(log).not.toContain('22 idle');
  });

  test('nobody listening cancels the retry', () => {
    const log = play({ reconnect: { base: 1_000 } }, (stage) => {
      states(stage);
      stage.stream.events$.pipe(take(1)).subscribe();
      stage.at(1, () => {
        stage.greet();
        stage.event('x');
      });
      stage.at(2, () => {
        stage.socket.last.end();
      });
      stage.at(5_000, () => void stage.stream.close());
    });
    expect(log.slice(4, 7)).toEqual(['2 waiting', '21 idle', '5000 closed']);
  });

  test('a subscriber that comes after the end is told of it, and leaves no timer', () => {
    const log = play({}, (stage) => {
      void stage.stream.close();
      const schedule = jest.spyOn(asyncScheduler, 'schedule');
      watch(stage, 'late');
      stage.stream.malformed$.subscribe({ complete: () => stage.log('malformed$ complete') });
      stage.stream.control$.subscribe({ complete: () => stage.log('control$ complete') });
      const timers = schedule.mock.results.map(({ value }) => value as { closed: boolean });
      expect(timers.filter(({ closed }) => !closed)).toEqual([]);
      stage.at(1, () => {
        stage.log(`${stage.socket.connections.length} links`);
      });
    });
    expect(log).toEqual([
      '0 gaps$ complete',
      '0 late: complete',
      '0 malformed$ complete',
      '0 control$ complete',
      '1 0 links',
    ]);
  });

  test('events$ outlives every failure, and completes when there is no coming back', () => {
    const log = play({ reconnect: { base: 10, attempts: 2 } }, (stage) => {
      watch(stage);
      stage.at(1, () => {
        stage.socket.last.end({ kind: 'failed', error: new Error('no') });
      });
      stage.at(12, () => {
        stage.socket.last.end({ kind: 'failed', error: new Error('no') });
      });
    });
    expect(log).toEqual(['12 event: complete', '12 gaps$ complete']);
  });
});

/** A stream in real time, for its promises. */
function start(options: Partial<ManagerOptions> = {}) {
  const socket = fakeTransport();
  const stream = connectManager({
    url: 'ws://fake',
    transport: socket.open,
    heartbeat: false,
    ...options,
  });
  const greet = () => {
    socket.last.accept();
    socket.last.send({ type: 'ready', threadId: null });
  };
  return { stream, socket, greet };
}

describe('connect()', () => {
  test('resolves when the server is ready, and not before', async () => {
    const { stream, socket } = start();
    let done = false;
    const ready = stream.connect().then(() => (done = true));
    socket.last.accept();
    await Promise.resolve();
    await Promise.resolve();
    expect(done).toBe(false);
    socket.last.send({ type: 'ready', threadId: null });
    await ready;
    await stream.connect();
    expect(socket.connections).toHaveLength(1);
    await stream.close();
  });

  test('rejects with what is wrong, and nobody has to listen to it', async () => {
    const { stream, socket } = start();
    void stream.connect();
    const ready = stream.connect();
    socket.last.end({ kind: 'refused', status: 401 });
    await expect(ready).rejects.toMatchObject({
      name: 'ConnectionError',
      kind: 'refused',
      code: 401,
    });
    await expect(stream.connect()).rejects.toMatchObject({ kind: 'refused' });
  });

  test.each([
    ['closed', (stream: ManagerStream) => stream.close()],
    ['aborted', (_: ManagerStream, abort: AbortController) => abort.abort()],
  ] as const)('rejects if the stream is %s before it was ready', async (how, end) => {
    const controller = new AbortController();
    const { stream } = start({ signal: controller.signal });
    const ready = stream.connect();
    void end(stream, controller);
    await expect(ready).rejects.toMatchObject({
      name: 'ConnectionError',
      permanent: true,
      message: `The stream was ${how} before it was ready.`,
    });
  });
});

describe('close()', () => {
  /** Links whose goodbye the test answers. */
  function slow() {
    const goodbyes: (() => void)[] = [];
    const fake = fakeTransport();
    const stream = connectManager({
      url: 'ws://fake',
      heartbeat: false,
      transport: (request, events) => ({
        ...fake.open(request, events),
        close: (closed) => goodbyes.push(closed),
      }),
    });
    return { stream, fake, goodbyes };
  }

  const isDone = async (promise: Promise<void>) => {
    let done = false;
    void promise.then(() => (done = true));
    await new Promise((resolve) => setImmediate(resolve));
    return done;
  };

  test('resolves when the socket is closed, for everyone who calls it', async () => {
    const { stream, goodbyes } = slow();
    void stream.connect();
    const first = stream.close();
    const second = stream[Symbol.asyncDispose]();
    expect(await isDone(first)).toBe(false);
    expect(await isDone(second)).toBe(false);
    expect(goodbyes).toHaveLength(1);
    goodbyes[0]!();
    await Promise.all([first, second, stream.close()]);
  });

  test('waits for the socket too when it is called by one who is told of the end', async () => {
    const { stream, goodbyes } = slow();
    const closings: Promise<void>[] = [];
    stream.events$.subscribe({ complete: () => closings.push(stream.close()) });
    closings.push(stream.close());
    for (const closing of closings) expect(await isDone(closing)).toBe(false);
    goodbyes[0]!();
    await Promise.all(closings);
    expect(closings).toHaveLength(2);
  });

  test('resolves at once if there is no socket', async () => {
    const { stream } = start();
    await stream.close();
  });

  test('is what disposing does', async () => {
    const { stream, socket, greet } = start();
    const ready = stream.connect();
    greet();
    await ready;
    await stream[Symbol.asyncDispose]();
    expect(socket.last.left).toBe('closed');
  });

  test('inside a handler: the others still see the event, and none after it', () => {
    const log = play({}, (stage) => {
      stage.stream.on(ofType('x'), () => void stage.stream.close());
      stage.stream.on(ofType('x'), () => {
        stage.log('second handler');
      });
      watch(stage);
      stage.at(1, () => {
        stage.greet();
        stage.event('x');
        stage.event('y');
      });
    });
    expect(log).toEqual(['1 second handler', '1 event x', '1 event: complete', '1 gaps$ complete']);
  });
});

describe('an AbortSignal', () => {
  test('closes the stream', () => {
    const controller = new AbortController();
    const log = play({ signal: controller.signal }, (stage) => {
      states(stage);
      watch(stage);
      stage.at(1, stage.greet);
      stage.at(2, () => {
        controller.abort();
      });
    });
    expect(log.slice(3)).toEqual(['1 ready', '2 closed', '2 event: complete', '2 gaps$ complete']);
  });

  test('that is aborted already leaves a stream that never opens', async () => {
    const { stream, socket } = start({ signal: AbortSignal.abort() });
    const seen: ConnectionStatus[] = [];
    stream.status$.subscribe((status) => seen.push(status));
    stream.events$.subscribe();
    await expect(stream.connect()).rejects.toMatchObject({ name: 'ConnectionError' });
    await stream.close();
    expect(seen).toEqual([{ state: 'closed', reason: 'aborted', error: null }]);
    expect(socket.connections).toHaveLength(0);
  });

  test('is let go of when the stream ends otherwise', async () => {
    const { signal } = new AbortController();
    const removed = jest.spyOn(signal, 'removeEventListener');
    const added = jest.spyOn(signal, 'addEventListener');
    const { stream } = start({ signal });
    await stream.close();
    expect(removed.mock.calls).toEqual(added.mock.calls);
    expect(added).toHaveBeenCalledTimes(1);
  });
});

describe('events', () => {
  test('reach the router before the subscribers', () => {
    const log = play({}, (stage) => {
      watch(stage);
      stage.stream.on(forThread('t1'), ({ type }) => {
        stage.log(`handler ${type}`);
      });
      stage.at(1, () => {
        stage.greet();
        stage.event('x');
        void stage.stream.close();
      });
    });
    expect(log.slice(0, 2)).toEqual(['1 handler x', '1 event x']);
  });

  test('that come while others are told keep their order for everyone', () => {
    const log = play({}, (stage) => {
      stage.stream.events$.subscribe(({ type }) => {
        stage.log(`A ${type}`);
        if (type === 'x') {
          stage.event('y');
          stage.socket.last.sendText('nonsense');
          stage.socket.last.end();
        }
      });
      watch(stage, 'B');
      stage.stream.malformed$.subscribe(() => {
        stage.log('malformed');
      });
      states(stage);
      stage.at(1, () => {
        stage.greet();
        stage.event('x');
      });
      stage.at(5, () => void stage.stream.close());
    });
    expect(log.filter((entry) => entry.startsWith('1 '))).toEqual([
      '1 opened',
      '1 ready',
      '1 A x',
      '1 B x',
      '1 A y',
      '1 B y',
      '1 malformed',
      '1 waiting',
    ]);
  });

  test('come with their context: the thread as the server told it, the connection, the time', () => {
    const contexts: StreamContext[] = [];
    play({ threadId: 'asked' }, (stage) => {
      stage.stream.on(ofType('x'), (_, context) => {
        contexts.push(context);
      });
      void stage.stream.connect();
      stage.at(1, () => {
        stage.socket.last.accept();
        stage.event('x');
        stage.socket.last.send({ type: 'ready', threadId: 'told' });
      });
      stage.at(2, () => {
        stage.event('x');
        stage.socket.last.end();
      });
      stage.at(13, () => {
        stage.greet();
        stage.event('x');
        void stage.stream.close();
      });
    });
    expect(contexts).toEqual([
      { threadId: 'asked', connection: 1, reconnects: 0, receivedAt: 1 },
      { threadId: 'told', connection: 1, reconnects: 0, receivedAt: 2 },
      { threadId: null, connection: 2, reconnects: 1, receivedAt: 13 },
    ]);
  });

  test('go to a router of your own', () => {
    const router = createRouter();
    play({ router }, ({ stream, at, greet, event }) => {
      expect(stream.router).toBe(router);
      void stream.connect();
      at(1, () => {
        greet();
        event('x');
        void stream.close();
      });
    });
    expect(router.stats.dispatched).toBe(1);
  });

  test.each<[string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('broken router');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken router'))],
  ])('survive a router that %s in dispatch', async (_, dispatch) => {
    const complaints = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const router: StreamRouter = {
      on: createRouter().on,
      dispatch,
      errors$: new Subject<never>(),
    };
    const log = play({ router }, (stage) => {
      watch(stage);
      stage.at(1, () => {
        stage.greet();
        stage.event('x');
        stage.event('y');
      });
      stage.at(2, () => void stage.stream.close());
    });
    expect(log.slice(0, 2)).toEqual(['1 event x', '1 event y']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(complaints.mock.calls).toEqual(
      Array(2).fill([expect.stringContaining('dispatch failed'), new Error('broken router')]),
    );
  });
});

describe('gaps$', () => {
  test('tells of each coming back before the first new event, and of what was last', () => {
    const log = play({}, (stage) => {
      watch(stage);
      stage.at(1, () => {
        stage.greet();
        stage.event('x');
      });
      stage.at(5, () => {
        stage.socket.last.send({ type: 'pong' });
      });
      stage.at(7, () => {
        stage.socket.last.end();
      });
      stage.at(18, () => {
        stage.greet();
        stage.event('y');
      });
      stage.at(19, () => {
        stage.socket.last.end();
      });
      stage.at(40, stage.greet);
      stage.at(41, () => void stage.stream.close());
    });
    expect(log.slice(0, 5)).toEqual([
      '1 event x',
      '18 gap 2: 5 + 13 after x',
      '18 event y',
      '40 gap 3: 18 + 22 after y',
      '41 event: complete',
    ]);
  });

  test('knows no gap before the stream was ready for the first time', () => {
    const gaps: Gap[] = [];
    play({}, (stage) => {
      stage.stream.gaps$.subscribe((gap) => gaps.push(gap));
      void stage.stream.connect();
      stage.at(1, () => {
        stage.socket.last.accept();
        stage.socket.last.sendText('nonsense');
        stage.socket.last.end();
      });
      stage.at(20, stage.greet);
      stage.at(21, () => void stage.stream.close());
    });
    expect(gaps).toEqual([]);
  });

  test('tells of a coming back at any time, even if nothing came since time 0', () => {
    marbles(({ stream, expectObservable }) => {
      const source = stream('--!-----^--|');
      const gaps = '         --------g--|';
      const gaps$ = source.gaps$.pipe(map(({ since, duration }) => [since, duration]));
      expectObservable(gaps$).toBe(gaps, { g: [0, 8] });
      void source.connect();
    });
  });

  test('counts from the last frame of the connection that was ready', () => {
    const log = play({}, (stage) => {
      void stage.stream.connect();
      stage.at(1, stage.greet);
      stage.at(3, () => {
        stage.event('x');
        stage.socket.last.end();
      });
      stage.at(14, () => {
        stage.socket.last.accept();
        stage.socket.last.sendText('nonsense');
        stage.socket.last.end();
      });
      stage.at(50, () => {
        stage.socket.last.accept();
        stage.socket.last.send({ type: 'error', message: 'not yet' });
      });
      stage.at(52, () => {
        stage.socket.last.send({ type: 'ready', threadId: null });
        void stage.stream.close();
      });
    });
    expect(log[0]).toBe('52 gap 3: 3 + 49 after x');
  });
});

describe('recovery$ of a gap', () => {
  /** Is lost at 10 and back at 20, with a resync: what its gaps told of their recovery. */
  function recoveries(resync: ManagerOptions['resync'], script?: (stage: Stage) => void): string[] {
    return play(resync === undefined ? {} : { resync }, (stage) => {
      const { stream, socket, at, log, greet } = stage;
      stream.gaps$.subscribe((gap) => {
        const told = (recovery: Recovery) =>
          `${recovery.recovered.map(({ type }) => type).join()} ${recovery.complete} ${recovery.error?.message}`;
        gap.recovery$.subscribe({
          next: (recovery) => log(told(recovery)),
          complete: () => log('that is all'),
        });
        // Also who asks late is told.
        at(50, () => gap.recovery$.subscribe((recovery) => log(`late: ${told(recovery)}`)));
      });
      void stream.connect();
      at(1, greet);
      at(10, () => socket.last.end());
      at(21, greet);
      script?.(stage);
      at(99, () => void stream.close());
    }).filter((entry) => !entry.includes('gap'));
  }

  const known = { recovered: [envelope('approval')], complete: true, error: null };

  test('is what the resync answers, now or later', () => {
    const expected = ['approval true undefined', 'that is all', 'late: approval true undefined'];
    expect(recoveries(() => known)).toEqual(
      expected.map((told, i) => `${i < 2 ? 21 : 71} ${told}`),
    );
    expect(recoveries(() => timer(5).pipe(map(() => known)))).toEqual(
      expected.map((told, i) => `${i < 2 ? 26 : 71} ${told}`),
    );
  });

  test('the resync begins after the gap was told, is given it, and keeps no event waiting', () => {
    const log = play(
      { resync: ({ connection }) => (order.push(`resync ${connection}`), NEVER) },
      (stage) => {
        const { stream, socket, at, greet } = stage;
        stream.gaps$.subscribe(({ connection }) => order.push(`gap ${connection}`));
        watch(stage);
        at(1, greet);
        at(10, () => socket.last.end());
        at(21, greet);
        at(22, () => stage.event('b'));
        at(30, () => void stream.close());
      },
    );
    expect(order).toEqual(['gap 2', 'resync 2']);
    expect(log).toContain('22 event b');
  });
  const order: string[] = [];

  test.each<[string, ManagerOptions['resync'], string]>([
    [
      'that throws',
      () => {
        throw new Error('boom');
      },
      'boom',
    ],
    ['that fails with something odd', () => throwError(() => 'odd'), 'The resync failed.'],
    ['without an answer', () => EMPTY, 'The resync had no answer.'],
    ['that is none', false, 'undefined'],
    ['that is not given, without a fetch', undefined, 'undefined'],
  ])('a resync %s recovers nothing, and harms nothing', (_, resync, message) => {
    expect(recoveries(resync)[0]).toBe(`21  false ${message}`);
  });

  test('a resync is aborted when the connection is lost meanwhile', () => {
    const signals: AbortSignal[] = [];
    const resync = (_gap: Gap, signal: AbortSignal) => {
      signals.push(signal);
      return NEVER;
    };
    const log = recoveries(resync, ({ socket, at }) => {
      at(30, () => socket.last.end());
    });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(log.slice(0, 2)).toEqual([
      '30  false The connection was lost before the resync had an answer.',
      '30 that is all',
    ]);
  });
});

describe('metrics()', () => {
  test('counts frames by what became of them, and events that were handed on', () => {
    const seen: StreamMetrics[] = [];
    play({ ignore: ['notification'] }, ({ stream, socket, greet, event }) => {
      seen.push(stream.metrics());
      stream.on(ofType('b'), () => NEVER, { name: 'stuck' });
      void stream.connect();
      greet();
      for (const type of ['a', 'b', 'b', 'b']) event(type);
      event('notification');
      socket.last.sendText('no json');
      seen.push(stream.metrics());
      void stream.close();
    });
    expect(seen).toEqual([
      {
        received: 0,
        bytes: 0,
        parsed: 0,
        ignored: 0,
        malformed: 0,
        dispatched: 0,
        queued: 0,
        slowest: null,
      },
      {
        received: 7,
        bytes: 32 + 4 * 41 + 52 + 7,
        parsed: 5,
        ignored: 1,
        malformed: 1,
        dispatched: 4,
        queued: 2,
        slowest: null,
      },
    ]);
  });

  test('knows the slowest handler, of those that are waited for to their end', () => {
    const slowest: unknown[] = [];
    play({}, ({ stream, at, greet, event }) => {
      stream.on(ofType('a'), () => timer(7), { name: 'quick' });
      stream.on(ofType('a'), () => timer(20), { name: 'slow' });
      void stream.connect();
      at(1, greet);
      at(2, () => event('a'));
      at(40, () => slowest.push(stream.metrics().slowest));
      at(41, () => void stream.close());
    });
    expect(slowest).toEqual([{ route: 'slow', ms: 20 }]);
  });

  test('of a router that does not show its routes tell of no queue', () => {
    const seen: StreamMetrics[] = [];
    const router: StreamRouter = { on: createRouter().on, dispatch() {}, errors$: NEVER };
    play({ router }, ({ stream, greet, event }) => {
      void stream.connect();
      greet();
      event('a');
      seen.push(stream.metrics());
      void stream.close();
    });
    expect(seen).toMatchObject([{ dispatched: 1, queued: 0, slowest: null }]);
  });
});

describe('a slow handler', () => {
  test('delays no other handler, no event and no ping', () => {
    const heartbeat = { interval: 500, timeout: 100 };
    const log = play({ heartbeat }, (stage) => {
      const { stream, socket, at, greet, event, log } = stage;
      stream.on(ofType('a'), () => timer(2_000));
      stream.on(ofType('a'), () => {
        log('other');
      });
      void stream.connect();
      greet();
      for (const time of [1, 2, 3]) at(time, () => event('a'));
      for (const time of [504, 1_005, 1_506]) {
        at(time, () => {
          log(`${socket.last.sent.length} pings`);
          socket.last.send({ type: 'pong' });
        });
      }
      at(1_900, () => void stream.close());
    });
    expect(log).toEqual([
      '1 other',
      '2 other',
      '3 other',
      '504 1 pings',
      '1005 2 pings',
      '1506 3 pings',
      '1900 gaps$ complete',
    ]);
  });
});

describe('malformed$', () => {
  test('tells what was wrong with a frame, with no more of it than shows how it begins', () => {
    const frames: unknown[] = [];
    play({ transport: oneFault }, ({ stream, at }) => {
      stream.malformed$.subscribe((frame) => frames.push(frame));
      void stream.connect();
      at(9, () => void stream.close());
    });
    expect(frames).toEqual([
      {
        reason: 'too-large',
        message: expect.stringContaining('The frame is '),
        excerpt: `${'x'.repeat(199)}…`,
        bytes: 5_000,
        connection: 1,
        receivedAt: 3,
      },
    ]);
  });

  test('a frame that its dialect cannot read harms nothing', () => {
    const seen: unknown[] = [];
    marbles(() => {
      const socket = fakeTransport();
      const stream = createStream(
        {
          threadId: () => null,
          read(text) {
            throw new EnvelopeError('no-type', text);
          },
        },
        {
          openTransport: socket.open,
          request: () => ({ url: 'ws://fake', headers: {}, maxFrameBytes: 9 }),
          ping: '',
          connectTimeout: 10,
          heartbeat: null,
          reconnect: null,
          random: () => 1,
          router: undefined,
          signal: undefined,
          linger: 0,
          hints$: NEVER,
          upstream$: NEVER,
          resync: null,
          log: false,
        },
      );
      stream.malformed$.subscribe(({ reason, excerpt }) => seen.push([reason, excerpt]));
      stream.events$.subscribe();
      socket.last.accept();
      socket.last.sendText('a');
      socket.last.sendText('b');
      void stream.close();
    });
    expect(seen).toEqual([
      ['no-type', 'a'],
      ['no-type', 'b'],
    ]);
  });
});

const oneFault: NonNullable<ManagerOptions['transport']> = (_request, events) => {
  timer(2).subscribe(() => {
    events.opened();
  });
  timer(3).subscribe(() => {
    events.fault('too-large', 5_000, 'x'.repeat(1_000));
  });
  return { send() {}, close: (closed) => closed(), abandon() {} };
};
