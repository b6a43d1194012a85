import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import type { Fetch, FetchResponse } from '../socket/fetch.js';

/**
 * What is used of `fetch`, with Node's older client: the platform's own loads so much that each event
 * after it takes some 6 % longer to its handler (`npm run bench`).
 */
export const httpFetch: Fetch = (url, { headers, signal }) =>
  new Promise<FetchResponse>((resolve, reject) => {
    const get = url.startsWith('https:') ? getHttps : getHttp;
    // An agent would keep the socket, and with it the process.
    const request = get(url, { headers, signal, agent: false }, (response) => {
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
  });

/** What asks the REST API of a server. */
export const platformFetch = (): Fetch => httpFetch;
