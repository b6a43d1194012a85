import type { FetchBody } from './fetch.js';
import { excerptBytes, type TransportFault } from './transport.js';

/** The text of a body, or why it has none, and how it begins. */
export type BodyText =
  | { readonly fault: null; readonly text: string; readonly bytes: number }
  | {
      readonly fault: Exclude<TransportFault, 'binary'>;
      readonly excerpt: string;
      readonly bytes: number;
    };

/**
 * Reads a body as UTF-8, a BOM aside. One that is longer than `maxBytes` is not read to its end:
 * the bytes that came so far are counted.
 */
export async function readBody(body: FetchBody, maxBytes: number): Promise<BodyText> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (value === undefined) {
      if (done !== true) continue;
      break;
    }
    chunks.push(value);
    bytes += value.length;
    if (bytes > maxBytes) {
      // What it costs to tell the server is not waited for.
      Promise.resolve(reader.cancel()).catch(() => undefined);
      return { fault: 'too-large', excerpt: beginning(chunks), bytes };
    }
  }
  const whole = join(chunks, bytes);
  try {
    return { fault: null, text: new TextDecoder('utf-8', { fatal: true }).decode(whole), bytes };
  } catch {
    return { fault: 'not-utf8', excerpt: beginning([whole]), bytes };
  }
}

function join(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

const beginning = ([first = new Uint8Array()]: readonly Uint8Array[]): string =>
  new TextDecoder().decode(first.subarray(0, excerptBytes));
