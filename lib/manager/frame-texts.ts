/** A text frame as it came over the wire, or decoded. */
export type Frame = Uint8Array | string;

/** What is kept for a text. */
interface Kept {
  readonly text: string;
}

/** Texts in frames, each with what is kept for it. */
export interface FrameTexts<K extends Kept> {
  /** What is kept for the text that begins here, after its quote; `null` if it is not plain. */
  find(frame: Frame, from: number): K | null;
}

const quote = 0x22;
const backslash = 0x5c;

/** No type or id is longer; a text that is, is not plain. */
const longest = 300;

/**
 * A table of a fixed size, for texts come from the network. No string is made for one that is in
 * it: it is found by a few of its characters, and compared with all of them.
 */
export function createFrameTexts<K extends Kept>(make: (text: string) => K): FrameTexts<K> {
  const size = 1_024;
  const table: (K | undefined)[] = Array.from({ length: size });
  return {
    find(frame, from) {
      const limit = Math.min(frame.length, from + longest);
      let end = from;
      while (end < limit && codeAt(frame, end) !== quote) end++;
      if (end === limit) return null;
      const length = end - from;
      let place = length;
      // The ends of types and ids tell them apart sooner than their beginnings.
      for (let at = end - 1; at >= from && at >= end - 6; at--)
        place = place * 33 + codeAt(frame, at);
      place = (place + codeAt(frame, from + (length >> 1)) * 7) & (size - 1);
      // Two places, so that two texts of the same one do not take it in turn.
      for (let other = 0; other < 2; other++) {
        const known = table[place ^ other];
        if (known?.text.length === length && isAt(frame, from, known.text)) return known;
      }
      const text = plainText(frame, from, end);
      if (text === null) return null;
      table[place ^ 1] = table[place];
      return (table[place] = make(text));
    },
  };
}

/** Whether a text of ASCII stands there. */
export function isAt(frame: Frame, from: number, text: string): boolean {
  if (typeof frame === 'string') return frame.startsWith(text, from);
  let at = text.length - 1;
  while (at >= 0 && frame[from + at] === text.charCodeAt(at)) at--;
  return at < 0;
}

/** Whether a text of ASCII is anywhere in a frame; where that cannot be told, it is. */
export function mayContain(frame: Frame, text: string): boolean {
  // An array of bytes that is no Buffer finds no text.
  const isSearchable = typeof frame === 'string' || 'latin1Slice' in frame;
  return !isSearchable || (frame as string).includes(text);
}

/** The text without its quotes; `null` if JSON has written it otherwise, or it is not ASCII. */
function plainText(frame: Frame, from: number, end: number): string | null {
  let text = '';
  for (let at = from; at < end; at++) {
    const code = codeAt(frame, at);
    if (code < 0x20 || code > 0x7e || code === backslash) return null;
    text += String.fromCharCode(code);
  }
  return text;
}

const codeAt = (frame: Frame, at: number): number =>
  typeof frame === 'string' ? frame.charCodeAt(at) : (frame[at] as number);
