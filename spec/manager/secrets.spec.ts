import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  connectManager,
  ofPrefix,
  type Fetch,
  type ManagerOptions,
  type ManagerStream,
} from 'codex-rx';
import {
  fakeTransport,
  marbles,
  startStreamServer,
  type StreamServer,
  type StreamServerOptions,
} from 'codex-rx/testing';
import buffer from 'node:buffer';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { filter, firstValueFrom, mergeMap, take, timer, type Observable } from 'rxjs';
import { run } from '../../lib/cli/run.js';
import { fakeTerminal } from '../support/fake-terminal.js';
import { until } from '../support/until.js';

const secret = 'canary-7f3a';
const headers = { authorization: `Bearer ${secret}`, 'x-api-key': secret };

/** The secret, and what HTTP makes of it as a password. */
const forms = [secret, Buffer.from(`user:${secret}`).toString('base64')];

/** A url that holds the secret wherever a url can. */
const secretUrl = (url: string) => `${url.replace('//', `//user:${secret}@`)}/?token=${secret}`;

const closings: (() => Promise<unknown>)[] = [];
const { INSPECT_MAX_BYTES } = buffer;
const printed: unknown[] = [];

beforeEach(() => {
  buffer.INSPECT_MAX_BYTES = 10_000;
  printed.length = 0;
  for (const method of ['debug', 'dir', 'error', 'info', 'log', 'trace', 'warn'] as const) {
    jest.spyOn(console, method).mockImplementation((...args: unknown[]) => printed.push(args));
  }
});

afterEach(async () => {
  buffer.INSPECT_MAX_BYTES = INSPECT_MAX_BYTES;
  jest.restoreAllMocks();
  for (const close of closings.splice(0).reverse()) await close();
});

async function serve(options?: StreamServerOptions): Promise<StreamServer> {
  const server = await startStreamServer(options);
  closings.push(() => server.close());
  return server;
}

/** Text in which everything stands that a value holds: hidden members, and bytes as text. */
const shown = (value: unknown): string =>
  inspect(value, {
    depth: 9,
    showHidden: true,
    maxStringLength: null,
    maxArrayLength: null,
  }).replace(
    /<Buffer ([0-9a-f ]+)/g,
    (_, bytes: string) => `<Buffer ${Buffer.from(bytes.replaceAll(' ', ''), 'hex').toString()}`,
  );

function expectNoSecret(text: string): void {
  for (const form of forms) expect(text).not.toContain(form);
}

const quick = { base: 1, cap: 5 };

/** Everything that a stream says, up to the end of a script, and what is printed meanwhile. */
async function told(
  url: string,
  options: Partial<ManagerOptions>,
  script: (stream: ManagerStream) => unknown,
): Promise<string> {
  const all: unknown[] = [];
  const stream = connectManager({ url: secretUrl(url), headers, reconnect: quick, ...options });
  const recoveries$ = stream.gaps$.pipe(mergeMap(({ recovery$ }) => recovery$));
  const sources: Observable<unknown>[] = [
    stream.status$,
    stream.malformed$,
    stream.gaps$,
    stream.control$,
    stream.router.errors$,
    recoveries$,
  ];
  for (const source of sources) source.subscribe((value) => all.push(value));
  const failure = stream.connect().catch((error: unknown) => all.push(error));
  await script(stream);
  all.push(stream.metrics());
  await stream.close();
  await failure;
  return shown([all, printed]);
}

const next = <T>(source: Observable<T>, test: (value: T) => boolean = () => true): Promise<T> =>
  firstValueFrom(source.pipe(filter(test)));

const fails = (stream: ManagerStream) =>
  next(stream.status$, ({ state }) => state === 'waiting' || state === 'closed');

/** Resolves with what a stream has learned of its first gap. */
const recovers = (stream: ManagerStream) =>
  firstValueFrom(
    stream.gaps$.pipe(
      take(1),
      mergeMap(({ recovery$ }) => recovery$),
    ),
  );

describe('a secret in the url and in the headers is nowhere', () => {
  test.each([401, 403, 404, 503])('when the answer is %i', async (status) => {
    const server = await serve({ refuse: () => status });
    const text = await told(server.url, {}, fails);
    expect(text).toContain(`HTTP status ${status}`);
    expectNoSecret(text);
  });

  test('when nobody answers', async () => {
    const server = await startStreamServer();
    await server.close();
    const text = await told(server.url, {}, fails);
    expect(text).toContain('ECONNREFUSED');
    expectNoSecret(text);
  });

  test('when the host has no name', async () => {
    const text = await told('http://host.invalid', {}, fails);
    expect(text).toContain('host.invalid');
    expectNoSecret(text);
  });

  test('when the server speaks no TLS', async () => {
    const server = await serve();
    const text = await told(server.url.replace('http', 'https'), {}, fails);
    expect(text).toContain("kind: 'unreachable'");
    expectNoSecret(text);
  });

  test('when the connection is not ready in time', async () => {
    const server = await serve({ greets: false });
    const text = await told(server.url, { connectTimeout: 30 }, fails);
    expect(text).toContain("kind: 'timeout'");
    expectNoSecret(text);
  });

  test('when the server falls silent', async () => {
    const server = await serve({ pongs: false });
    const text = await told(server.url, { heartbeat: { interval: 5, timeout: 20 } }, fails);
    expect(text).toContain("kind: 'silent'");
    expectNoSecret(text);
  });

  test('when the server breaks the protocol, with a code of it', async () => {
    const server = await serve();
    const text = await told(server.url, {}, async (stream) => {
      await next(stream.control$);
      server.sockets[0]!.close(1002, 'why');
      await fails(stream);
    });
    expect(text).toContain('code 1002');
    expectNoSecret(text);
  });

  test('when whoever listens there says everything back', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closings.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as AddressInfo;
    const text = await told(`http://127.0.0.1:${port}`, {}, fails);
    expect(text).toContain('Parse Error');
    expectNoSecret(text);
  });

  test('when `shouldRetry` throws', async () => {
    const server = await serve({ refuse: () => 503 });
    const shouldRetry = () => {
      throw new Error('no opinion');
    };
    const text = await told(server.url, { reconnect: { ...quick, shouldRetry } }, fails);
    expect(text).toContain('no opinion');
    expectNoSecret(text);
  });

  test('when frames cannot be read, and handlers fail on those that can', async () => {
    const server = await serve();
    const text = await told(server.url, { maxFrameBytes: 500 }, async (stream) => {
      stream.on(ofPrefix(''), () => {
        throw new Error('boom');
      });
      stream.on(ofPrefix(''), () => new Promise(() => undefined), { bound: 1 });
      await next(stream.control$);
      const [socket] = server.sockets;
      for (const frame of ['', '{', '[]', '{}', '{"type":"x","threadId":5}', 'x'.repeat(600)]) {
        socket!.sendRaw(frame);
      }
      socket!.sendRaw(Buffer.from('bytes'));
      for (const type of ['a', 'b', 'c', 'last']) socket!.send({ type, payload: null });
      await next(stream.events$, ({ type }) => type === 'last');
      expect(stream.metrics().malformed).toBe(7);
    });
    for (const part of ['boom', 'too-large', 'binary', 'OverflowError']) {
      expect(text).toContain(part);
    }
    expectNoSecret(text);
  });

  test('on the console, which tells what nobody listens for', async () => {
    const server = await serve();
    const stream = connectManager({ url: secretUrl(server.url), headers });
    closings.push(() => stream.close());
    stream.on(ofPrefix(''), () => Promise.reject(new Error('boom')));
    await stream.connect();
    server.send({ type: 'a' });
    await until(() => printed.length > 0);
    expect(shown(printed)).toContain('boom');
    expectNoSecret(shown(printed));
  });
});

describe('a secret is not in what is told of the REST API', () => {
  /** Says all that it was given, as a fetch of the user's may. */
  const leaky = (url: string, { headers }: { headers: object }) =>
    new Error(`cannot fetch ${url} with ${JSON.stringify(headers)}`, { cause: { url, headers } });

  const failing: readonly (readonly [string, Fetch])[] = [
    [
      'throws',
      (...asked) => {
        throw leaky(...asked);
      },
    ],
    ['rejects', (...asked) => Promise.reject(leaky(...asked))],
    [
      'answers what is no JSON',
      async (...asked) => ({ status: 200, json: () => Promise.reject(leaky(...asked)) }),
    ],
    ['answers 500', async () => ({ status: 500, json: async () => ({ error: headers }) })],
  ];

  test.each(failing)('when a fetch %s', async (_, fetch) => {
    const server = await serve();
    const text = await told(server.url, { fetch, health: { interval: 5 } }, async (stream) => {
      await stream.connect();
      server.send({ type: 'a', threadId: 't1' });
      await next(stream.events$);
      const recovered = recovers(stream);
      server.sockets[0]!.terminate();
      expect(await recovered).toMatchObject({ complete: false, error: expect.any(Error) });
      await stream.connect();
    });
    expect(text).toContain('GET /api/sessions?limit=100');
    expectNoSecret(text);
  });

  test('when there is no answer in time', () => {
    const all: unknown[] = [];
    marbles(() => {
      const socket = fakeTransport();
      const stream = connectManager({
        url: secretUrl('ws://fake'),
        headers,
        transport: socket.open,
        fetch: () => new Promise(() => undefined),
        heartbeat: false,
        random: () => 0,
      });
      const greet = () => {
        socket.last.accept();
        socket.last.send({ type: 'ready', threadId: null });
      };
      stream.gaps$.pipe(mergeMap(({ recovery$ }) => recovery$)).subscribe((recovery) => {
        all.push(recovery);
        void stream.close();
      });
      stream.status$.subscribe((status) => all.push(status));
      timer(1).subscribe(() => {
        void stream.connect();
        greet();
        socket.last.send({ type: 'a', threadId: 't1' });
        socket.last.end();
      });
      timer(2).subscribe(greet);
      // Time that does not end is no help if this fails.
      timer(60_000).subscribe(() => void stream.close());
    });
    expect(shown(all)).toContain('no answer within 10000 ms');
    expectNoSecret(shown(all));
  });
});

describe('a secret is in nothing that codex-rx tail prints', () => {
  /** Runs the command to its own end, or to that of a script: what it printed. */
  async function tail(
    url: string,
    script?: (printed: (text: RegExp) => Promise<void>) => Promise<void>,
  ): Promise<string> {
    const { terminal, written, interrupt } = fakeTerminal();
    const code = run(['tail', '--json', url], terminal);
    await script?.((text) => until(() => text.test(written.out + written.err)));
    if (script) interrupt();
    await code;
    return shown([written.out + written.err, printed]);
  }

  test.each([401, 403, 404, 503])('when the answer is %i', async (status) => {
    const server = await serve({ refuse: () => status });
    const text = await tail(secretUrl(server.url));
    expect(text).toContain(`HTTP status ${status}`);
    expectNoSecret(text);
  });

  test('when nobody answers', async () => {
    const server = await startStreamServer();
    await server.close();
    const text = await tail(secretUrl(server.url));
    expect(text).toContain('ECONNREFUSED');
    expectNoSecret(text);
  });

  test('when a frame cannot be read, and the connection is lost', async () => {
    const server = await serve();
    const connected = server.connected();
    const text = await tail(secretUrl(server.url), async (printed) => {
      const socket = await connected;
      socket.send({ type: 'a' });
      await printed(/"type":"a"/);
      socket.sendRaw('{');
      await printed(/not-json/);
      socket.close(1011);
      await printed(/Reconnected/);
    });
    expectNoSecret(text);
  });

  test.each([`http://user:${secret}@ho st`, `ftp://user:${secret}@host/?token=${secret}`])(
    'when a url cannot be used: %s',
    async (url) => {
      const text = await tail(url);
      expect(text).toContain('codex-rx: "url" must be');
      expectNoSecret(text);
    },
  );
});
