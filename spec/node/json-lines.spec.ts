import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitLines } from '../../lib/node/json-lines.js';
import type { FrameFilter } from '../../lib/socket/transport.js';

function split(maxFrameBytes = 1_000_000, ignore: FrameFilter | null = null) {
  const told: string[] = [];
  const lines = splitLines(
    { maxFrameBytes, ignore },
    {
      text: (text, bytes) => told.push(`${bytes} ${text}`),
      ignored: (bytes) => told.push(`ignored ${bytes}`),
      fault: (fault, bytes, excerpt) => told.push(`${fault} ${bytes} ${excerpt}`),
    },
  );
  return {
    told,
    end: lines.end,
    push: (...chunks: (string | Buffer)[]) => {
      for (const chunk of chunks) lines.push(Buffer.from(chunk as string));
    },
  };
}

describe('the lines of a stream', () => {
  test.each([
    ['LF', ['a\nbc\n'], ['1 a', '2 bc']],
    ['CRLF', ['a\r\nbc\r\n'], ['1 a', '2 bc']],
    ['CRLF that two chunks share', ['a\r', '\nb\n'], ['1 a', '1 b']],
    ['CRLF in a chunk of its own', ['a', '\r\n', 'b\n'], ['1 a', '1 b']],
    ['a CR that ends no line', ['a\rb\n', '\r', '\rc\n'], ['3 a\rb', '3 \r\rc']],
    ['a line in several chunks', ['on', 'e li', 'ne\ntw', 'o\n'], ['8 one line', '3 two']],
    ['empty lines', ['\n\n', '\r\n', '\r', '\n', 'a\n\n'], ['1 a']],
    ['empty chunks', ['', 'a', '', '\n', ''], ['1 a']],
  ])('%s', (_what, chunks, expected) => {
    const { push, told } = split();
    push(...chunks);
    expect(told).toEqual(expected);
  });

  test('a line without a newline is told at the end, and only then', () => {
    const { push, end, told } = split();
    push('a\n', 'b');
    expect(told).toEqual(['1 a']);
    end();
    end();
    expect(told).toEqual(['1 a', '1 b']);
  });

  test('a character whose bytes come in two chunks is whole', () => {
    const bytes = Buffer.from('{"å":"😀"}\n');
    for (let at = 0; at <= bytes.length; at++) {
      const { push, told } = split();
      push(bytes.subarray(0, at), bytes.subarray(at));
      expect(told).toEqual(['13 {"å":"😀"}']);
    }
  });

  test.each([
    ['one chunk', (line: string) => [line]],
    ['a chunk for each byte', (line: string) => Array.from(line)],
  ])('a line may be as long as the limit, its newline not counted, in %s', (_how, chunks) => {
    for (const newline of ['\n', '\r\n']) {
      const { push, told } = split(10);
      push(...chunks(`${'x'.repeat(10)}${newline}`));
      push(...chunks(`${'y'.repeat(11)}${newline}`));
      push(...chunks(`z${newline}`));
      expect(told).toEqual(['10 xxxxxxxxxx', 'too-large 11 yyyyyyyyyyy', '1 z']);
    }
  });

  test('a longer line is told once, with all of its bytes and its beginning, and the next one as ever', () => {
    const { push, told, end } = split(5_000);
    for (let i = 0; i < 100; i++) push('x'.repeat(999));
    expect(told).toEqual([]);
    push('\nshort\n', 'y'.repeat(7_000));
    end();
    expect(told).toEqual([
      `too-large 99900 ${'x'.repeat(1_000)}`,
      '5 short',
      `too-large 7000 ${'y'.repeat(1_000)}`,
    ]);
  });

  test('a line that nobody wants is told as ignored, however long it is', () => {
    const ignore = { length: 4, test: (head: string) => head === 'spam' };
    const { push, told } = split(10, ignore);
    push('spam\r\n', 'spa\nspam and more spam', ' and even more\nham\n');
    expect(told).toEqual(['ignored 4', '3 spa', 'ignored 32', '3 ham']);
  });

  test('a filter sees as much of a line as it asks for', () => {
    const heads: number[] = [];
    const ignore = { length: 3_000, test: (head: string) => heads.push(head.length) === 0 };
    const { push } = split(100, ignore);
    push('x'.repeat(2_000), 'x'.repeat(2_000), '\nshort\n');
    expect(heads).toEqual([3_000, 5]);
  });

  test('a line of 20 MB in chunks of a pipe, and many lines in one chunk', () => {
    const { push, told } = split(2 ** 25);
    const chunk = 'x'.repeat(2 ** 16);
    for (let i = 0; i < 320; i++) push(chunk);
    push('\n', 'y\n'.repeat(200_000));
    expect(told).toHaveLength(200_001);
    expect(told[0]).toHaveLength('20971520 '.length + 20_971_520);
    expect(told.at(-1)).toBe('1 y');
  });

  test('any lines, in chunks of any size, with LF or CRLF, come out as they went in', () => {
    const text = fc
      .string({ unit: 'binary', maxLength: 30 })
      // The replacement character stands for what is no UTF-8.
      .map((line) => Buffer.from(line.replaceAll(/[\r\n]/g, '')).toString());
    const line = fc.record({ text, newline: fc.constantFrom('\n', '\r\n') });
    const cuts = fc.array(fc.nat({ max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(line), text, cuts, fc.nat({ max: 60 }), (lines, last, cuts, limit) => {
        const bytes = Buffer.from(lines.map(({ text, newline }) => text + newline).join('') + last);
        const { push, end, told } = split(limit);
        let from = 0;
        for (const cut of cuts) push(bytes.subarray(from, (from += cut)));
        push(bytes.subarray(from));
        end();
        const expected = [...lines.map(({ text }) => text), last]
          .filter((text) => text !== '')
          .map((text) => {
            const length = Buffer.byteLength(text);
            return length > limit ? `too-large ${length} ${text}` : `${length} ${text}`;
          });
        expect(told).toEqual(expected);
      }),
    );
  });

  test('bytes that are not UTF-8 are a fault, as on a websocket', () => {
    const { push, told } = split();
    push(Buffer.from([0x43, 0xe9, 0xff, 0x0a]), 'b\n');
    expect(told).toEqual(['not-utf8 3 C\xe9\xff', '1 b']);
  });
});
