/** Text that only grows. */
export interface Text {
  readonly length: number;
  append(piece: string): void;
  /** The characters from `start` up to `end`. */
  slice(start: number, end?: number): string;
}

/** How many pieces are kept before they are joined, and how long a block may grow. */
const [maxPieces, maxBlock] = [256, 16_384];

/**
 * Joins pieces into blocks: `text += piece` builds a rope that takes eight times the memory of the
 * text, and an array of a million pieces five times.
 */
export function createText(beginning = ''): Text {
  /** Blocks, and behind the first `sealed` of them the pieces that are not joined yet. */
  const parts = [beginning];
  let sealed = 0;
  let { length } = beginning;

  return {
    get length() {
      return length;
    },
    append(piece) {
      length += piece.length;
      if (parts.push(piece) - sealed > maxPieces) seal();
    },
    slice(start, end = length) {
      seal();
      let found = '';
      // From the end: what is new stands there.
      let offset = length;
      for (let index = parts.length; index-- > 0 && offset > start;) {
        const part = parts[index] as string;
        offset -= part.length;
        if (offset < end) found = part.slice(Math.max(0, start - offset), end - offset) + found;
      }
      return found;
    },
  };

  function seal(): void {
    // Flat strings: `join` makes no rope.
    parts.push(parts.splice(sealed).join(''));
    sealed = parts.length - ((parts.at(-1) as string).length < maxBlock ? 1 : 0);
  }
}
