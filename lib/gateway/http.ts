import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { parseJson } from '../envelope/index.js';
import { Refusal } from './guard.js';

/** What a route replies: a status, and a body that is sent as JSON; a text is JSON already. */
export interface Reply {
  readonly status: number;
  readonly body: object | string;
}

export const ok = (body: object | string, status = 200): Reply => ({ status, body });

/** On every reply, a page or not: nothing is kept, framed, sniffed or read by other origins. */
export const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body }: Reply,
): void {
  if (response.headersSent || response.destroyed) return;
  const json = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  response.writeHead(status, {
    ...securityHeaders,
    'content-type': 'application/json; charset=utf-8',
    'content-length': json.byteLength,
    // What is left of a body that was not read must not be taken for the next request.
    ...(!request.complete && { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : json);
}

export const refusalReply = ({ status, code, message }: Refusal): Reply => ({
  status,
  body: { status: status === 404 ? 'not_found' : 'error', code, message },
});

/** Refuses an upgrade: one reply, and then the socket ends. */
export function refuseUpgrade(socket: Duplex, { status, code }: Refusal): void {
  const body = JSON.stringify({ status: 'error', code });
  const head = [
    `HTTP/1.1 ${status} ${code}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(securityHeaders).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.once('finish', () => {
    socket.destroy();
  });
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** The largest body that is read, in bytes. */
const maxBodyBytes = 2 ** 20;

/**
 * Reads a body of JSON; `undefined` if it is empty.
 *
 * @throws Refusal for one that is too large, or is not JSON.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  if (text.trim() === '') return undefined;
  try {
    return parseJson(text);
  } catch {
    throw new Refusal(400, 'invalid_request', 'the body is not JSON');
  }
}

const tooLarge = () => new Refusal(413, 'request_failed', 'Request body is too large');
