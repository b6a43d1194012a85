// The numbers that a server gives its events: 0, 1, 2, ….

/** How many numbers that were left out are remembered. */
const bound = 1_000;

export function createSequence() {
  const skipped = new Set();
  let next = 0;
  return {
    /** The number that comes next. */
    get next() {
      return next;
    },
    /** What is wrong with a number: a `hole` before it, a `disorder`, a `duplicate`; or `null`. */
    check(number) {
      if (number === next) {
        next++;
        return null;
      }
      if (number < next) return skipped.delete(number) ? 'disorder' : 'duplicate';
      for (let n = next; n < number && skipped.size < bound; n++) skipped.add(n);
      next = number + 1;
      return 'hole';
    },
  };
}
