import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Fetch, FetchResponse } from '../socket/fetch.js';

/**
 * What is used of `fetch`, with Node's older client: the platform's own loads so much that each
 * event after it takes some 6 % longer to its handler (`npm run bench`). It follows no redirect.
 */
export const httpFetch: Fetch = (url, { method = 'GET', headers, body, signal }) =>
  new Promise<FetchResponse>((resolve, reject) => {
    const open = url.startsWith('https:') ? requestHttps : requestHttp;
    // An agent would keep the socket, and with it the process.
    const request = open(url, { method, headers, signal, agent: false }, (response) => {
      resolve({
        status: response.statusCode as number,
        headers: { get: (name) => response.headers[name]?.toString() ?? null },
        body: { getReader: () => readerOf(response) },
      });
    });
    request.on('error', reject);
    request.end(body);
  });

function readerOf(response: IncomingMessage) {
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  return {
    read: () => chunks.next(),
    cancel() {
      response.destroy();
      return Promise.resolve();
    },
  };
}

/** What asks the REST API of a server. */
export const platformFetch = (): Fetch => httpFetch;
