import { describe, expect, test } from '@jest/globals';
import { CallError, connectAppServer, type CallOptions } from 'codex-rx/node';
import { fakeTransport, marbles } from 'codex-rx/testing';
import { asyncScheduler, throwError, timer } from 'rxjs';
import { retryOverloaded } from '../../lib/app-server/calls.js';
import type { AppServerOptions } from '../../lib/node/connect-app-server.js';

type Settled = [at: number, what: unknown];

interface Stage {
  readonly at: (time: number, task: () => void) => void;
  /** Lets the server accept and greet. */
  greet(): void;
  /** Calls a method: what becomes of it, and when, in virtual time. */
  call(method: string, options?: CallOptions): Settled[];
  /** What the client has sent since the handshake, over all connections. */
  sent(): { id: number; method: string }[];
  /** Lets the server answer the call that was sent last. */
  answer(answer: object): void;
  lose(): void;
  close(): void;
}

const handshake = new Set<unknown>(['initialize', 'initialized']);

/**
 * Plays a script in virtual time. Promises settle after it: they tell what came of a call, and when
 * is told by its AbortSignal and by what was sent.
 */
async function play(
  script: (stage: Stage) => void,
  options: Partial<AppServerOptions> = {},
): Promise<void> {
  const promises: Promise<unknown>[] = [];
  marbles(() => {
    const socket = fakeTransport();
    const stream = connectAppServer({
      url: 'ws://fake',
      transport: socket.open,
      random: () => 1,
      heartbeat: false,
      reconnect: { base: 10 },
      ...options,
    });
    const frames = () =>
      socket.connections
        .flatMap((link) => link.sent)
        .map((text) => JSON.parse(text) as { id: number; method: string });
    script({
      at: (time, task) => {
        timer(time).subscribe(task);
      },
      greet() {
        socket.last.accept();
        socket.last.send({ id: frames().at(-1)!.id, result: {} });
      },
      call(method, callOptions) {
        const settled: Settled[] = [];
        const record = (what: unknown) => settled.push([asyncScheduler.now(), what]);
        promises.push(
          (stream.call as (...args: unknown[]) => Promise<unknown>)(method, {}, callOptions).then(
            record,
            record,
          ),
        );
        return settled;
      },
      sent: () => frames().filter(({ method }) => !handshake.has(method)),
      answer(answer) {
        socket.last.send({ id: frames().at(-1)!.id, ...answer });
      },
      lose() {
        socket.last.end();
      },
      close: () => void stream.close(),
    });
    timer(200_000).subscribe(() => void stream.close());
  });
  await Promise.all(promises);
}

const only = (settled: Settled[]) => {
  expect(settled).toHaveLength(1);
  return settled[0]![1];
};

const busy = { error: { code: -32001, message: 'Server overloaded; retry later.' } };

describe('a call', () => {
  test('connects, waits for the handshake, is sent, and has the result', async () => {
    let settled: Settled[] = [];
    await play(({ at, call, greet, sent, answer }) => {
      settled = call('thread/list');
      expect(sent()).toEqual([]);
      at(5, () => {
        greet();
        expect(sent()).toEqual([{ method: 'thread/list', id: 1, params: {} }]);
        answer({ result: { data: [] } });
      });
    });
    expect(only(settled)).toEqual({ data: [] });
  });

  test('that the server refuses rejects with its words', async () => {
    let settled: Settled[] = [];
    await play(({ at, call, greet, answer }) => {
      settled = call('x');
      at(1, greet);
      at(2, () => answer({ error: { code: -32600, message: 'no', data: 5 } }));
    });
    expect(only(settled)).toBeInstanceOf(CallError);
    expect(only(settled)).toMatchObject({ kind: 'refused', code: -32600, data: 5 });
  });

  test('is sent when the connection is back, once', async () => {
    let settled: Settled[] = [];
    await play(({ at, call, greet, sent, answer, lose }) => {
      at(1, greet);
      call('keep');
      at(2, () => {
        lose();
        settled = call('x');
      });
      at(12, () => expect(sent().map(({ method }) => method)).toEqual(['keep']));
      at(13, greet);
      at(14, () => {
        expect(sent().map(({ method }) => method)).toEqual(['keep', 'x']);
        answer({ result: 5 });
      });
    });
    expect(only(settled)).toBe(5);
  });

  test('in flight rejects when the connection is lost, and is never sent again', async () => {
    let [a, b]: Settled[][] = [[], []];
    let methods: string[] = [];
    await play(({ at, call, greet, sent, lose }) => {
      a = call('a');
      b = call('b');
      at(1, greet);
      at(2, lose);
      call('keep');
      at(13, greet);
      at(1_000, () => {
        methods = sent().map(({ method }) => method);
      });
    });
    for (const settled of [a!, b!]) {
      expect(only(settled)).toMatchObject({ kind: 'lost', outcomeUnknown: true });
    }
    expect(String(only(a!))).toBe(
      'CallError: a: The connection was lost. It may have been carried out: it is not sent again.',
    );
    expect(methods).toEqual(['a', 'b', 'keep']);
  });

  test.each<[string, CallOptions | undefined, number]>([
    ['of the stream', undefined, 300],
    ['of its own', { timeout: 50 }, 50],
  ])('is given up after the timeout %s, whether it was sent or not', async (_, options, ms) => {
    let [sentOne, unsent]: Settled[][] = [[], []];
    await play(
      ({ at, call, greet, lose, answer }) => {
        sentOne = call('sent', options);
        at(1, greet);
        at(ms - 1, () => call('keep', { timeout: 100_000 }));
        at(ms + 5, () => answer({ result: 'too late' }));
        at(ms + 10, () => {
          lose();
          unsent = call('unsent', options);
        });
      },
      { callTimeout: 300, connectTimeout: 100_000 },
    );
    expect(only(sentOne!)).toMatchObject({ kind: 'timeout', outcomeUnknown: true });
    expect(only(unsent!)).toMatchObject({ kind: 'timeout', outcomeUnknown: false });
    expect(String(only(unsent!))).toBe(
      `CallError: unsent: No result came within ${ms} ms. It was not sent.`,
    );
  });

  test('is given up when it is aborted, with the reason', async () => {
    const abort = new AbortController();
    let [sentOne, unsent, before]: Settled[][] = [[], [], []];
    await play(({ at, call, greet, lose, sent }) => {
      sentOne = call('sent', { signal: abort.signal });
      at(1, greet);
      at(2, () => {
        lose();
        unsent = call('unsent', { signal: abort.signal });
        abort.abort('because');
        before = call('before', { signal: abort.signal });
      });
      at(500, () => expect(sent().map(({ method }) => method)).toEqual(['sent']));
    });
    expect(only(sentOne!)).toMatchObject({ kind: 'lost' });
    expect(only(unsent!)).toMatchObject({
      kind: 'aborted',
      outcomeUnknown: false,
      cause: 'because',
    });
    expect(only(before!)).toMatchObject({ kind: 'aborted', outcomeUnknown: false });
  });

  test('that was sent and is aborted may have been carried out', async () => {
    const abort = new AbortController();
    let settled: Settled[] = [];
    await play(({ at, call, greet, answer }) => {
      settled = call('x', { signal: abort.signal });
      at(1, greet);
      at(2, () => {
        abort.abort();
        answer({ result: 5 });
      });
    });
    expect(only(settled)).toMatchObject({ kind: 'aborted', outcomeUnknown: true });
  });

  test('rejects when the stream is closed, before or after it was sent', async () => {
    let [sentOne, unsent, late]: Settled[][] = [[], [], []];
    await play(({ at, call, greet, close }) => {
      sentOne = call('sent');
      at(1, greet);
      at(2, () => {
        close();
        late = call('late');
      });
    });
    await play(({ at, call, close }) => {
      unsent = call('unsent');
      at(1, close);
    });
    expect(only(sentOne!)).toMatchObject({ kind: 'closed', outcomeUnknown: true });
    expect(only(unsent!)).toMatchObject({ kind: 'closed', outcomeUnknown: false });
    expect(only(late!)).toMatchObject({ kind: 'closed', outcomeUnknown: false });
  });

  test('is sent again to a server that is too busy, later and later, and then rejects', async () => {
    let settled: Settled[] = [];
    const counts: number[] = [];
    await play(({ at, call, greet, sent, answer }) => {
      settled = call('x');
      at(1, greet);
      let time = 2;
      for (const wait of [200, 400, 800, 1_600, 3_200, 6_400]) {
        at(time, () => answer(busy));
        at(time + wait - 1, () => counts.push(sent().length));
        at(time + wait + 1, () => counts.push(sent().length));
        time += wait + 2;
      }
      at(time, () => answer(busy));
    });
    expect(counts).toEqual([1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7]);
    expect(only(settled)).toMatchObject({ kind: 'refused', code: -32001, outcomeUnknown: false });
  });

  test('that waits to be sent again was not sent', async () => {
    let settled: Settled[] = [];
    await play(({ at, call, greet, answer }) => {
      settled = call('x', { timeout: 50 });
      at(1, greet);
      at(2, () => answer(busy));
    });
    expect(only(settled)).toMatchObject({ kind: 'timeout', outcomeUnknown: false });
  });

  test('waits for the connection if it is lost before it can be sent again', async () => {
    let settled: Settled[] = [];
    await play(({ at, call, greet, answer, lose, sent }) => {
      settled = call('x');
      at(1, greet);
      at(2, () => answer(busy));
      at(3, lose);
      at(300, () => {
        expect(sent()).toHaveLength(1);
        greet();
      });
      at(301, () => answer({ result: 5 }));
    });
    expect(only(settled)).toBe(5);
  });

  test.each<[string, unknown, CallOptions | undefined, string]>([
    ['no method', '', undefined, 'method'],
    ['a method that is no text', 5, undefined, 'method'],
    ['a signal that is none', 'x', { signal: {} as AbortSignal }, 'signal'],
    ['a timeout below 0', 'x', { timeout: -1 }, 'timeout'],
    ['a timeout that is no number', 'x', { timeout: '5' as never }, 'timeout'],
  ])('with %s is a TypeError that names it', async (_, method, options, name) => {
    await play(({ call }) => {
      expect(() => call(method as string, options)).toThrow(TypeError);
      expect(() => call(method as string, options)).toThrow(`"${name}" must be`);
    });
  });
});

describe('retryOverloaded', () => {
  test('lets every other error pass', () => {
    marbles(({ expectObservable }) => {
      const error = new CallError('refused', 'x', 'no', false, -32600);
      const other = new Error('other');
      const tries = (thrown: Error) => throwError(() => thrown).pipe(retryOverloaded(() => 1));
      expectObservable(tries(error)).toBe('#', undefined, error);
      expectObservable(tries(other)).toBe('#', undefined, other);
    });
  });
});
