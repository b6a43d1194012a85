import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSlabs } from '../../lib/gateway/slabs.js';

test('each text is what it was, whatever comes after it', () => {
  const texts = fc.array(
    fc.tuple(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 0, max: 800 })),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(texts, (given) => {
      const encode = createSlabs();
      const all = given.map(([text, times]) => text.repeat(times));
      const encoded = all.map(encode);
      expect(encoded.map(String)).toEqual(all.map((text) => Buffer.from(text).toString()));
    }),
    { numRuns: 20 },
  );
});

test('texts share memory, of which little is left unused', () => {
  const encode = createSlabs();
  const buffers = Array.from({ length: 2_000 }, () => encode('x'.repeat(1_000)).buffer);
  const bytes = [...new Set(buffers)].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(bytes).toBeLessThan(1.2 * 2_000 * 1_000);
});
