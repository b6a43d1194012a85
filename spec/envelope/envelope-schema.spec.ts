import { describe, expect, test } from '@jest/globals';
import { EnvelopeError, envelopeSchema, parseEnvelope, type Envelope } from 'codex-rx';
import fc from 'fast-check';
import * as z from 'zod/mini';
import { managerFrames } from '../recordings/index.js';

type Outcome = { readonly event: Envelope } | { readonly message: string };

function parsed(frame: unknown): Outcome {
  try {
    return { event: parseEnvelope(frame) };
  } catch (error) {
    if (error instanceof EnvelopeError) return { message: error.message };
    throw error;
  }
}

function checked(frame: unknown): Outcome {
  const result = envelopeSchema.safeParse(frame);
  if (result.success) return { event: result.data };
  return { message: result.error.message };
}

const id = fc.constantFrom<unknown>(null, undefined, 't', '', 0, 1.5, true, {}, []);
const frames = fc.oneof(
  fc.anything().filter((frame) => typeof frame !== 'string'),
  fc.record(
    {
      type: fc.oneof(fc.string(), fc.constantFrom<unknown>('__proto__', null, 5)),
      threadId: id,
      turn_id: id,
      requestId: id,
      payload: fc.jsonValue(),
      __proto__: fc.jsonValue(),
      extra: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
);

describe('envelopeSchema', () => {
  test('reads every recorded frame as parseEnvelope does', () => {
    for (const { frame } of managerFrames) {
      expect(envelopeSchema.parse(frame)).toStrictEqual(parseEnvelope(frame));
    }
  });

  test('accepts and refuses what parseEnvelope does, and says the same of it', () => {
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(frames, (frame) => {
        const outcome = checked(frame);
        outcomes.add(Object.keys(outcome)[0] ?? '');
        expect(outcome).toEqual(parsed(frame));
      }),
      { numRuns: 500 },
    );
    expect(outcomes).toEqual(new Set(['event', 'message']));
  });

  test('reads values, not text: that is what JSON.parse is for', () => {
    const text = '{"type":"a"}';
    expect(envelopeSchema.safeParse(text).success).toBe(false);
    expect(envelopeSchema.safeParse(JSON.parse(text)).success).toBe(true);
  });

  test('has a place in other schemas, and tells where the fault is', () => {
    const schema = z.object({ events: z.array(envelopeSchema) });
    const event = parseEnvelope({ type: 'a' });
    expect(schema.parse({ events: [{ type: 'a' }] })).toEqual({ events: [event] });
    const issues = schema.safeParse({ events: [{ type: 'a' }, { type: 5 }] }).error?.issues;
    expect(issues).toEqual([
      expect.objectContaining({
        path: ['events', 1],
        message: expect.stringContaining('(no-type)'),
      }),
    ]);
  });

  test('is no cover for an error that has nothing to do with the frame', () => {
    const oops = new Error('not yours');
    const frame = {
      get type(): string {
        throw oops;
      },
    };
    expect(() => envelopeSchema.safeParse(frame)).toThrow(oops);
    expect(() => parseEnvelope(frame)).toThrow(oops);
  });
});
