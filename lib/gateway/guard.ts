import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is refused: an HTTP status, and a word. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly status: number,
    readonly code: string,
    message = code,
  ) {
    super(message);
  }
}

/** Headers that decide: a second one could mean one thing here, and another at a proxy. */
const single: ReadonlySet<string> = new Set([
  'host',
  'origin',
  'authorization',
  'content-type',
  'content-length',
  'transfer-encoding',
  'content-encoding',
  'last-event-id',
]);

/** Spellings by which a path could mean one thing to us and another to what stands in front. */
const ambiguous = /%2f|%5c|%2e|%00|\\|\/\/|\/\.{1,2}(\/|$)/i;

export interface GuardOptions {
  /** The hosts that are served, with the port where there is one. */
  readonly hosts: () => readonly string[];
  /** The origins whose pages may connect. */
  readonly origins: () => readonly string[];
}

/**
 * The checks that need no identity, before anything of a request is used.
 *
 * @throws Refusal
 */
export function checkRequest(request: IncomingMessage, options: GuardOptions): void {
  const { rawHeaders, headers, method, url = '' } = request;
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase();
    if (single.has(name) && seen.has(name)) throw new Refusal(400, 'repeated_header', name);
    seen.add(name);
  }
  const isOfHost = options.hosts().includes((headers.host ?? '').toLowerCase());
  // Stops a page whose own name was made to mean this machine.
  if (!isOfHost) throw new Refusal(421, 'wrong_host');
  const [path = ''] = url.split('?', 1);
  if (!path.startsWith('/') || ambiguous.test(path)) throw new Refusal(404, 'not_found');
  checkOrigin(request, options.origins());
  const hasBody = Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'];
  const isJson = /^application\/json *(;|$)/i.test(headers['content-type'] ?? '');
  // A page may send other types anywhere without being asked.
  if (method !== 'GET' && hasBody && !isJson) throw new Refusal(415, 'unsupported_media_type');
}

/** Pages say where they come from when they upgrade, and when they change something. */
function checkOrigin(request: IncomingMessage, origins: readonly string[]): void {
  const { origin, authorization } = request.headers;
  const isRead = request.method === 'GET' && request.headers.upgrade === undefined;
  if (origin === undefined) {
    // No page can send this header without asking first; and none leaves out its origin.
    if (isRead || authorization !== undefined) return;
    throw new Refusal(403, 'missing_origin');
  }
  if (isRead || origins.includes(origin.toLowerCase())) return;
  throw new Refusal(403, 'wrong_origin');
}

const bearerHeader = /^Bearer +(\S+) *$/i;

/** The token that a request brings: in a header, or of a page's websocket in a subprotocol. */
export function tokenOf({ headers }: IncomingMessage): string | null {
  const { authorization, 'sec-websocket-protocol': protocols } = headers;
  if (authorization !== undefined) return bearerHeader.exec(authorization)?.[1] ?? null;
  const offered = (protocols ?? '').split(',').map((one) => one.trim());
  const bearer = offered.find((one) => one.startsWith('bearer.'));
  return bearer?.slice('bearer.'.length) ?? null;
}

/** Takes the same time wherever the two differ. */
export function isSame(given: string, expected: string): boolean {
  const [one, other] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(one as Buffer, other as Buffer);
}
