import type { IncomingMessage, ServerResponse } from 'node:http';

/** The body of a request as text; `null` if it is longer than `maxBytes`. */
export async function readBody(
  request: IncomingMessage,
  maxBytes = Infinity,
): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // The rest is read and dropped, so that a client that still writes gets its reply.
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes > maxBytes ? null : Buffer.concat(chunks).toString();
}

export function replyJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    connection: 'close',
  });
  response.end(JSON.stringify(body));
}
