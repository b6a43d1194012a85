import { messageOf, visibleLine } from '../text/index.js';
import { EnvelopeError } from './envelope-error.js';
import { withoutNoise } from './without-noise.js';

/**
 * Parses JSON, also behind a BOM or the escape sequences of a terminal. Integers beyond 2 ** 53 are
 * rounded, as JSON.parse does: `ofText` looks whether the id of a request is one.
 *
 * @throws EnvelopeError for text that is not JSON.
 */
export const parseFrame = (text: string): unknown => parse(text, null);

/**
 * Like {@link parseFrame}, but if an id in it is an integer beyond 2 ** 53, all such integers come
 * as their digits, in text: as numbers they would be rounded, and an answer would reach another
 * request.
 */
export const parseJson = (text: string): unknown => parse(text, longId);

/** Like {@link parseJson}, wherever such an integer is. */
export const parseExactly = (text: string): unknown => parse(text, longInteger);

const longId = /[iI]d":\s*-?\d{16}/;
const longInteger = /[:[,\s]-?\d{16}/;

function parse(frame: string, exact: RegExp | null): unknown {
  const text = withoutNoise(frame);
  try {
    const isExact = exact !== null && hasLongRun(text) && exact.test(text);
    return JSON.parse(isExact ? quoteLongIntegers(text) : text);
  } catch (error) {
    // It quotes the text.
    const cause = new SyntaxError(visibleLine(messageOf(error)));
    throw new EnvelopeError(frame === '' ? 'empty' : 'not-json', frame, { cause });
  }
}

const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;
const maxSafe = String(Number.MAX_SAFE_INTEGER);

/** Whether there are sixteen digits in a row: one of them stands where this looks first. */
function hasLongRun(text: string): boolean {
  const { length } = maxSafe;
  for (let at = length - 1; at < text.length; at += length) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let before = at;
    let end = at;
    while (isDigit(text.charCodeAt(before))) before -= 1;
    while (isDigit(text.charCodeAt(end))) end += 1;
    if (end - before > length) return true;
  }
  return false;
}

/** The integers beyond 2 ** 53, quoted: one pass, in which strings are skipped by their quotes. */
function quoteLongIntegers(text: string): string {
  let quoted = '';
  let copied = 0;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
      continue;
    }
    if (!isDigit(code)) {
      at += 1;
      continue;
    }
    const first = at;
    do at += 1;
    while (isDigit(text.charCodeAt(at)));
    const end = at;
    at = endOfNumber(text, end);
    if (at > end || !isLong(text, first, end)) continue;
    const start = text.charCodeAt(first - 1) === minus ? first - 1 : first;
    quoted += `${text.slice(copied, start)}"${text.slice(start, end)}"`;
    copied = end;
  }
  return quoted + text.slice(copied);
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

const isLong = (text: string, first: number, end: number): boolean =>
  end - first > maxSafe.length ||
  (end - first === maxSafe.length && text.slice(first, end) > maxSafe);

/** The end of a number whose whole part ends here: of its fraction and its exponent. */
function endOfNumber(text: string, from: number): number {
  let at = from;
  while (isFractional(text.charCodeAt(at))) at += 1;
  return at;
}

/** A digit, or one of `.eE+-`. */
const isFractional = (code: number): boolean =>
  isDigit(code) || code === 0x2e || (code | 0x20) === 0x65 || code === 0x2b || code === minus;

/** Where the string that starts here ends; the end of the text if it does not. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at;
    while (text.charCodeAt(before - 1) === backslash) before -= 1;
    if ((at - before) % 2 === 0) return at + 1;
  }
  return text.length;
}
