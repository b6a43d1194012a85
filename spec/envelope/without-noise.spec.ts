import { describe, expect, test } from '@jest/globals';
import { parseEnvelope } from 'codex-rx';
import { withoutNoise } from '../../lib/envelope/index.js';

describe('what stands before the JSON of a frame', () => {
  test.each([
    ['a BOM', '\ufeff'],
    ['a BOM and white space', '\ufeff \r\n'],
    ['modes and a title, with braces', '\x1b[?2004h\x1b]0;{codex}\x07'],
    ['a title that ends as C1 wants it', '\x1b]0;codex\x1b\\'],
    ['colours and a prompt', '\x1b[1;32m$ \x1b[0m'],
    ['a reset and a character set', '\x1bc\x1b(B'],
    ['a BOM and an escape sequence', '\ufeff\x1b[0m'],
  ])('%s is no part of it', (_, noise) => {
    expect(withoutNoise(`${noise}{"a":"\ufeff"}`)).toBe('{"a":"\ufeff"}');
    expect(parseEnvelope(`${noise}{"type":"a"}`).type).toBe('a');
  });

  test.each(['', ' {"a":1}', 'warning: {"a":1}', '{"a":1}', '\ufffe{}'])(
    '%j stays as it is',
    (text) => {
      expect(withoutNoise(text)).toBe(text);
    },
  );

  test('is shown in the error of a frame that cannot be read', () => {
    expect(() => parseEnvelope('\x1b[2Kno JSON')).toThrow(/\\u001b\[2Kno JSON/);
  });

  test('takes no longer when it never ends', () => {
    const noise = '\x1b['.repeat(200_000);
    expect(withoutNoise(noise)).toHaveLength(0);
  });
});
