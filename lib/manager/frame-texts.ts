/** A text frame as it came over the wire, or decoded. */
export type Frame = Uint8Array | string;

/** A text of ASCII that frames are compared with. */
export interface Ascii {
  readonly text: string;
  readonly bytes: Uint8Array;
}

export const ascii = (text: string): Ascii => ({
  text,
  bytes: Uint8Array.from(text, (character) => character.charCodeAt(0)),
});

/** Texts in frames, each with what is kept for it. */
export interface FrameTexts<Kept> {
  /** What is kept for the text that begins here, after its quote; `null` if it is not plain. */
  find(frame: Frame, from: number): Kept | null;
}

/** No type or id is longer; a text that is, is not plain. */
const longest = 300;

const [quote, backslash] = [0x22, 0x5c];

/**
 * A table of a fixed size, for texts come from the network. No string is made for one that is in
 * it: it is found by a few of its characters, and compared with all of them.
 */
export function createFrameTexts<Kept>(make: (text: Ascii) => Kept): FrameTexts<Kept> {
  const table: ({ readonly known: Ascii; readonly kept: Kept } | undefined)[] = Array.from({
    length: 1_024,
  });
  return {
    find(frame, from) {
      let end = from;
      let code = codeAt(frame, end);
      while (isPlain(code)) code = codeAt(frame, ++end);
      const length = end - from;
      // Something else, or the end of the frame.
      if (code !== quote || length > longest) return null;
      let place = length;
      // The ends of types and ids tell them apart sooner than their beginnings.
      for (let at = end - 1; at >= from && at >= end - 6; at--)
        place = place * 33 + codeAt(frame, at);
      place = (place + codeAt(frame, from + (length >> 1)) * 7) & 1_023;
      // Two places, so that two texts of the same one do not take it in turn.
      for (let other = 0; other < 2; other++) {
        const entry = table[place ^ other];
        if (entry?.known.bytes.length === length && isAt(frame, from, entry.known))
          return entry.kept;
      }
      const known = ascii(
        typeof frame === 'string'
          ? frame.slice(from, end)
          : String.fromCharCode(...frame.subarray(from, end)),
      );
      const kept = make(known);
      table[table[place] ? place ^ 1 : place] = { known, kept };
      return kept;
    },
  };
}

/**
 * ASCII without quotes, control characters and the backslash, which JSON may have written
 * otherwise.
 */
const isPlain = (code: number): boolean =>
  code >= 0x20 && code <= 0x7e && code !== quote && code !== backslash;

/** Whether a text stands there. */
export function isAt(frame: Frame, from: number, { text, bytes }: Ascii): boolean {
  if (typeof frame === 'string') return frame.startsWith(text, from);
  let at = bytes.length - 1;
  while (at >= 0 && frame[from + at] === bytes[at]) at--;
  return at < 0;
}

/** How many texts a frame is searched for at most: a search costs a tenth of parsing. */
const maxSearched = 4;

/** Written the same in all JSON, unless as `\\u`. */
const isSearchable = (text: string): boolean => /^[ !#-.0-[\]-~]+$/.test(text);

/** Whether one of these strings may be in a frame: where that cannot be told, it may. */
export function mayHold(frame: Frame, strings: readonly string[]): boolean {
  if (strings.length === 0) return false;
  if (strings.length > maxSearched || !strings.every(isSearchable)) return true;
  // A text is searched faster than bytes are. An array of bytes may be no Buffer.
  const text =
    typeof frame === 'string' ? frame : (frame as { latin1Slice?: () => string }).latin1Slice?.();
  return (
    text === undefined ||
    // At first without its quotes: a frame is full of them.
    strings.some((string) => text.includes(string) && text.includes(`"${string}"`)) ||
    text.includes('\\u')
  );
}

const codeAt = (frame: Frame, at: number): number =>
  typeof frame === 'string' ? frame.charCodeAt(at) : (frame[at] as number);
