/** What has a place among its like. */
interface Placed {
  /** The count of the event that named it first; 0 if a snapshot did. */
  readonly heardAt: number;
}

/**
 * The order of a snapshot and of what only we know: that stays behind its neighbour if it was heard
 * before the gap, and before its next neighbour, or at the end, if it was heard since. What has a time
 * of the server goes before those that began later.
 */
export function mergeOrder<T extends Placed>(
  ours: readonly T[],
  theirs: readonly T[],
  gapAt: number,
  timeOf: (value: T) => number | null,
): T[] {
  const merged = [...theirs];
  if (theirs.every((value) => timeOf(value) !== null)) {
    merged.sort((a, b) => (timeOf(a) as number) - (timeOf(b) as number));
  }
  const known = new Set(theirs);
  // Those heard before the gap from front to back, so that each finds the one before it.
  ours.forEach((value, index) => {
    if (known.has(value) || value.heardAt > gapAt) return;
    known.add(value);
    insert(value, index === 0 ? 0 : merged.indexOf(ours[index - 1] as T) + 1);
  });
  for (let index = ours.length - 1; index >= 0; index--) {
    const value = ours[index] as T;
    if (known.has(value) || timeOf(value) !== null) continue;
    known.add(value);
    const next = ours[index + 1];
    const isLive = next !== undefined && next.heardAt > gapAt;
    insert(value, isLive ? merged.indexOf(next) : merged.length);
  }
  // Those with a time from front to back, so that equal times keep their order.
  for (const value of ours) if (!known.has(value)) insert(value, merged.length);
  return merged;

  function insert(value: T, at: number): void {
    const time = timeOf(value);
    let place = at;
    const isLater = (other: T | undefined) =>
      time !== null && other !== undefined && (timeOf(other) ?? -Infinity) > time;
    while (place > 0 && isLater(merged[place - 1])) place--;
    merged.splice(place, 0, value);
  }
}
