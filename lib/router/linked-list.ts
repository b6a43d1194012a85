/** Where an item stands in a list. */
export interface Place<T> {
  readonly item: T;
  before: Place<T>;
  after: Place<T>;
}

/**
 * A list from which any item can be removed at once. No Set: an iterator that is kept holds every
 * table that its Set has outgrown, and a new one walks over all that was deleted.
 */
export interface LinkedList<T> {
  first(): T | undefined;
  push(item: T): Place<T>;
  remove(place: Place<T> | null): void;
}

export function createLinkedList<T>(): LinkedList<T> {
  /** The first stands after it and the last before it, in a ring. */
  const ring = {} as Place<T>;
  ring.before = ring.after = ring;
  return {
    first: () => ring.after.item,
    push(item) {
      const place = { item, before: ring.before, after: ring };
      return (ring.before = ring.before.after = place);
    },
    remove(place) {
      if (!place) return;
      place.before.after = place.after;
      place.after.before = place.before;
      // What was removed keeps nothing alive that came later.
      place.before = place.after = place;
    },
  };
}
