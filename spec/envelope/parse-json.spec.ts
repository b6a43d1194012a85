import { describe, expect, jest, test } from '@jest/globals';
import { parseEnvelope } from 'codex-rx';
import { parseExactly, parseJson } from '../../lib/envelope/index.js';

const long = '9223372036854775807';

describe('an id beyond 2 ** 53', () => {
  test.each(['requestId', 'approvalId', 'request_id'])('is exact in %s of an envelope', (name) => {
    const payload = `{"${name}": ${long}}`;
    const frame = `{"type":"app_server.request.item.tool.call","threadId":"t","payload":${payload}}`;
    expect(parseEnvelope(frame).requestId).toBe(long);
    expect(parseEnvelope(frame.replace(long, `"${long}"`)).requestId).toBe(long);
    expect(parseEnvelope(frame.replace(long, '9007199254740991')).requestId).toBe(2 ** 53 - 1);
  });

  test('is found wherever it stands', () => {
    for (let before = 0; before < 40; before++) {
      const [id, name] = ['9007199254740993', 'n'.repeat(before)];
      expect(parseJson(`{"${name}":1,"id":${id}}`)).toEqual({ [name]: 1, id });
    }
  });

  test('leaves frames without one to JSON.parse', () => {
    expect(parseJson(`{"n":${long}}`)).toEqual({ n: Number(long) });
    expect(parseExactly(`{"n":${long}}`)).toEqual({ n: long });
  });
});

describe('parseExactly', () => {
  test.each([
    '"',
    '{"a":',
    '[-]',
    '[12345678901234567890',
    '["12345678901234567890]',
    `[1${'0'.repeat(20)}.]`,
  ])('refuses %s as JSON.parse does', (text) => {
    expect(() => parseExactly(text)).toThrow('not-json');
  });

  test('changes no fraction, no exponent, and nothing in strings', () => {
    const text = String.raw`[0.12345678901234567890, 1234567890123456789e-3, 12345678901234567890.5,
      ", 12345678901234567890", "\\", "\\\", 12345678901234567890", 9007199254740991, -0]`;
    expect(parseExactly(text)).toEqual(JSON.parse(text));
    expect(parseExactly(`[${long}, "\\\\", -${long},${long}]`)).toEqual([
      long,
      '\\',
      `-${long}`,
      long,
    ]);
  });

  test('looks at each character of a frame of nothing but long integers a few times', () => {
    const frame = `[${Array(2_000).fill(long).join(',')}]`;
    const looks = jest.spyOn(String.prototype, 'charCodeAt');
    try {
      parseExactly(frame);
      expect(looks.mock.calls.length).toBeGreaterThan(frame.length / 2);
      expect(looks.mock.calls.length).toBeLessThan(6 * frame.length);
    } finally {
      looks.mockRestore();
    }
  });
});
