import { $ZodTransform } from 'zod/v4/core';
import type { Envelope } from './envelope.js';
import { EnvelopeError } from './envelope-error.js';
import { toEnvelope } from './parse-envelope.js';

/** A zod schema that also parses by itself. */
export interface EnvelopeSchema extends $ZodTransform<Envelope> {
  /** @throws EnvelopeError if the value is no envelope. */
  parse(value: unknown): Envelope;
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: Envelope }
    | { readonly success: false; readonly error: EnvelopeError };
}

/**
 * A zod schema that reads a parsed frame as an {@link Envelope}: what `parseEnvelope` does, for
 * places where zod is at home, as a member of other schemas or in `z.parse(envelopeSchema, frame)`.
 * It is made of zod's core alone, which is small and makes no code at run time.
 */
export const envelopeSchema: EnvelopeSchema = /* @__PURE__ */ createSchema();

function createSchema(): EnvelopeSchema {
  const schema = new $ZodTransform({
    type: 'transform',
    transform(value, { issues }) {
      const parsed = safeParse(value);
      if (parsed.success) return parsed.data;
      issues.push({ code: 'custom', message: parsed.error.message, input: value });
      return parsed;
    },
  });
  return Object.assign(schema, {
    parse: (value: unknown) => toEnvelope(value),
    safeParse,
  }) as EnvelopeSchema;
}

function safeParse(value: unknown): ReturnType<EnvelopeSchema['safeParse']> {
  try {
    return { success: true, data: toEnvelope(value) };
  } catch (error) {
    if (error instanceof EnvelopeError) return { success: false, error };
    throw error;
  }
}
