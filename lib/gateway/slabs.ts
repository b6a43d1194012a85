/** What is allocated at once, in bytes. */
const slabBytes = 256 * 2 ** 10;

/** A text of so many bytes gets a buffer to itself. */
const largeBytes = 16 * 2 ** 10;

/**
 * Encodes texts, one behind the other in slabs: a log forgets them in that order, so that a slab
 * goes as a whole. Node's own pool is small, and leaves half of it unused behind texts of 1 KiB.
 */
export function createSlabs(): (text: string) => Buffer {
  let slab = Buffer.alloc(0);
  let used = 0;
  return (text) => {
    const size = Buffer.byteLength(text);
    if (size >= largeBytes) return Buffer.from(text);
    if (used + size > slab.byteLength) {
      slab = Buffer.allocUnsafeSlow(slabBytes);
      used = 0;
    }
    const start = used;
    used += slab.write(text, start, size);
    return slab.subarray(start, used);
  };
}
