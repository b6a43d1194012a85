import { describe, expect, test } from '@jest/globals';
import { readRecording } from 'codex-rx/testing';

describe('readRecording', () => {
  test('reads a line an entry, and skips empty lines', () => {
    const text =
      '{"t":1,"sock":"a","dir":"in","frame":{"type":"ready"}}\n\n  \n' +
      '{"t":2,"sock":"a","dir":"close","code":1005}\r\n';
    expect(readRecording(text)).toEqual([
      { t: 1, sock: 'a', dir: 'in', frame: { type: 'ready' } },
      { t: 2, sock: 'a', dir: 'close', code: 1005 },
    ]);
    expect(readRecording('')).toEqual([]);
  });

  test.each(['nonsense', 'null', '5', '[]', '{"t":"1","dir":"in"}', '{"t":1}'])(
    'names the line that is none: %s',
    (line) => {
      const text = `{"t":1,"sock":"a","dir":"in"}\n\n${line}`;
      expect(() => readRecording(text)).toThrow(
        new SyntaxError(`Line 3 of the recording is no recorded frame: ${line}`),
      );
    },
  );

  test('shows no more of a bad line than is needed to find it', () => {
    expect(() => readRecording('x'.repeat(10_000))).toThrow(/: x{80}$/);
  });
});
