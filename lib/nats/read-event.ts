import { parseEnvelope, type Envelope } from '../envelope/index.js';

/** @throws EnvelopeError for what was not stored by a publisher. */
export const readEvent = (text: string): Envelope => parseEnvelope(text);
