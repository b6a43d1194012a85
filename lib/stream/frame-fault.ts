import { EnvelopeError } from '../envelope/index.js';

/** Whatever reading a frame has thrown. */
export function asFault(error: unknown, frame: string): EnvelopeError {
  if (error instanceof EnvelopeError) return error;
  const isTooDeep = error instanceof RangeError;
  return new EnvelopeError(isTooDeep ? 'too-deep' : 'unreadable', frame, { cause: error });
}
