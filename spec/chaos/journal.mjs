// What went wrong, and what was done to the stream before it did.

/** How many violations are told in full. */
const shown = 8;
/** How many of the last faults are remembered for each stream. */
const remembered = 4;

export function createJournal() {
  const start = performance.now();
  const faults = new Map();
  const counts = {};
  const first = [];
  const age = () => `${((performance.now() - start) / 1000).toFixed(3)} s`;

  return {
    /** How many violations there are of each kind. */
    counts,
    /** The first of them. */
    first,
    has: (kind) => kind in counts,
    get isClean() {
      return first.length === 0;
    },
    fault(stream, name) {
      const last = faults.get(stream) ?? [];
      last.push(`${age()} ${name}`);
      if (last.length > remembered) last.shift();
      faults.set(stream, last);
    },
    /** @param where the stream and its connection, if it is of one: `{ stream, connection }`. */
    violation(kind, message, where = {}) {
      counts[kind] = (counts[kind] ?? 0) + 1;
      if (first.length >= shown) return;
      const after = [...(faults.get(where.stream) ?? [])];
      first.push({ kind, message, at: age(), ...where, after });
    },
  };
}
