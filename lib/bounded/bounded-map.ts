/** A map that forgets its oldest entry when it outgrows its bound. */
export interface BoundedMap<Key, Value> extends Iterable<readonly [Key, Value]> {
  readonly size: number;
  get(key: Key): Value | undefined;
  has(key: Key): boolean;
  /** Sets a value. A key that is set again becomes the newest. */
  set(key: Key, value: Value): void;
  delete(key: Key): boolean;
  clear(): void;
  keys(): IterableIterator<Key>;
}

export function createBoundedMap<Key, Value>(bound: number): BoundedMap<Key, Value> {
  const map = new Map<Key, Value>();
  /** Stands at the oldest entry. A new iterator would first pass all that was deleted before it. */
  const oldest = map.keys();
  return {
    get size() {
      return map.size;
    },
    get: (key) => map.get(key),
    has: (key) => map.has(key),
    set(key, value) {
      map.delete(key);
      map.set(key, value);
      if (map.size > bound) map.delete(oldest.next().value as Key);
    },
    delete: (key) => map.delete(key),
    clear() {
      map.clear();
    },
    keys: () => map.keys(),
    [Symbol.iterator]: () => map.entries(),
  };
}
