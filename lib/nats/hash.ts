const [first, second] = [2654435761 | 0, 1597334677];

/** A hash of 64 bits in base 36: quick, and no defence against someone who looks for collisions. */
export function hash64(text: string): string {
  let low = 0xdeadbeef | 0;
  let high = 0x41c6ce57;
  const { length } = text;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, first);
    high = Math.imul(high ^ code, second);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return `${(high >>> 0).toString(36)}.${(low >>> 0).toString(36)}`;
}
