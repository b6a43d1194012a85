/** Text that only grows. */
export interface Text {
  readonly length: number;
  append(piece: string): void;
  /** The characters from `start` up to `end`. */
  slice(start: number, end: number): string;
}

/** How many pieces are kept before they are joined, and how long a block may grow. */
const [maxPieces, maxBlock] = [256, 16_384];

/**
 * Joins pieces into blocks: `text += piece` builds a rope that takes eight times the memory of the
 * text, and an array of a million pieces five times.
 */
export function createText(beginning = ''): Text {
  const blocks: string[] = [];
  let pieces: string[] = [];
  let sealed = 0;
  let length = 0;

  function seal(): void {
    if (pieces.length === 0) return;
    const last = blocks.at(-1);
    const grows = last !== undefined && last.length + length - sealed <= maxBlock;
    if (grows) pieces.unshift(blocks.pop() as string);
    // Flat strings: `join` makes no rope.
    blocks.push(pieces.join(''));
    pieces = [];
    sealed = length;
  }

  const text: Text = {
    get length() {
      return length;
    },
    append(piece) {
      if (piece === '') return;
      length += piece.length;
      if (pieces.push(piece) >= maxPieces) seal();
    },
    slice(start, end) {
      seal();
      const parts: string[] = [];
      // From the end: what is new stands there.
      let offset = length;
      for (let index = blocks.length - 1; index >= 0 && offset > start; index--) {
        const block = blocks[index] as string;
        offset -= block.length;
        if (offset < end) parts.unshift(block.slice(Math.max(0, start - offset), end - offset));
      }
      return parts.join('');
    },
  };
  text.append(beginning);
  return text;
}
