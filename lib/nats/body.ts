import type { JsMsg } from '@nats-io/jetstream';
import type { Envelope } from '../envelope/index.js';
import { header, textOf, truncatedType } from './message.js';
import { readParts } from './parts.js';
import type { Shared } from './setup.js';
import type { Names } from './subjects.js';

/** A message as far as reading its body needs it. */
export type Stored = Pick<JsMsg, 'subject' | 'headers' | 'data'>;

/**
 * The body of a message, put together if it is stored in parts. If a part is gone, an event of the
 * type `codex_rx.truncated` stands for it.
 */
export function bodyOf(
  { subject, headers, data }: Stored,
  { jsm }: Pick<Shared, 'jsm'>,
  names: Names,
): string | Promise<string> {
  const range = headers?.get(header.parts);
  if (!range) return textOf(data);
  const [, , , partition = '0', token = '_', ...type] = subject.split('.');
  return readParts(jsm, names.stream, names.part(Number(partition), token), range).then((whole) => {
    if (whole) return textOf(whole);
    const payload = { type: type.join('.'), subject };
    const event: Envelope = {
      type: truncatedType,
      threadId: threadOf(token),
      turnId: null,
      requestId: null,
      payload,
    };
    return JSON.stringify(event);
  });
}

/** The thread of a token, where that is readable. */
function threadOf(token: string): string | null {
  if (token === '_' || token.startsWith('~')) return null;
  try {
    return decodeURIComponent(token);
  } catch {
    return null;
  }
}
