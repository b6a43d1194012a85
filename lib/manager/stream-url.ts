import { mustBe } from '../options/index.js';

const streamPath = '/api/stream';

/**
 * The websocket url of codex-manager's stream, given that url or the server's base url, with the
 * scheme of either. A path before `/api/stream` and a query are kept.
 *
 * @throws TypeError that names the `url` option, and shows no part of it that may hold a token.
 */
export function streamUrl(url: string | URL, threadId: string | undefined): string {
  const stream = absolute(url);
  // Assigning `protocol` cannot go from http to ws in every runtime; the text can.
  const scheme = /^(http|ws)(s?):$/.exec(stream.protocol);
  mustBe(scheme !== null, 'url', 'http:, https:, ws: or wss:', stream.protocol);
  const path = stream.pathname.replace(/\/+$/, '');
  stream.pathname = path.endsWith(streamPath) ? path : path + streamPath;
  stream.hash = '';
  if (threadId !== undefined) filterTo(stream, threadId);
  return stream.href.replace(/^\w+/, `ws${scheme[2]}`);
}

function filterTo(stream: URL, threadId: string): void {
  const named = stream.searchParams.getAll('threadId');
  // As text: searchParams would write the rest of the query anew, and that may be signed.
  const filter = `threadId=${encodeURIComponent(threadId)}`;
  const agree = named.every((other) => other === threadId || other === '');
  mustBe(agree, 'threadId', 'the thread that "url" names');
  if (named.length > 0) {
    // An empty or a repeated threadId filters nothing.
    const isFilter = (part: string) => /^threadId(=|$)/.test(part);
    const others = stream.search
      .slice(1)
      .split('&')
      .filter((part) => !isFilter(part));
    stream.search = [...others, filter].join('&');
  } else {
    stream.search += `${stream.search ? '&' : '?'}${filter}`;
  }
}

function absolute(url: string | URL): URL {
  try {
    return new URL(url);
  } catch {
    mustBe(false, 'url', 'an absolute url such as http://127.0.0.1:3001');
  }
}
