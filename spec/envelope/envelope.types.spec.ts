import { describe, test } from '@jest/globals';
import { envelopeSchema, parseEnvelope, type Envelope, type RequestId } from 'codex-rx';
import { expectTypeOf } from 'expect-type';
import type * as z from 'zod/mini';

describe('Envelope', () => {
  test('is read only, and null where an id is not known', () => {
    expectTypeOf<Envelope>().toEqualTypeOf<{
      readonly type: string;
      readonly threadId: string | null;
      readonly turnId: string | null;
      readonly requestId: RequestId | null;
      readonly payload: unknown;
    }>();
    expectTypeOf<RequestId>().toEqualTypeOf<string | number>();
  });

  test('of a certain type and payload is an Envelope', () => {
    expectTypeOf<Envelope<'approval', { approvalId: string }>>().toExtend<Envelope>();
    expectTypeOf<Envelope>().not.toExtend<Envelope<'approval'>>();
  });

  test('is what parseEnvelope and the schema give, of whatever they are given', () => {
    expectTypeOf(parseEnvelope).toEqualTypeOf<(frame: unknown) => Envelope>();
    expectTypeOf<z.output<typeof envelopeSchema>>().toEqualTypeOf<Envelope>();
    expectTypeOf<z.input<typeof envelopeSchema>>().toBeUnknown();
  });
});
