import { visibleLine } from '../text/index.js';

/**
 * Why a frame is no envelope. `too-deep`: its values are nested deeper than the stack allows.
 * `unreadable`: to read it failed, for the reason in `cause`.
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

/** A frame cannot be read as an envelope. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';

  /** What is wrong with the frame. */
  readonly reason: EnvelopeFault;

  /** How the frame begins, 200 characters at most. */
  readonly excerpt: string;

  constructor(reason: EnvelopeFault, frame: unknown, options?: ErrorOptions) {
    const excerpt = excerptOf(frame);
    super(`The frame is no envelope (${reason}). It begins: ${visibleLine(excerpt)}`, options);
    this.reason = reason;
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
