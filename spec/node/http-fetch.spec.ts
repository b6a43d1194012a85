import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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
    const { status, json } = await httpFetch(url, { headers: { 'x-id': '5' }, signal });
    expect(status).toBe(404);
    expect(await json()).toEqual({ url: '/path?a=1', x: ['5', 'close'] });
  });

  test('a body that is no JSON rejects when it is read', async () => {
    const url = await serve((_, response) => response.end('<html>'));
    const response = await httpFetch(url, { headers: {}, signal });
    await expect(Promise.resolve(response.json())).rejects.toThrow(SyntaxError);
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
    await expect(Promise.resolve(httpFetch(url, { headers: {}, signal }))).rejects.toThrow(
      'aborted',
    );
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
