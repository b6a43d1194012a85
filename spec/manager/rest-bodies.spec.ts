import { afterEach, describe, expect, test } from '@jest/globals';
import {
  connectManager,
  type MalformedFrame,
  type ManagerOptions,
  type ManagerStream,
} from 'codex-rx';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { until } from '../support/until.js';

const closings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

type Reply = (request: IncomingMessage, response: ServerResponse) => void;

/** A codex-manager whose REST API a test plays. */
async function connect(
  reply: Reply,
  options: Partial<ManagerOptions> & { credentials?: string; query?: string } = {},
) {
  const server: Server = createServer(reply);
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.send('{"type":"ready","threadId":null}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { credentials = '', query = '', ...rest } = options;
  const stream = connectManager({
    url: `http://${credentials}127.0.0.1:${(server.address() as AddressInfo).port}/${query}`,
    health: false,
    log: false,
    ...rest,
  });
  closings.push(() => stream.close());
  const malformed: MalformedFrame[] = [];
  stream.malformed$.subscribe((one) => malformed.push(one));
  await stream.connect();
  return { stream, malformed };
}

const failure = (stream: ManagerStream, path = '/api/x') =>
  stream.rest(path).then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => error as Error,
  );

const answering =
  (body: string | Uint8Array, status = 200): Reply =>
  (_, response) => {
    response.writeHead(status).end(body);
  };

describe('the body of an answer of REST', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['not-utf8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'its body is not UTF-8'],
    ['not-json', '<html>', 'its body is not JSON'],
    ['too-large', `"${'x'.repeat(2_000)}"`, 'its body is too large'],
  ])(
    'that is %s is reported as a frame is, counted, and an error that says so',
    async (reason, body, why) => {
      const { stream, malformed } = await connect(answering(body), { maxFrameBytes: 1_000 });
      expect(await failure(stream)).toMatchObject({
        name: 'ManagerError',
        kind: 'unreadable',
        path: '/api/x',
        status: 200,
        message: `/api/x: codex-manager answered 200: ${why}`,
        cause: { name: 'EnvelopeError', kind: reason },
      });
      expect(malformed).toMatchObject([{ reason, connection: 1, bytes: expect.any(Number) }]);
      expect(malformed[0]!.excerpt).toMatch(/^\/api\/x: /);
      expect(stream.metrics().malformed).toBe(1);
    },
  );

  test('of an error is part of the error, and of nothing else', async () => {
    const { stream, malformed } = await connect(answering('<html>', 502));
    expect(await failure(stream)).toMatchObject({ kind: 'refused', status: 502, body: null });
    expect(malformed).toEqual([]);
  });

  test.each<[string, string, unknown]>([
    ['a BOM', '\ufeff{"a":1}', { a: 1 }],
    ['nothing in it', '', null],
    [
      'an id beyond 2 ** 53',
      '{"requestId":9223372036854775807}',
      { requestId: '9223372036854775807' },
    ],
    [
      'a text id that looks like one',
      '{"requestId":"9223372036854775807"}',
      { requestId: '9223372036854775807' },
    ],
  ])('with %s is read', async (_, body, value) => {
    const { stream, malformed } = await connect(answering(body));
    expect(await stream.rest('/api/x')).toEqual(value);
    expect(malformed).toEqual([]);
  });

  test('that never ends is not read to its end, not even that of the health poll', async () => {
    let sent = 0;
    let closed = 0;
    const endless: Reply = (_, response) => {
      response.on('close', () => closed++);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000))) sent += 10_000;
      };
      response.on('drain', more);
      more();
    };
    const { malformed } = await connect(endless, { health: { interval: 5 } });
    await until(() => closed >= 3);
    expect(malformed[0]).toMatchObject({ reason: 'too-large' });
    expect(malformed[0]!.bytes).toBeLessThan(1_000_000);
    expect(sent / closed).toBeLessThan(20_000_000);
  });
});

describe('the REST API', () => {
  test('is asked with the credentials and the query of the url, as the stream is', async () => {
    const asked: unknown[] = [];
    const { stream } = await connect(
      ({ url, headers }, response) => {
        asked.push([url, headers.authorization]);
        response.end('{}');
      },
      { credentials: 'mü:100%zz%E7%8C%AB@', query: '?sig=a%20b&token&x=%3d+' },
    );
    await stream.rest('/api/x?y=%20');
    const pair = Buffer.from('mü:100%zz猫').toString('base64');
    expect(asked).toEqual([['/api/x?sig=a%20b&token&x=%3d+&y=%20', `Basic ${pair}`]]);
  });

  test('says where a redirect leads, which it does not follow', async () => {
    let asked = 0;
    const { stream } = await connect((_, response) => {
      asked++;
      response.writeHead(307, { location: 'https://me:secret@login/x?secret' }).end();
    });
    expect((await failure(stream)).message).toBe(
      '/api/x: codex-manager answered 307: it redirects to https://login/x, which is not followed',
    );
    expect(asked).toBe(1);
  });

  test('is asked with a method, for a time, until a signal', async () => {
    const methods: unknown[] = [];
    const { stream } = await connect(({ method, url }, response) => {
      methods.push(method);
      if (url === '/api/x') response.end('{}');
    });
    await stream.rest('/api/x', undefined, { method: 'DELETE' });
    await stream.rest('/api/x', { a: 1 }, { method: 'PUT' });
    expect(methods).toEqual(['DELETE', 'PUT']);
    await expect(stream.rest('/api/y', undefined, { timeout: 20 })).rejects.toMatchObject({
      kind: 'timeout',
      message: 'GET /api/y: no answer within 20 ms.',
    });
    const abort = new AbortController();
    const asked = stream.rest('/api/y', undefined, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(asked).rejects.toMatchObject({ kind: 'aborted', cause: { message: 'enough' } });
    const late = stream.rest('/api/y', undefined, { signal: abort.signal });
    await expect(late).rejects.toMatchObject({ kind: 'aborted' });
    const wrong = { methode: 'PUT' } as never;
    await expect(stream.rest('/api/x', undefined, wrong)).rejects.toThrow('did you mean "method"?');
  });

  test('that breaks off says so', async () => {
    const { stream } = await connect((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{');
      setImmediate(() => response.destroy());
    });
    expect(await failure(stream)).toMatchObject({
      kind: 'unanswered',
      message: 'GET /api/x: no answer (ECONNRESET).',
    });
  });
});
