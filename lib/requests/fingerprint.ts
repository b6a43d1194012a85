/** A short text that tells one object from another, as JSON writes them (FNV-1a, twice). */
export function fingerprint(value: object): string {
  const text = JSON.stringify(value);
  let [low, high] = [0x811c9dc5, 0x01000193];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x5bd1e995);
  }
  return [low, high].map((half) => (half >>> 0).toString(36)).join('-');
}
