import { describe, expect, test } from '@jest/globals';
import { frameBytes } from '../../lib/node/frame-bytes.js';

const text = '{"type":"app_server.turn.started","threadId":"t1","payload":{"text":"say \\"t2\\""}}';

describe('bytes of a frame', () => {
  test.each([
    ['alone', 0, 0],
    ['among others', 33, 500],
    ['at the end of a long buffer', 200_001, 0],
    ['at the beginning of one', 0, 200_000],
  ])('are read %s', (_, before, after) => {
    const frame = Buffer.from(text);
    const all = Buffer.alloc(before + frame.length + after, 'x');
    frame.copy(all, before);
    const part = all.subarray(before, before + frame.length);
    const [isType, isOther] = ['{"type":"', '{"kind":"'].map((head) => frameBytes.standing(head));
    const made: string[] = [];
    const typeAt = frameBytes.found((type) => made.push(type) && type);
    // A long buffer is not kept: it is read anew, also right after itself.
    for (let again = 0; again < 2; again++) {
      const start = frameBytes.startOf(part);
      expect([isType?.(part, start, 0), isOther?.(part, start, 0)]).toEqual([true, false]);
      expect(typeAt(part, start, 9)).toBe('app_server.turn.started');
    }
    expect(made).toEqual(['app_server.turn.started']);
    expect(frameBytes.holding(['"t1"'])(part)).toBe(true);
    expect(frameBytes.holding(['"t3"'])(part)).toBe(false);
  });
});
