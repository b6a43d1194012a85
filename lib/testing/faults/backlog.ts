/** Bytes that wait to be forwarded, and when each of them came. */
export interface FaultBacklog {
  /** How many bytes wait. */
  readonly size: number;
  /** When the first of them came; asked only while some wait. */
  readonly since: number;
  add(bytes: Buffer, at: number): void;
  /** How many of them came until a time; counts no further than `most`. */
  count(until: number, most: number): number;
  /** Takes the first `size` bytes. */
  shift(size: number): Buffer;
  clear(): void;
}

interface Chunk {
  readonly at: number;
  bytes: Buffer;
}

export function faultBacklog(): FaultBacklog {
  let chunks: Chunk[] = [];
  let size = 0;
  return {
    get size() {
      return size;
    },
    get since() {
      return (chunks[0] as Chunk).at;
    },
    add(bytes, at) {
      chunks.push({ at, bytes });
      size += bytes.length;
    },
    count(until, most) {
      let count = 0;
      for (const { at, bytes } of chunks) {
        if (at > until || count >= most) break;
        count += bytes.length;
      }
      return Math.min(count, most);
    },
    shift(length) {
      const parts: Buffer[] = [];
      size -= length;
      for (let missing = length; missing > 0;) {
        const [first] = chunks as [Chunk];
        const part = first.bytes.subarray(0, missing);
        parts.push(part);
        missing -= part.length;
        first.bytes = first.bytes.subarray(part.length);
        if (first.bytes.length === 0) chunks.shift();
      }
      return Buffer.concat(parts, length);
    },
    clear() {
      chunks = [];
      size = 0;
    },
  };
}
