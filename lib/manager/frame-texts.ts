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

/** ASCII without control characters and the backslash, which JSON may have written otherwise. */
const plain = /^[ -[\]-~]*$/;

/** No type or id is longer; a text that is, is not plain. */
const longest = 300;

/**
 * A table of a fixed size, for texts come from the network. No string is made for one that is in
 * it: it is found by a few of its characters, and compared with all of them.
 */
export function createFrameTexts<K extends Kept>(make: (text: string) => K): FrameTexts<K> {
  const table: (K | undefined)[] = Array.from({ length: 1_024 });
  return {
    find(frame, from) {
      const end = frame.indexOf((typeof frame === 'string' ? '"' : 0x22) as never, from);
      const length = end - from;
      if (length < 0 || length > longest) return null;
      let place = length;
      // The ends of types and ids tell them apart sooner than their beginnings.
      for (let at = end - 1; at >= from && at >= end - 6; at--)
        place = place * 33 + codeAt(frame, at);
      place = (place + codeAt(frame, from + (length >> 1)) * 7) & 1_023;
      // Two places, so that two texts of the same one do not take it in turn.
      for (let other = 0; other < 2; other++) {
        const known = table[place ^ other];
        if (known?.text.length === length && isAt(frame, from, known.text)) return known;
      }
      const text =
        typeof frame === 'string'
          ? frame.slice(from, end)
          : String.fromCharCode(...frame.subarray(from, end));
      if (!plain.test(text)) return null;
      return (table[table[place] ? place ^ 1 : place] = make(text));
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

const codeAt = (frame: Frame, at: number): number =>
  typeof frame === 'string' ? frame.charCodeAt(at) : (frame[at] as number);
