import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { lastValueFrom, NEVER, of, throwError } from 'rxjs';
import type { Fetch } from 'codex-rx';
import { createRest, restUrl } from '../../lib/manager/rest.js';

const maxBytes = 10_000;

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(status: number, body: string): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    response.writeHead(status).end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/api/stream`, asked };
}

const get = (url: string, fetch: Fetch, path = '/api/health') =>
  lastValueFrom(
    createRest(
      () => of(url),
      () => of({ authorization: 'Bearer canary' }),
      fetch,
      maxBytes,
    )(path),
  );

describe('the REST API', () => {
  test('answers with its status and its JSON, asked with the headers of the stream', async () => {
    const { url, asked } = await serve(404, '{"status":"not_found"}');
    expect(await get(`${url}?threadId=t&ticket=5`, fetch)).toEqual({
      status: 404,
      body: { status: 'not_found' },
    });
    expect(asked).toEqual(['/api/health?ticket=5 Bearer canary']);
  });

  test('is asked with the user and the password of the url, as the websocket is', async () => {
    const { url, asked } = await serve(200, '{}');
    const withUser = url.replace('127.0.0.1', 'me:p%40ss@127.0.0.1');
    await lastValueFrom(
      createRest(
        () => of(withUser),
        () => of({}),
        fetch,
        maxBytes,
      )('/api/health'),
    );
    await get(withUser, fetch);
    expect(asked).toEqual([`/api/health Basic ${btoa('me:p@ss')}`, '/api/health Bearer canary']);
  });

  test('a body that is no JSON reads as null', async () => {
    const { url } = await serve(200, '<html>');
    expect(await get(url, fetch)).toMatchObject({
      status: 200,
      body: null,
      bytes: 6,
      fault: { kind: 'not-json', excerpt: '/api/health: <html>' },
    });
  });

  test('an error names the path, and neither the url nor a header', async () => {
    const error: unknown = await get('ws://127.0.0.1:1/canary/api/stream?t=canary', fetch).catch(
      (error: unknown) => error,
    );
    expect((error as Error).message).toMatch(/^GET \/api\/health: no answer/);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
  });

  test('an error tells the code of the platform, if it has one', async () => {
    const cause = Object.assign(new Error('canary'), { code: 'ECONNRESET' });
    const failing: Fetch = () => Promise.reject(new TypeError('fetch failed', { cause }));
    await expect(get('ws://h/api/stream', failing)).rejects.toThrow(
      'GET /api/health: no answer (ECONNRESET).',
    );
    const strange: Fetch = () => Promise.reject(null);
    await expect(get('ws://h/api/stream', strange)).rejects.toThrow(/no answer\.$/);
  });

  test('headers that cannot be had are an error, and nothing is asked', async () => {
    const headers = () => throwError(() => new Error('no token'));
    const rest = createRest(
      () => of('ws://h/api/stream'),
      headers,
      () => Promise.reject(new Error()),
      maxBytes,
    );
    await expect(lastValueFrom(rest('/api/health'))).rejects.toThrow('no token');
  });

  test('who asks no more aborts the request', async () => {
    const signals: AbortSignal[] = [];
    const fetch: Fetch = (_url, { signal }) => {
      signals.push(signal);
      return lastValueFrom(NEVER);
    };
    const asking = createRest(
      () => of('ws://h/api/stream'),
      () => of({}),
      fetch,
      maxBytes,
    )('/x').subscribe();
    expect(signals[0]?.aborted).toBe(false);
    asking.unsubscribe();
    expect(signals[0]?.aborted).toBe(true);
  });
});

describe('its url', () => {
  test.each([
    ['ws://h:1/api/stream', 'http://h:1/api/health'],
    ['wss://h/p/api/stream?threadId=a&t=1', 'https://h/p/api/health?t=1'],
  ])('beside %s is %s', (stream, url) => {
    expect(restUrl(stream, '/api/health')).toBe(url);
  });

  test('has the query of the path, too', () => {
    const url = restUrl('ws://h/api/stream?threadId=a&t=1', '/api/sessions?limit=3&cursor=x%3Fy');
    expect(url).toBe('http://h/api/sessions?t=1&limit=3&cursor=x%3Fy');
  });
});

test.each([
  'sig=a%20b',
  'sig=a+b%2Bc',
  'sig=%7Bx%7D&X-Amz-Date=20260101T000000Z',
  'token',
  'a=1&&b=2',
  'sig=A%3d%3D',
])('keeps a signed query byte for byte: %s', (query) => {
  expect(restUrl(`ws://h/api/stream?${query}`, '/api/health')).toBe(`http://h/api/health?${query}`);
  expect(restUrl(`ws://h/api/stream?threadId=t&${query}`, '/api/x?y=%20')).toBe(
    `http://h/api/x?${query}&y=%20`,
  );
});
