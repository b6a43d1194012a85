import { describe, expect, test } from '@jest/globals';
import { readBody } from '../../lib/socket/index.js';

function bodyOf(...chunks: (string | number[])[]) {
  let read = 0;
  let cancelled = 0;
  const reader = {
    read: () => {
      const chunk = chunks[read++];
      const value = chunk === undefined ? undefined : Buffer.from(chunk as string);
      return Promise.resolve({ done: chunk === undefined, value });
    },
    cancel: () => Promise.reject(new Error(`cancelled ${++cancelled}`)),
  };
  return { getReader: () => reader, read: () => read, cancelled: () => cancelled };
}

describe('a body', () => {
  test('is read as UTF-8, characters that are split and a BOM included', async () => {
    const [first, ...rest] = Buffer.from('\ufeffå猫\ufffd\ufeff');
    expect(await readBody(bodyOf([first!], rest), 100)).toEqual({
      fault: null,
      text: 'å猫\ufffd\ufeff',
      bytes: 14,
    });
    expect(await readBody(bodyOf(), 0)).toEqual({ fault: null, text: '', bytes: 0 });
  });

  test('of bytes that are not UTF-8 is a fault', async () => {
    expect(await readBody(bodyOf('{"', [0xff, 0x22]), 100)).toEqual({
      fault: 'not-utf8',
      excerpt: '{"\ufffd"',
      bytes: 4,
    });
  });

  test('is read up to its bound, and then no further', async () => {
    const chunks = Array.from({ length: 1_000 }, () => 'x'.repeat(10));
    const body = bodyOf(...chunks);
    expect(await readBody(body, 25)).toEqual({
      fault: 'too-large',
      excerpt: 'x'.repeat(10),
      bytes: 30,
    });
    expect([body.read(), body.cancelled()]).toEqual([3, 1]);
    expect(await readBody(bodyOf('12345'), 5)).toMatchObject({ fault: null });
  });

  test('that breaks off is an error', async () => {
    const reader = { read: () => Promise.reject(new Error('reset')), cancel: async () => {} };
    await expect(readBody({ getReader: () => reader }, 5)).rejects.toThrow('reset');
  });
});
