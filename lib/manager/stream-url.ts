const streamPath = '/api/stream';

const schemes: Readonly<Record<string, string>> = {
  'http:': 'ws:',
  'https:': 'wss:',
  'ws:': 'ws:',
  'wss:': 'wss:',
};

/**
 * The websocket url of codex-manager's stream, given that url or the server's base url, with the
 * scheme of either. A path before `/api/stream` and a query are kept; in a browser the url may be
 * relative to the page.
 *
 * @throws TypeError that names the `url` option, without its query and its user: they may hold a token.
 */
export function streamUrl(url: string | URL, threadId: string | null): string {
  const stream = absolute(url);
  const scheme = schemes[stream.protocol];
  if (scheme === undefined) {
    throw new TypeError(`"url" must be http:, https:, ws: or wss:, not ${stream.protocol}`);
  }
  const path = stream.pathname.replace(/\/+$/, '');
  stream.pathname = path.endsWith(streamPath) ? path : path + streamPath;
  stream.hash = '';
  if (threadId !== null) filterTo(stream, threadId);
  // Assigning `protocol` cannot go from http to ws in every runtime; the text can.
  return stream.href.replace(/^[a-z]+:/, scheme);
}

function filterTo(stream: URL, threadId: string): void {
  const named = stream.searchParams.getAll('threadId');
  if (named.some((other) => other !== threadId && other !== '')) {
    throw new TypeError('"threadId" and the threadId in "url" name two different threads.');
  }
  if (named.length > 0) {
    // An empty or a repeated threadId filters nothing.
    stream.searchParams.set('threadId', threadId);
  } else {
    // As text: searchParams would write the rest of the query anew, and that may be signed.
    const query = stream.search === '' ? '?' : `${stream.search}&`;
    stream.search = `${query}threadId=${encodeURIComponent(threadId)}`;
  }
}

function absolute(url: string | URL): URL {
  const page = (globalThis as { location?: { href?: string } }).location?.href;
  try {
    return new URL(url, page);
  } catch {
    const example = 'http://127.0.0.1:3001';
    const shown = typeof url === 'string' ? ` ("${withoutSecrets(url)}")` : '';
    throw new TypeError(`"url" must be an absolute url such as ${example}${shown}`);
  }
}

const withoutSecrets = (url: string): string => url.replace(/[?#].*/s, '').replace(/^.*@/s, '…@');
