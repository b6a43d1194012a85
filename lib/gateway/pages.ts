import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { Refusal } from './guard.js';
import { securityHeaders } from './http.js';
import type { InspectedRoutes } from './inspected.js';

/** Options of `serveGateway` for the pages of this package. */
export interface PagesOption {
  /** A folder of files that are served below `base`: `index.html` for the folder itself. */
  readonly pages?: string;
  /** What the page of the inspector asks besides. */
  readonly inspected?: InspectedRoutes;
}

/** Files of a page, by their paths from the folder on, such as `/index.html`. */
export type Pages = ReadonlyMap<string, Buffer>;

/** Reads all files of a folder: what is not there now is never served, whatever a path says. */
export async function readPages(folder: string): Promise<Pages> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const pages = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      const url = `/${relative(folder, path).split(sep).join('/')}`;
      return [url, await readFile(path)] as const;
    }),
  );
  return new Map(pages);
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** Nothing but what the page brings: no inline script, no other host, no frame around it. */
const policyOf = (host: string, nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    // Components add their styles when they are shown: by the nonce in `index.html`.
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/**
 * Sends a file of a page. It needs no token: the files are those of the package, and the token
 * comes to the page in the fragment of its address, which no server gets. In `index.html`,
 * `CSP_NONCE` stands for the nonce of styles, and `<base href="/">` for where the page is.
 *
 * @throws Refusal if there is no such file.
 */
export function servePage(
  pages: Pages,
  base: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const name = path === '/' ? '/index.html' : path;
  const file = pages.get(name);
  if (file === undefined) throw new Refusal(404, 'not_found');
  const nonce = randomBytes(16).toString('base64');
  const isIndex = name === '/index.html';
  const body = isIndex
    ? file
        .toString()
        .replaceAll('CSP_NONCE', nonce)
        .replace('<base href="/"', `<base href="${base}/"`)
    : file;
  response.writeHead(200, {
    ...securityHeaders,
    'content-security-policy': policyOf(request.headers.host as string, nonce),
    'content-type': types[extname(name)] ?? 'application/octet-stream',
  });
  response.end(body);
}
