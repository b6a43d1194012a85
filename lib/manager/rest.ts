import { defer, finalize, from, switchMap, take, timeout, zip, type Observable } from 'rxjs';
import type { Fetch } from '../socket/index.js';

export interface RestAnswer {
  readonly status: number;
  /** The parsed body; `null` if it is not JSON. */
  readonly body: unknown;
}

/**
 * Gets a path of codex-manager's REST API, or posts JSON to it. Errors if there is no answer in time;
 * the error names the path and never the url, which may hold a token.
 */
export type Rest = (path: string, json?: string) => Observable<RestAnswer>;

/** How long an answer may take, in milliseconds. */
const answerTimeout = 10_000;

/**
 * @param streamUrl The url of the stream.
 * @param headers Asked anew for each request, as the url is.
 */
export const createRest =
  (
    streamUrl: () => Observable<string>,
    headers: () => Observable<Readonly<Record<string, string>>>,
    fetch: Fetch,
  ): Rest =>
  (path, json) =>
    defer(() => zip(streamUrl(), headers())).pipe(
      take(1),
      switchMap(([streamUrl, headers]) => {
        const abort = new AbortController();
        const url = new URL(streamUrl);
        const all = { ...credentials(url), ...headers };
        const asked = ask(fetch, restUrl(url, path), path, json, all, abort.signal);
        return from(asked).pipe(
          finalize(() => {
            abort.abort();
          }),
        );
      }),
      timeout(answerTimeout),
    );

async function ask(
  fetch: Fetch,
  url: string,
  path: string,
  json: string | undefined,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<RestAnswer> {
  try {
    const response = await fetch(
      url,
      json === undefined
        ? { headers, signal }
        : { method: 'POST', headers: { ...headers, ...isJson }, body: json, signal },
    );
    const body: unknown = await Promise.resolve(response.json()).catch(() => null);
    return { status: response.status, body };
  } catch (error) {
    const why = codeOf(error) ?? codeOf((error as { cause?: unknown } | null)?.cause) ?? '';
    // eslint-disable-next-line preserve-caught-error -- a cause may show the url, and so a token
    throw new Error(`${json === undefined ? 'GET' : 'POST'} ${path}: no answer${why}.`);
  }
}

const isJson = { 'content-type': 'application/json' };

/** The code that a platform gives a failure, such as ECONNREFUSED. */
function codeOf(error: unknown): string | undefined {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' ? ` (${code})` : undefined;
}

/** What a websocket makes of a user and a password in its url; `fetch` refuses such urls. */
function credentials({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(pair)))}` };
}

/** The url of a path beside the stream: its query is kept, the thread filter aside. */
export function restUrl(streamUrl: string | URL, path: string): string {
  const url = new URL(streamUrl);
  url.username = url.password = '';
  const [pathname = '', query = ''] = path.split('?', 2);
  // As text: searchParams would write the query anew, and that may be signed.
  const kept = url.search
    .slice(1)
    .split('&')
    .filter((part) => !/^threadId(=|$)/.test(part));
  url.pathname = url.pathname.replace(/\/api\/stream$/, pathname);
  url.search = [kept.join('&'), query].filter(Boolean).join('&');
  return url.href.replace(/^ws/, 'http');
}
