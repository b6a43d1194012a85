// Not by its name in the loops: global names are slow in sandboxes, such as those of test runners.
const { imul } = Math;

const low = 2654435761 | 0;
const high = 1597334677;

/** A hash of 64 bits in base 36: quick, and no defence against someone who looks for collisions. */
export function hash64(text: string): string {
  let a = 0xdeadbeef | 0;
  let b = 0x41c6ce57;
  const { length } = text;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    a = imul(a ^ code, low);
    b = imul(b ^ code, high);
  }
  a = imul(a ^ (a >>> 16), 2246822507) ^ imul(b ^ (b >>> 13), 3266489909);
  b = imul(b ^ (b >>> 16), 2246822507) ^ imul(a ^ (a >>> 13), 3266489909);
  return `${(b >>> 0).toString(36)}.${(a >>> 0).toString(36)}`;
}
