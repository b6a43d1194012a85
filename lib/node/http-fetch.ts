import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Fetch, FetchResponse } from '../socket/fetch.js';

/**
 * What is used of `fetch`, with Node's older client: the platform's own loads so much that each event
 * after it takes some 6 % longer to its handler (`npm run bench`).
 */
export const httpFetch: Fetch = (url, { method = 'GET', headers, body, signal }) =>
  new Promise<FetchResponse>((resolve, reject) => {
    const open = url.startsWith('https:') ? requestHttps : requestHttp;
    // An agent would keep the socket, and with it the process.
    const request = open(url, { method, headers, signal, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode as number,
          json: () =>
            new Promise((resolve) => {
              resolve(JSON.parse(Buffer.concat(chunks).toString()));
            }),
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });

/** What asks the REST API of a server. */
export const platformFetch = (): Fetch => httpFetch;
