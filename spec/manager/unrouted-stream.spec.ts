import { afterEach, describe, expect, test } from '@jest/globals';
import {
  connectManager,
  createRouter,
  forThread,
  ofPrefix,
  ofType,
  openWebSocket,
  threadList,
  threadState,
  type EventRouter,
  type ManagerOptions,
  type ManagerStream,
  type StreamRouter,
} from 'codex-rx';
import { recordTransport } from 'codex-rx/recording';
import { startStreamServer, type StreamServer } from 'codex-rx/testing';
import { firstValueFrom, map, type Observable, type Subscription } from 'rxjs';
import { until } from '../support/until.js';

const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** A stream that drops what is not routed, of a server that sends what a test says. */
async function connected(
  options: Partial<ManagerOptions> = {},
): Promise<{ server: StreamServer; stream: ManagerStream }> {
  const server = await startStreamServer();
  const { url } = server;
  const reconnect = { base: 1, cap: 5 };
  const stream = connectManager({ url, ignore: 'unrouted', log: false, reconnect, ...options });
  closings.push(
    () => server.close(),
    () => stream.close(),
  );
  await stream.connect();
  return { server, stream };
}

const frame = (type: string, threadId: string | null = null) => ({
  type,
  threadId,
  payload: { n: 1 },
});

/** Sends frames, and waits for them: how many were dropped of them. */
async function dropped(
  { server, stream }: { server: StreamServer; stream: ManagerStream },
  ...frames: readonly { readonly type: string }[]
): Promise<number> {
  const before = stream.metrics();
  for (const frame of frames) server.send(frame);
  await until(() => stream.metrics().received === before.received + frames.length);
  return stream.metrics().ignored - before.ignored;
}

describe("ignore: 'unrouted' on a socket", () => {
  test('drops what no route wants, and follows routes as they come and go', async () => {
    const at = await connected();
    const seen: string[] = [];
    const all = [frame('a'), frame('b', 't'), frame('b', 'u')];
    expect(await dropped(at, ...all)).toBe(3);
    const route = at.stream.on(forThread('t'), ofType('b'), ({ type }) => seen.push(type));
    expect(await dropped(at, ...all)).toBe(2);
    route.unsubscribe();
    expect(await dropped(at, ...all)).toBe(3);
    expect(seen).toEqual(['b']);
    const { received, parsed, ignored, malformed, dispatched } = at.stream.metrics();
    expect([received, malformed, dispatched]).toEqual([parsed + ignored, 0, 1]);
  });

  test('reads a type for whoever waits for it behind a matcher of events$, and no other', async () => {
    const at = await connected();
    const next = firstValueFrom(at.stream.events$.pipe(forThread('t'), ofType('b')));
    expect(await dropped(at, frame('a', 't'), frame('b'), frame('b', 'u'))).toBe(3);
    expect(at.stream.metrics().allWantedBy).toEqual([]);
    expect(await dropped(at, frame('b', 't'))).toBe(0);
    expect(await next).toMatchObject({ type: 'b', threadId: 't' });
    expect(await dropped(at, frame('b', 't'))).toBe(1);
  });

  test.each<[string, (stream: ManagerStream) => Subscription | { unsubscribe(): void }]>([
    ['events$', ({ events$ }) => events$.subscribe()],
    ['events$', ({ events$ }) => events$.pipe(map(({ type }) => type)).subscribe()],
    ['router.unhandled$', ({ router }) => (router as EventRouter).unhandled$.subscribe()],
    ['route "all"', (stream) => stream.on(ofPrefix(''), () => 0, { name: 'all' })],
    [
      'route "mapped"',
      (stream) =>
        stream.on(
          map(({ type }) => type),
          () => 0,
          { name: 'mapped' },
        ),
    ],
  ])('says in metrics() that %s turns it off, as long as it does', async (name, turnOff) => {
    const at = await connected();
    const off = turnOff(at.stream);
    expect(at.stream.metrics().allWantedBy).toEqual([name]);
    expect(await dropped(at, frame('a'))).toBe(0);
    off.unsubscribe();
    expect(at.stream.metrics().allWantedBy).toEqual([]);
    expect(await dropped(at, frame('a'))).toBe(1);
  });

  test('says nothing of it in the metrics of a stream without the option', async () => {
    const { stream } = await connected({ ignore: [] });
    expect(stream.metrics()).not.toHaveProperty('allWantedBy');
  });

  test('shows a gap after the last event, dropped or not', async () => {
    const at = await connected({ resync: false });
    const last: unknown[] = [];
    at.stream.gaps$.subscribe((gap) => last.push(gap.last));
    const cut = async () => {
      const gaps = last.length;
      at.server.sockets.at(-1)?.terminate();
      await until(() => last.length > gaps);
    };
    at.stream.on(ofType('a'), () => 0);
    await dropped(at, frame('a', 'ü'), frame('b', 't'), frame('b', 'ü'));
    await cut();
    await dropped(at, frame('b', 't'), frame('a', 't'));
    await cut();
    expect(last).toEqual([
      { ...frame('b', 'ü'), turnId: null, requestId: null },
      { ...frame('a', 't'), turnId: null, requestId: null },
    ]);
  });

  test('lets state have what it wants, which is not every event', async () => {
    const at = await connected();
    at.stream.on(ofType('z'), () => 0);
    for (const state$ of [threadList(at.stream), threadState(at.stream, 't')]) {
      const subscription = (state$ as Observable<unknown>).subscribe();
      closings.push(() => {
        subscription.unsubscribe();
      });
    }
    expect(at.stream.metrics().allWantedBy).toEqual([]);
    const started = 'app_server.item.started';
    expect(await dropped(at, frame('b', 't'), frame('notification', 't'))).toBe(2);
    expect(await dropped(at, frame(started, 't'), frame(started, 'u'))).toBe(0);
  });

  test('reads what ends while a list of pending requests is on its way, which may still have it', async () => {
    const thread = '00000000-0000-7000-8000-000000000001';
    const server = await startStreamServer();
    const approval = {
      requestId: '5',
      threadId: thread,
      method: 'item/commandExecution/requestApproval',
      turnId: 'u1',
      itemId: 'i1',
      details: { threadId: thread, turnId: 'u1', itemId: 'i1', command: 'ls' },
    };
    let answer: ((response: Response) => void) | undefined;
    const fetch: typeof globalThis.fetch = (url) =>
      (url as string).endsWith('/approvals')
        ? new Promise((resolve) => (answer = resolve))
        : Promise.resolve(Response.json({ data: [{ sessionId: thread }], nextCursor: null }));
    const stream = connectManager({ url: server.url, ignore: 'unrouted', log: false, fetch });
    closings.push(
      () => server.close(),
      () => stream.close(),
    );
    const opened: string[] = [];
    stream.requests.opened$.subscribe(({ method }) => opened.push(method));
    await stream.connect();
    await until(() => answer !== undefined);
    const ended = { type: 'approval_resolved', threadId: thread, requestId: '5', payload: {} };
    const at = { server, stream };
    expect(await dropped(at, ended)).toBe(0);
    answer?.(Response.json({ data: [approval] }));
    await until(() => stream.requests.stats().recovery !== null);
    expect(opened).toEqual([]);
    // Now that it is here, an end says nothing of a thread that has no open request.
    expect(await dropped(at, ended)).toBe(1);
  });

  test('tells frames of any length apart', async () => {
    const at = await connected();
    const seen: unknown[] = [];
    at.stream.on(forThread('t'), ofType('b'), ({ threadId }) => seen.push(threadId));
    const ofLength = (length: number, threadId: string | null) => ({
      ...frame('b', threadId),
      payload: 'x'.repeat(length),
    });
    for (const length of [0, 100, 70_000, 140_000, 3_000_000]) {
      const frames = [ofLength(length, 'u'), ofLength(length, 't'), ofLength(length, null)];
      expect(await dropped(at, ...frames)).toBe(2);
    }
    expect(seen).toEqual(['t', 't', 't', 't', 't']);
  });

  test('records what it drops', async () => {
    const lines: string[] = [];
    const sink = { write: (line: string) => void lines.push(line) };
    const transport = recordTransport(openWebSocket, sink);
    const at = await connected({ transport });
    expect(await dropped(at, frame('b', 't'))).toBe(1);
    await at.stream.close();
    await transport.close();
    expect(lines.join('')).toContain(JSON.stringify(frame('b', 't')));
  });

  test('asks for a router that says what it wants', () => {
    const { on, dispatch, errors$ } = createRouter();
    const router: StreamRouter = { on, dispatch, errors$ };
    const options = { url: 'http://127.0.0.1:1', router };
    expect(() => connectManager({ ...options, ignore: 'unrouted' })).toThrow(
      new TypeError(
        '"ignore" must be an array of types: your "router" has no "interest", and cannot tell.',
      ),
    );
    void connectManager({ ...options, ignore: [] }).close();
  });
});
