/** Why a frame is no envelope. */
export type EnvelopeFault =
  | 'empty'
  | 'not-json'
  | 'not-an-object'
  | 'no-type'
  | 'bad-thread-id'
  | 'bad-turn-id'
  | 'bad-request-id';

const explanations: Record<EnvelopeFault, string> = {
  empty: 'it is empty',
  'not-json': 'it is not JSON',
  'not-an-object': 'it is not a JSON object',
  'no-type': 'its "type" is not a string',
  'bad-thread-id': 'its thread id is not a string',
  'bad-turn-id': 'its turn id is not a string',
  'bad-request-id': 'its request id is neither a string with text nor a whole number',
};

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
    super(`The frame is no envelope: ${explanations[reason]}. It begins: ${excerpt}`, options);
    this.reason = reason;
    this.excerpt = excerpt;
  }
}

/** How a frame begins, 200 characters at most. Never throws. */
export function excerptOf(frame: unknown): string {
  const text = typeof frame === 'string' ? frame : describe(frame);
  return text.length > excerptLength ? `${text.slice(0, excerptLength - 1)}…` : text;
}

function describe(value: unknown): string {
  try {
    // `undefined`, say, is not JSON, though the type of stringify does not tell.
    return JSON.stringify(value) || String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
