import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { visibleJson, visibleLine, visibleText } from '../../lib/text/index.js';

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => String.fromCodePoint(from + at));

const c0 = range(0, 0x1f).filter((char) => char !== '\n' && char !== '\t');
const c1 = range(0x7f, 0x9f);
const bidi = ['\u061c', '\u200e', '\u200f', ...range(0x202a, 0x202e), ...range(0x2066, 0x2069)];
const zeroWidth = ['\u200b', '\u2060', '\u2063', '\ufeff', '\u00ad', '\u{e0041}'];
const joiners = ['\u200c', '\u200d'];
const hidden = [...c0, ...c1, ...bidi, ...zeroWidth];
const pieces = fc.array(
  fc.oneof(fc.constantFrom(...hidden, ...joiners, '\n', '\t', 'a', 'é', '👩', '\\'), fc.string()),
);
const text$ = pieces.map((parts) => parts.join(''));

describe('visibleText', () => {
  test.each([
    ['an escape sequence', 'rm -rf ~\u001b[2K\rls', 'rm -rf ~\\u001b[2K\\u000dls'],
    ['the clipboard', '\u001b]52;c;eA==\u0007', '\\u001b]52;c;eA==\\u0007'],
    ['one byte of C1 that begins a sequence', '\u009b2J', '\\u009b2J'],
    ['a right-to-left override', 'a\u202etxt.exe', 'a\\u202etxt.exe'],
    ['a tag, by its two units', 'a\u{e0041}', 'a\\udb40\\udc41'],
    ['joiners alone', '\u200d\u200c', '\\u200d\\u200c'],
    ['a joiner after a word', 'word\u200d ', 'word\\u200d '],
  ])('shows %s', (_, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  test.each([
    ['lines and tabs', 'a\n\tb'],
    ['a family', '👨‍👩‍👧‍👦 and 🧑🏽‍💻 and 🏳️‍🌈 and ❤️'],
    ['Persian', 'می‌خواهم'],
    ['Hindi', 'क्‍ष'],
    ['other scripts', 'Ünïcödé 日本語 العربية עברית'],
    ['a backslash', 'C:\\new\\u001b'],
  ])('leaves %s', (_, text) => {
    expect(visibleText(text)).toBe(text);
  });

  test('leaves no control in any text, and nothing to show in what it has shown', () => {
    fc.assert(
      fc.property(text$, (text) => {
        const shown = visibleText(text);
        expect(hidden.filter((char) => shown.includes(char))).toEqual([]);
        expect(visibleText(shown)).toBe(shown);
      }),
    );
  });
});

describe('visibleLine', () => {
  test.each([
    ['LF and TAB', 'ls\n\tx', 'ls\\u000a\\u0009x'],
    ['a joiner within a word', 'pass\u200dword', 'pass\\u200dword'],
    ['a joiner within an emoji', '👨‍👩', '👨\\u200d👩'],
    ['a variation selector', 'a\ufe0f', 'a\\ufe0f'],
  ])('shows %s', (_, text, shown) => {
    expect(visibleLine(text)).toBe(shown);
  });

  test('leaves neither a control nor a joiner in any text, and all else', () => {
    fc.assert(
      fc.property(text$, (text) => {
        const shown = visibleLine(text);
        const all = [...hidden, ...joiners, '\n', '\t'];
        expect(all.filter((char) => shown.includes(char))).toEqual([]);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(visibleLine(text)).toBe(text);
      }),
    );
  });
});

describe('visibleJson', () => {
  test('has the same value, and no control', () => {
    const value$ = fc.jsonValue().chain((value) => text$.map((text) => ({ value, [text]: text })));
    fc.assert(
      fc.property(value$, fc.constantFrom(0, 2, '\t'), (value, space) => {
        const json = JSON.stringify(value, null, space);
        const shown = visibleJson(json.replaceAll('\n', '\r\n'));
        expect(JSON.parse(shown)).toEqual(JSON.parse(json));
        expect(hidden.filter((char) => shown.includes(char))).toEqual([]);
      }),
    );
  });
});
