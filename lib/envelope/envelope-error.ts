import { visibleLine } from '../text/index.js';

/**
 * Why a frame is no envelope:
 * - `empty`: it has no text;
 * - `not-json`: it is not JSON;
 * - `not-an-object`: its JSON is not an object;
 * - `no-type`: `type`, or the `method` of an app-server, is missing or is no text;
 * - `bad-thread-id`: `threadId` is neither a text nor `null`;
 * - `bad-turn-id`: `turnId` is neither a text nor `null`;
 * - `bad-request-id`: the id of a request is neither a text nor an integer;
 * - `unknown-id`: it answers a call that was never made, or that was answered before;
 * - `binary`: it is a binary frame of a websocket;
 * - `not-utf8`: its bytes are not UTF-8;
 * - `too-large`: it is larger than `maxFrameBytes`;
 * - `too-deep`: its values are nested deeper than the stack allows;
 * - `unreadable`: reading it failed, for the reason in `cause`.
 */
export type EnvelopeFault =
  | 'empty'
  | 'not-json'
  | 'not-an-object'
  | 'no-type'
  | 'bad-thread-id'
  | 'bad-turn-id'
  | 'bad-request-id'
  | 'unknown-id'
  | 'binary'
  | 'not-utf8'
  | 'too-large'
  | 'too-deep'
  | 'unreadable';

/** The longest excerpt of a frame that a report shows, in UTF-16 units. */
const excerptLength = 200;

/** A frame that cannot be read as an envelope. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';

  readonly kind: EnvelopeFault;

  /** How the frame begins, 200 characters at most. */
  readonly excerpt: string;

  constructor(kind: EnvelopeFault, frame: unknown, options?: ErrorOptions) {
    const excerpt = excerptOf(frame);
    super(`The frame is no envelope (${kind}). It begins: ${visibleLine(excerpt)}`, options);
    this.kind = kind;
    this.excerpt = excerpt;
  }
}

/** How a frame begins, 200 characters at most. Never throws. */
export function excerptOf(frame: unknown): string {
  let text = Object.prototype.toString.call(frame);
  try {
    // `undefined`, say, is not JSON, though the type of stringify does not tell.
    text = typeof frame === 'string' ? frame : JSON.stringify(frame) || String(frame);
  } catch {
    // A circle, or a getter that throws: then its kind must do.
  }
  return text.length > excerptLength ? `${text.slice(0, excerptLength - 1)}…` : text;
}
