import {
  defer,
  finalize,
  from,
  switchMap,
  take,
  tap,
  timeout,
  zip,
  type Observable,
  type Observer,
} from 'rxjs';
import { EnvelopeError, parseJson } from '../envelope/index.js';
import { ManagerError, type ManagerFault } from './manager-error.js';
import { readBody, redirectOf, type Fetch, type FetchResponse } from '../socket/index.js';

export interface RestAnswer {
  readonly status: number;
  /** The parsed body; `null` if it is empty, or cannot be read. */
  readonly body: unknown;
  /** Why the body cannot be read. */
  readonly fault?: EnvelopeError | null;
  /** How much of the body was read, in bytes. */
  readonly bytes?: number;
  /** Where a redirect leads, which is not followed: without credentials and query. */
  readonly location?: string | undefined;
}

export interface RestRequest {
  /** @default 'POST' if there is a body, otherwise 'GET' */
  readonly method?: string | undefined;
  /** How long an answer may take, in ms. @default 10_000 */
  readonly timeout?: number | undefined;
  /** A longer body is not read, in bytes. @default the `maxFrameBytes` of the stream */
  readonly maxBytes?: number | undefined;
}

/**
 * Asks a path of codex-manager's REST API, with a body of JSON if there is one. Errors with a
 * `ManagerError` if there is no answer; it names the path and never the url, which may hold a token.
 */
export type Rest = (path: string, json?: string, request?: RestRequest) => Observable<RestAnswer>;

/** How long an answer may take, in milliseconds. */
const answerTimeout = 10_000;

/**
 * @param streamUrl The url of the stream.
 * @param headers Asked anew for each request, as the url is.
 * @param maxBytes A longer body is not read.
 */
export const createRest =
  (
    streamUrl: () => Observable<string>,
    headers: () => Observable<Readonly<Record<string, string>>>,
    fetch: Fetch,
    maxBytes: number,
  ): Rest =>
  (path, json, request = {}) => {
    const { method = json === undefined ? 'GET' : 'POST' } = request;
    const each = request.timeout ?? answerTimeout;
    return defer(() => zip(streamUrl(), headers())).pipe(
      take(1),
      switchMap(([streamUrl, headers]) => {
        const abort = new AbortController();
        const url = new URL(streamUrl);
        const asked = ask(fetch, restUrl(url, path), {
          path,
          json,
          method,
          headers: { ...credentials(url), ...headers },
          signal: abort.signal,
          maxBytes: request.maxBytes ?? maxBytes,
        });
        return from(asked).pipe(
          finalize(() => {
            abort.abort();
          }),
        );
      }),
      timeout({
        each,
        with() {
          throw noAnswer('timeout', method, path, ` within ${each} ms`);
        },
      }),
    );
  };

/** Reports the bodies of successes that cannot be read, as frames are reported. */
export const reporting =
  (rest: Rest, unreadable: Observer<readonly [EnvelopeError, number]>): Rest =>
  (...asked) =>
    rest(...asked).pipe(
      tap(({ status, fault, bytes = 0 }) => {
        if (fault && isSuccess(status)) unreadable.next([fault, bytes]);
      }),
    );

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

interface Question {
  readonly path: string;
  readonly json: string | undefined;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
}

async function ask(fetch: Fetch, url: string, question: Question): Promise<RestAnswer> {
  const { path, json, method, headers, signal, maxBytes } = question;
  try {
    const response = await fetch(url, {
      method,
      headers: json === undefined ? headers : { ...headers, ...isJson },
      ...(json !== undefined && { body: json }),
      redirect: 'manual',
      signal,
    });
    const { status } = response;
    const location = redirectOf(url, status, response.headers?.get('location'));
    return { status, location, ...(await readAnswer(response, path, maxBytes)) };
  } catch (error) {
    const why = codeOf(error) ?? codeOf((error as { cause?: unknown } | null)?.cause) ?? '';
    // Without a cause: that may show the url, and so a token.
    throw noAnswer('unanswered', method, path, why);
  }
}

const noAnswer = (kind: ManagerFault, method: string, path: string, why: string): ManagerError =>
  new ManagerError(`${method} ${path}`, 0, null, kind, `${why}.`);

const isJson = { 'content-type': 'application/json' };

async function readAnswer(
  response: FetchResponse,
  path: string,
  maxBytes: number,
): Promise<Pick<RestAnswer, 'body' | 'fault' | 'bytes'>> {
  if (!response.body) return { body: await readJson(response) };
  const read = await readBody(response.body, maxBytes);
  const { bytes } = read;
  if (read.fault !== null) {
    const fault = new EnvelopeError(read.fault, `${path}: ${read.excerpt}`);
    return { body: null, fault, bytes };
  }
  if (read.text.trim() === '') return { body: null };
  try {
    return { body: parseJson(read.text) };
  } catch {
    return { body: null, fault: new EnvelopeError('not-json', `${path}: ${read.text}`), bytes };
  }
}

async function readJson(response: FetchResponse): Promise<unknown> {
  try {
    return (await response.json?.()) ?? null;
  } catch {
    return null;
  }
}

/** @throws ManagerError for an answer that is no success, or cannot be read. */
export function bodyOf(path: string, { status, body, fault, location }: RestAnswer): unknown {
  const isOk = isSuccess(status);
  if (isOk && !fault) return body;
  if (fault && isOk) {
    throw new ManagerError(path, status, null, 'unreadable', `: ${unreadable[fault.kind]}`, {
      cause: fault,
    });
  }
  const redirect = location ?? (status === 0 ? 'another url' : undefined);
  const detail = redirect && `: it redirects to ${redirect}, which is not followed`;
  throw new ManagerError(path, status, body, 'refused', detail);
}

const unreadable: Readonly<Record<string, string>> = {
  'too-large': 'its body is too large',
  'not-utf8': 'its body is not UTF-8',
  'not-json': 'its body is not JSON',
};

/** The code that a platform gives a failure, such as ECONNREFUSED. */
function codeOf(error: unknown): string | undefined {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' ? ` (${code})` : undefined;
}

/** What a websocket makes of a user and a password in its url; `fetch` refuses such urls. */
function credentials({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const pair = `${unescaped(username)}:${unescaped(password)}`;
  return { authorization: `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(pair)))}` };
}

/** Without percent-encoding; what only looks like it stays. */
const unescaped = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });

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
