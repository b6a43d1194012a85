import { once } from 'node:events';
import { connect } from 'node:net';
import { token } from './stage.js';

/** What came back: the replies that there were, each with its status, its headers and its body. */
export interface RawReply {
  readonly statuses: readonly number[];
  readonly text: string;
}

/** Writes bytes as they are, and reads until the server ends, or has said nothing for a while. */
export async function raw(port: number, ...parts: readonly string[]): Promise<RawReply> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    // A second reply would follow at once.
    socket.setTimeout(200);
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  for (const part of parts) socket.write(part);
  socket.setTimeout(10_000, () => socket.destroy());
  await once(socket, 'close');
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
  return { statuses, text };
}

export interface Head {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string | null;
  readonly authorization?: string | null;
  /** More headers, and bodies, as they are. */
  readonly lines?: readonly string[];
  readonly body?: string;
}

/** A request that is in order, but for what is given. */
export function head(port: number, given: Head = {}): string {
  const { method = 'GET', path = '/api/health', lines = [], body = '' } = given;
  const { host = `127.0.0.1:${port}`, authorization = `Bearer ${token}` } = given;
  return [
    `${method} ${path} HTTP/1.1`,
    ...(host === null ? [] : [`host: ${host}`]),
    ...(authorization === null ? [] : [`authorization: ${authorization}`]),
    ...lines,
    '',
    body,
  ].join('\r\n');
}

/** The lines of an upgrade to a websocket. */
export const upgrade = [
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** The lines of a body of JSON. */
export const json = (body: string) => ({
  lines: ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`],
  body,
});
