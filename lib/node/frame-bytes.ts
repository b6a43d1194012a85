import { longestText, mostKept, type FrameReader } from '../socket/frame-reader.js';

const quote = 0x22;
const backslash = 0x5c;

/** A text that frames are compared with. */
interface Known {
  readonly length: number;
  /** Its bytes, four at a time, as they are read of a frame; the last ones with zeros behind. */
  readonly words: Int32Array;
}

function knownOf(text: string): Known {
  const bytes = Buffer.alloc((text.length + 3) & ~3);
  bytes.write(text, 'latin1');
  const words = new Int32Array(bytes.length >> 2).map((_, at) => bytes.readInt32LE(at * 4));
  return { length: text.length, words };
}

/** The bytes that frames are parts of: to make a view costs as much as to look at ten texts. */
let words: DataView = new DataView(new ArrayBuffer(0));

/** The longest buffer that `words` keeps, in bytes: of a frame in a longer one it has a copy. */
const longestKept = 2 ** 17;

/** How much is copied of such a frame: more than a type, a thread and what is between them. */
const head = 4 * longestText;

/** Reads frames as they came over the wire: no string is made of one, or of a part of it. */
export const frameBytes: FrameReader<Uint8Array> = {
  startOf(frame) {
    const { buffer, byteOffset } = frame;
    if (words.buffer === buffer) return byteOffset;
    const isLong = buffer.byteLength > longestKept;
    words = new DataView(isLong ? Uint8Array.from(frame.subarray(0, head)).buffer : buffer);
    return isLong ? 0 : byteOffset;
  },

  standing(text) {
    const known = knownOf(text);
    return (frame, start, from) =>
      from + known.length <= frame.length && areAt(start + from, known);
  },

  found(make) {
    interface Entry {
      readonly known: Known;
      readonly kept: ReturnType<typeof make>;
    }
    const table: (Entry | undefined)[] = Array.from({ length: mostKept });
    return (frame, start, from) => {
      const first = start + from;
      const most = Math.min(frame.length - from, longestText);
      let place = 0;
      let length = 0;
      for (;;) {
        if (length + 4 > most) return null;
        const word = words.getInt32(first + length, true);
        if (isPlainWord(word)) {
          place = Math.imul(place ^ word, 0x9e3779b1);
          length += 4;
          continue;
        }
        let rest = word;
        let bits = 0;
        while (isPlainByte(rest & 0xff)) {
          rest >>>= 8;
          bits += 8;
        }
        // Something else.
        if ((rest & 0xff) !== quote) return null;
        place = Math.imul(place ^ (word & ~(-1 << bits)), 0x9e3779b1) + bits;
        length += bits >> 3;
        break;
      }
      // What the last byte of a word changes is in the upper bits alone.
      place >>>= 22;
      // Two places, so that two texts of the same one do not take it in turn.
      for (let other = 0; other < 2; other++) {
        const entry = table[place ^ other];
        if (entry?.known.length === length && areAt(first, entry.known)) return entry.kept;
      }
      const text = String.fromCharCode(...frame.subarray(from, from + length));
      const kept = make(text);
      table[table[place] ? place ^ 1 : place] = { known: knownOf(text), kept };
      return kept;
    };
  },

  holding(texts) {
    const tests = texts.map(search);
    return (frame) => tests.some((test) => test(frame)) || hasEscapes(frame);
  },
};

/** Whether there are none but plain bytes in a word: subtraction shows others in their bit 7. */
function isPlainWord(word: number): boolean {
  const quotes = word ^ 0x22222222;
  const backslashes = word ^ 0x5c5c5c5c;
  const others =
    ((quotes - 0x01010101) & ~quotes) |
    ((backslashes - 0x01010101) & ~backslashes) |
    ((word - 0x20202020) & ~word) |
    word;
  return (others & 0x80808080) === 0;
}

const isPlainByte = (code: number): boolean =>
  code >= 0x20 && code <= 0x7f && code !== quote && code !== backslash;

/** Whether the bytes that begin there are those of a text: the frame must be as long. */
function areAt(first: number, { length, words: expected }: Known): boolean {
  const whole = length >> 2;
  for (let at = 0; at < whole; at++) {
    if (words.getInt32(first + at * 4, true) !== expected[at]) return false;
  }
  for (let at = whole * 4; at < length; at++) {
    const byte = ((expected[whole] as number) >> ((at & 3) * 8)) & 0xff;
    if (words.getUint8(first + at) !== byte) return false;
  }
  return true;
}

/** Looks for ASCII, from its last byte on: most bytes of a frame are passed unseen (Horspool). */
function search(text: string): (frame: Uint8Array) => boolean {
  const bytes = Buffer.from(text);
  const end = bytes.length - 1;
  const steps = new Uint16Array(256).fill(bytes.length);
  for (let at = 0; at < end; at++) steps[bytes[at] as number] = end - at;
  return (frame) => {
    for (let at = end; at < frame.length; at += steps[frame[at] as number] as number) {
      let same = 0;
      while (same <= end && frame[at - same] === bytes[end - same]) same++;
      if (same > end) return true;
    }
    return false;
  };
}

/** Whether a character may be written by its number. */
function hasEscapes(frame: Uint8Array): boolean {
  for (let at = frame.indexOf(backslash); at >= 0; at = frame.indexOf(backslash, at + 2)) {
    if (frame[at + 1] === 0x75) return true;
  }
  return false;
}
