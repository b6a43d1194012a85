import * as z from 'zod/mini';
import type { Envelope } from './envelope.js';
import { EnvelopeError } from './envelope-error.js';
import { toEnvelope } from './parse-envelope.js';

/**
 * A zod schema that reads a parsed frame as an {@link Envelope}: what `parseEnvelope` does, for
 * places where zod is at home (forms, tool inputs, other schemas). It accepts and refuses the same
 * frames. Built on `zod/mini`, so it works under a strict Content-Security-Policy.
 */
export const envelopeSchema: z.ZodMiniType<Envelope> = /* @__PURE__ */ z.transform(
  (frame, context): Envelope => {
    try {
      return toEnvelope(frame);
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      context.issues.push({ code: 'custom', message: error.message, input: frame });
      return z.NEVER;
    }
  },
);
