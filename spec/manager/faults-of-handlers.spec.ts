import { describe, expect, jest, test } from '@jest/globals';
import {
  forThread,
  ofAppServer,
  ofPrefix,
  ofTurnStarted,
  ofType,
  type HandlerError,
  type Matcher,
} from 'codex-rx';
import { readRecording } from 'codex-rx/recording';
import type { ProxyFaults } from 'codex-rx/testing';
import { readFileSync } from 'node:fs';
import { filter, firstValueFrom, NEVER, type Observable } from 'rxjs';
import {
  connect,
  next,
  startManager,
  startProxy,
  streamOf,
  waits,
} from '../requests/stage-manager.js';

describe('what other clients get wrong about events and handlers', () => {
  test('1. serial awaits: a slow handler delays neither the events after it nor the heartbeat', async () => {
    const server = await startManager();
    const stream = await connect(server, { heartbeat: { interval: 20, timeout: 50 } });
    const seen: string[] = [];
    const slow = stream.on(ofType('a'), () => new Promise(() => undefined));
    stream.on(ofPrefix(''), ({ type }) => {
      seen.push(type);
    });
    for (const type of ['a', 'b', 'c', 'd', 'e']) server.send({ type, threadId: 't' });
    await next(stream.events$, ({ type }) => type === 'e');
    for (let pongs = 0; pongs < 3; pongs++) {
      await next(stream.control$, ({ type }) => type === 'pong');
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(slow.stats.running).toBe(1);
  });

  test('1. serial awaits: with `merge`, a slow handler delays not even its own events', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const slow = stream.on(ofType('a'), () => NEVER, { strategy: 'merge' });
    for (const type of ['a', 'a', 'a', 'b']) server.send({ type, threadId: 't' });
    await next(stream.events$, ({ type }) => type === 'b');
    expect(slow.stats.running).toBe(3);
  });

  test('2. frames of more than 1 MiB: they arrive, and so does what comes after them', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const got: [string, number][] = [];
    stream.events$.subscribe(({ type, payload }) => got.push([type, String(payload).length]));
    server.send({ type: 'big', threadId: 't', payload: 'x'.repeat(1_100_000) } as never);
    server.send({ type: 'after', threadId: 't', payload: '' } as never);
    await next(stream.events$, ({ type }) => type === 'after');
    expect(got).toEqual([
      ['big', 1_100_000],
      ['after', 0],
    ]);
    expect(await firstValueFrom(stream.status$)).toMatchObject({ state: 'open', connection: 1 });
  });

  test('8. a turn that starts with each item: ofTurnStarted tells it once', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const started: string[] = [];
    const items: string[] = [];
    stream.on(ofTurnStarted(), ({ payload }) => {
      started.push(payload.params.turn.id);
    });
    stream.on(ofAppServer('item/started'), ({ payload }) => {
      items.push(payload.params.item.type);
    });
    const file = new URL('../recordings/codex-manager/01-plain-turn.jsonl', import.meta.url);
    const ended = next(stream.events$, ofAppServer('turn/completed').test);
    await server.play(readRecording(readFileSync(file, 'utf8')));
    await ended;
    expect(items).toEqual(['userMessage', 'reasoning', 'agentMessage']);
    expect(started).toHaveLength(1);
  });

  test('9. malformed frames that vanish, or get a type: each is told, with its reason', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const told: string[] = [];
    const seen: string[] = [];
    stream.malformed$.subscribe(({ reason, excerpt }) => told.push(`${reason}: ${excerpt}`));
    stream.events$.subscribe(({ type }) => seen.push(type));
    const [socket] = server.sockets;
    for (const text of ['not json', '[1]', '{"payload":{}}', '{"type":5}']) socket!.sendRaw(text);
    socket!.sendRaw(Buffer.from('{"type":"binary"}'));
    socket!.sendRaw('{"type":"a","threadId":5}');
    socket!.sendRaw('{"type":"the last"}');
    await next(stream.events$);
    expect(told).toEqual([
      'not-json: not json',
      'not-an-object: [1]',
      'no-type: {"payload":{}}',
      'no-type: {"type":5}',
      'binary: {"type":"binary"}',
      'bad-thread-id: {"type":"a","threadId":5}',
    ]);
    expect(seen).toEqual(['the last']);
  });

  test('9. an error frame without its message: it is told whole, and is no event', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const seen: string[] = [];
    stream.events$.subscribe(({ type }) => seen.push(type));
    const told = next(stream.control$);
    server.sockets[0]!.send({ type: 'error', message: 'invalid websocket command' });
    server.send({ type: 'the last', threadId: 't' });
    await next(stream.events$);
    expect(await told).toEqual({ type: 'error', message: 'invalid websocket command' });
    expect(seen).toEqual(['the last']);
  });

  test.each([401, 403, 404])(
    '10. a refusal that is tried for ever: HTTP status %i ends the stream, and is told',
    async (status) => {
      let asked = 0;
      const server = await startManager(undefined, { refuse: () => (asked++, status) });
      const stream = streamOf(server);
      const refused = { kind: 'refused', code: status, permanent: true };
      await expect(stream.connect()).rejects.toMatchObject(refused);
      expect(await firstValueFrom(stream.status$)).toMatchObject({
        state: 'closed',
        reason: 'failed',
        error: refused,
      });
      expect(asked).toBe(1);
    },
  );

  test.each<[string, ProxyFaults, ProxyFaults, object]>([
    ['HTTP 503', { answer: 503 }, { answer: null }, { kind: 'refused', code: 503 }],
    ['a reset', { refuse: true }, { refuse: false }, { kind: 'unreachable' }],
    ['silence', { stall: true }, { stall: false }, { kind: 'timeout' }],
  ])(
    '10. failures that nobody sees: %s is told with its reason, and tried again',
    async (_, faults, sound, reason) => {
      const proxy = await startProxy(await startManager());
      proxy.set(faults);
      const stream = streamOf(proxy, { connectTimeout: 200 });
      const isReadyNow = stream.connect();
      expect((await waits(stream)).error).toMatchObject({ ...reason, permanent: false });
      proxy.set(sound);
      await isReadyNow;
    },
  );

  describe('10. a failure of a handler that is swallowed', () => {
    const boom = new Error('boom');
    const failing: readonly [string, () => unknown][] = [
      [
        'throws',
        () => {
          throw boom;
        },
      ],
      ['rejects', () => Promise.reject(boom)],
    ];

    test.each(failing)('it %s: without a listener the console tells', async (_, fail) => {
      const server = await startManager();
      const stream = await connect(server);
      const printed: HandlerError[] = [];
      const error = jest.spyOn(console, 'error').mockImplementation((_, cause: HandlerError) => {
        printed.push(cause);
      });
      try {
        stream.on(ofType('a'), fail, { name: 'mine' });
        for (const type of ['a', 'the last']) server.send({ type, threadId: 't' });
        await next(stream.events$, ({ type }) => type === 'the last');
      } finally {
        error.mockRestore();
      }
      expect(printed).toMatchObject([{ route: 'mine', envelope: { type: 'a' }, cause: boom }]);
    });

    test.each(failing)('it %s: errors$ tells who listens', async (_, fail) => {
      const server = await startManager();
      const stream = await connect(server);
      const told = next(stream.router.errors$);
      stream.on(ofType('a'), fail, { name: 'mine' });
      server.send({ type: 'a', threadId: 't' });
      expect(await told).toMatchObject({ route: 'mine', envelope: { type: 'a' }, cause: boom });
    });
  });

  test('17. a socket for each thread: any number of threads share one', async () => {
    const server = await startManager();
    const stream = await connect(server, { heartbeat: { interval: 5 } });
    const threads = Array.from({ length: 20 }, (_, i) => `t${i}`);
    const seen: string[] = [];
    for (const id of threads) {
      stream.on(forThread(id), ofType('a'), ({ threadId }) => {
        seen.push(`${id} ${threadId}`);
      });
    }
    await next(stream.control$, ({ type }) => type === 'pong');
    for (const threadId of threads) server.send({ type: 'a', threadId });
    await next(stream.events$, ({ threadId }) => threadId === 't19');
    expect(seen).toEqual(threads.map((id) => `${id} ${id}`));
    expect(server.sockets).toHaveLength(1);
  });

  test('17. a scan of all matchers: of 1,000 routes, an event asks those of its type alone', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const asked: string[] = [];
    const ofCounted = (type: string): Matcher => {
      const test = (event: { readonly type: string }) => {
        asked.push(type);
        return event.type === type;
      };
      const operator = (source: Observable<never>) => source.pipe(filter(test));
      return Object.assign(operator, { test, key: { types: [type] } }) as unknown as Matcher;
    };
    const seen: string[] = [];
    for (let i = 0; i < 1_000; i++) {
      stream.on(ofCounted(`type ${i}`), ({ type }) => {
        seen.push(type);
      });
    }
    server.send({ type: 'type 500', threadId: 't' });
    await next(stream.events$);
    expect(seen).toEqual(['type 500']);
    expect(asked).toEqual(['type 500']);
  });

  test('17. handlers that cannot be removed: a route that is unsubscribed sees nothing more', async () => {
    const server = await startManager();
    const stream = await connect(server);
    const seen: string[] = [];
    const route = stream.on(ofPrefix(''), ({ type }) => {
      seen.push(type);
      if (type === 'b') route.unsubscribe();
    });
    for (const type of ['a', 'b', 'c']) server.send({ type, threadId: 't' });
    await next(stream.events$, ({ type }) => type === 'c');
    expect(seen).toEqual(['a', 'b']);
    expect(route.closed).toBe(true);
  });
});
