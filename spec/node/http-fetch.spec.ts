import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FetchResponse } from 'codex-rx';
import { readBody } from '../../lib/socket/index.js';
import { httpFetch, platformFetch } from '../../lib/node/http-fetch.js';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/path?a=1`;
}

async function textOf({ body }: FetchResponse): Promise<string> {
  const read = await readBody(body!, 1_000);
  return read.fault ?? read.text;
}

const { signal } = new AbortController();

describe('httpFetch', () => {
  test('gets a status and JSON, with headers, and keeps no socket', async () => {
    const url = await serve((request, response) => {
      const { url, headers } = request;
      response.writeHead(404).write('{"url":');
      response.end(
        `${JSON.stringify(url)},"x":${JSON.stringify([headers['x-id'], headers.connection])}}`,
      );
    });
    const response = await httpFetch(url, { headers: { 'x-id': '5' }, signal });
    expect(response.status).toBe(404);
    expect(JSON.parse(await textOf(response))).toEqual({ url: '/path?a=1', x: ['5', 'close'] });
  });

  test('does not follow a redirect, and tells where it leads', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/b' }).end());
    const { status, headers } = await httpFetch(url, { headers: {}, signal });
    expect([status, headers?.get('location'), headers?.get('x')]).toEqual([302, '/b', null]);
  });

  test.each([
    ['nobody listens', 'http://127.0.0.1:1/', 'ECONNREFUSED'],
    ['a server has no TLS', 'https://127.0.0.1:1/', 'ECONNREFUSED'],
  ])('rejects with a code when %s', async (_, url, code) => {
    const asked = Promise.resolve(httpFetch(url, { headers: {}, signal }));
    await expect(asked).rejects.toMatchObject({ code });
  });

  test('rejects when the server breaks off in the middle', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{');
      setImmediate(() => response.destroy());
    });
    const response = await httpFetch(url, { headers: {}, signal });
    await expect(textOf(response)).rejects.toThrow('aborted');
  });

  test('is aborted by its signal', async () => {
    const url = await serve(() => undefined);
    const abort = new AbortController();
    const asked = Promise.resolve(httpFetch(url, { headers: {}, signal: abort.signal }));
    abort.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('is what Node asks with', () => {
    expect(platformFetch()).toBe(httpFetch);
  });
});
