import type { IncomingMessage } from 'node:http';
import type { HttpHeaders } from './loopback-server.js';

/** A request to a REST API. */
export interface RestRequest {
  readonly method: string;
  /** The path and the query. */
  readonly url: string;
  readonly headers: HttpHeaders;
  /** The parsed body; `undefined` if there was none, or none that is JSON. */
  readonly body: unknown;
}

export interface RestReply {
  readonly status: number;
  /** Is sent as JSON. */
  readonly body: unknown;
}

/** A request, and what became of it. */
export interface RestCall extends RestRequest {
  /** The HTTP status of the reply; `null` as long as there is none. */
  readonly status: number | null;
}

/** The largest body that codex-manager reads, in bytes. */
const maxBytes = 2 ** 20;

/** Reads a body that is JSON; resolves with `null` if it is too large to be read. */
export async function readJson(request: IncomingMessage): Promise<{ body: unknown } | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // The rest is read and dropped, so that a client that still writes gets its reply.
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > maxBytes) return null;
  try {
    return { body: JSON.parse(Buffer.concat(chunks).toString()) as unknown };
  } catch {
    return { body: undefined };
  }
}

/** What codex-manager says to a body that is too large. */
export const tooLarge: RestReply = {
  status: 413,
  body: { status: 'error', code: 'request_failed', message: 'Request body is too large' },
};
