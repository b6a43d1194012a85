import { afterEach, describe, expect, test } from '@jest/globals';
import { ofPrefix, type CodexStream, type ConnectionStatus, type MalformedFrame } from 'codex-rx';
import { filter, firstValueFrom, map, type Observable } from 'rxjs';
import { until } from '../support/until.js';
import { transports, type Stage, type StageOptions } from './transport-stages.js';

let stage: Stage;

afterEach(() => stage.close());

/** What a stream said. */
function listen(options?: StageOptions) {
  const stream = stage.connect(options);
  const malformed: MalformedFrame[] = [];
  const threads: (string | null)[] = [];
  const states: ConnectionStatus[] = [];
  stream.malformed$.subscribe((one) => malformed.push(one));
  stream.on(ofPrefix(''), (event) => {
    threads.push(event.threadId);
  });
  stream.status$.subscribe((status) => states.push(status));
  const reasons = () => malformed.map(({ reason }) => reason);
  return { stream, malformed, reasons, threads, states };
}

const closed = (stream: CodexStream) =>
  firstValueFrom(
    stream.status$.pipe(
      filter((status) => status.state === 'closed'),
      map(({ reason, error }) => ({ reason, error })),
    ),
  );

/** Makes more calls than a pipe has room for, and gives the kinds of their errors. */
async function callOften(stream: CodexStream, length: number): Promise<unknown[]> {
  const call = Reflect.get(stream, 'call') as ((...args: unknown[]) => Promise<unknown>) | null;
  const calls = Array.from({ length: 90 }, async () =>
    call?.('thread/read', { text: 'x'.repeat(length) }).catch((error: unknown) => error),
  );
  return (await Promise.all(calls)).map((error) => (error as { kind?: string } | undefined)?.kind);
}

const authorized = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe.each(transports)('over $name', ({ open, isHttp, hasUrl }) => {
  async function start(): Promise<void> {
    stage = await open();
  }

  test('bytes that are not UTF-8 are reported, and the connection goes on', async () => {
    await start();
    const { stream, malformed, threads } = listen();
    await stream.connect();
    stage.peers[0]!.send(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]));
    stage.peers[0]!.send(stage.event);
    await until(() => threads.length === 1);
    expect(malformed).toMatchObject([
      { reason: 'not-utf8', bytes: 4, excerpt: '{\xff\xfe}', connection: 1 },
    ]);
    expect(stream.metrics()).toMatchObject({ malformed: 1, parsed: expect.any(Number) });
  });

  test('characters beyond ASCII are exact, U+FFFD and a BOM in a text included', async () => {
    await start();
    const { stream, threads, reasons } = listen();
    await stream.connect();
    const text = 'a\u2028b\u2029c\u0085d\u{1F600}猫e\ufefff\ufffd\u200d';
    stage.peers[0]!.send(stage.event.replace('"t"', JSON.stringify(text)));
    await until(() => threads.length === 1);
    expect(threads).toEqual([text]);
    expect(reasons()).toEqual([]);
  });

  test.each([
    ['a BOM', '\ufeff'],
    ['escape sequences', '\x1b[?2004h\x1b]0;codex\x07'],
  ])('%s in front of the first frame costs nothing', async (_, prefix) => {
    await start();
    stage.prefix = prefix;
    const { stream, reasons } = listen();
    await stream.connect();
    expect(reasons()).toEqual([]);
  });

  test('what is no JSON before the first frame is reported, and costs nothing', async () => {
    await start();
    stage.noise = ['warning: no settings', Buffer.from([0x43, 0xe9])];
    const { stream, reasons } = listen();
    await stream.connect();
    expect(reasons()).toEqual(['not-json', 'not-utf8']);
  });

  test.each([5_000, 100_000])(
    'a request nested %i deep is read or reported, and the next is read',
    async (depth) => {
      await start();
      const { stream, reasons, threads } = listen();
      await stream.connect();
      const deep = '['.repeat(depth) + ']'.repeat(depth);
      stage.peers[0]!.send(stage.request.replace('"deep"', deep));
      stage.peers[0]!.send(stage.event);
      await until(() => threads.length + reasons().length === 2);
      expect(threads.at(-1)).toBe('t');
      for (const reason of reasons()) expect(reason).toBe('too-deep');
    },
  );

  test('an abort closes it: before it connects, while it does and when it is ready', async () => {
    await start();
    for (const when of ['before', 'meanwhile', 'ready']) {
      const abort = new AbortController();
      if (when === 'before') abort.abort();
      const { stream } = listen({ signal: abort.signal });
      const connected = stream.connect();
      if (when === 'meanwhile') abort.abort();
      if (when === 'ready') {
        await connected;
        abort.abort();
      } else await expect(connected).rejects.toMatchObject({ kind: 'lost' });
      expect(await closed(stream)).toEqual({ reason: 'aborted', error: null });
      await stream.close();
    }
    for (const { gone } of stage.peers) await gone;
  });

  test('close() lets go of the server, and is heard by all who listen', async () => {
    await start();
    const { stream, states } = listen();
    let completed = 0;
    const all: Observable<unknown>[] = [
      stream.events$,
      stream.malformed$,
      stream.gaps$,
      stream.status$,
    ];
    for (const each of all) {
      each.subscribe({ complete: () => completed++ });
    }
    await stream.connect();
    await stream.close();
    await stage.peers[0]!.gone;
    expect(states.at(-1)).toEqual({ state: 'closed', reason: 'closed', error: null });
    expect(completed).toBe(4);
  });

  test('a pipe that breaks while it is written to is a lost connection, and nothing else', async () => {
    await start();
    const { stream, states } = listen({ reconnect: false });
    await stream.connect();
    stage.peers[0]!.breakPipe();
    const calls = callOften(stream, 100_000);
    await until(() => states.at(-1)?.state === 'closed');
    await calls;
    expect(await closed(stream)).toMatchObject({ reason: 'failed', error: { kind: 'lost' } });
  });

  test('what a server does not read has a bound, and then the connection is lost', async () => {
    await start();
    const { stream, states } = listen({ reconnect: false });
    // codex-manager gets no frames but pings.
    if (!('call' in stream)) return;
    await stream.connect();
    stage.peers[0]!.stopReading();
    const calls = callOften(stream, 1_000_000);
    await until(() => states.at(-1)?.state === 'closed');
    for (const kind of await calls) expect(['lost', 'closed']).toContain(kind);
    const { error } = await closed(stream);
    expect(error).toMatchObject({ kind: 'lost' });
    expect(error?.message).toMatch(/^The connection broke: the server does not read: \d{8} bytes/);
  });

  if (!isHttp) return;

  test('the first subprotocol that the server takes is agreed on', async () => {
    await start();
    const { stream } = listen({ protocols: ['codex.v1', 'bearer.a~b'] });
    await stream.connect();
    const { headers } = stage.peers[0]!.handshake!;
    expect(headers['sec-websocket-protocol']?.split(/, ?/)).toEqual(['codex.v1', 'bearer.a~b']);
  });

  test.each([301, 302, 303, 307, 308])(
    'a redirect (%i) is not followed, and its error says where it leads',
    async (status) => {
      await start();
      const location = 'https://me:secret@login.example/realm/?token=secret#secret';
      stage.refuse = { status, location };
      const { stream } = listen();
      await expect(stream.connect()).rejects.toMatchObject({
        kind: 'refused',
        code: status,
        permanent: true,
        message: `The server refused the websocket with HTTP status ${status}: it redirects to https://login.example/realm/, which is not followed.`,
      });
    },
  );

  if (!hasUrl) return;

  test.each([
    ['me:p%40ss@', 'me:p@ss'],
    ['m%C3%BC:%E7%8C%AB%F0%9F%98%80@', 'mü:猫😀'],
    ['mü:猫@', 'mü:猫'],
    ['token@', 'token:'],
    ['me:100%zz@', 'me:100%zz'],
  ])('the credentials of the url are sent: %s', async (credentials, text) => {
    await start();
    const { stream } = listen({ credentials });
    await stream.connect();
    expect(stage.peers[0]!.handshake!.headers.authorization).toBe(authorized(text));
  });

  test.each([
    'sig=a%20b',
    "sig=a'b~c*",
    'sig=a+b%2Bc',
    'sig=%7Bx%7D&X-Amz-Date=20260101T000000Z',
    'token',
    'a=1&&b=2',
    'sig=A%3d%3D',
  ])('the query of the url is kept, byte for byte: %s', async (query) => {
    await start();
    const { stream } = listen({ query: `?${query}` });
    await stream.connect();
    const want = new URL(`ws://h/?${query}`).search;
    expect(stage.peers[0]!.handshake!.url?.replace(/^[^?]*/, '')).toBe(want);
  });
});
