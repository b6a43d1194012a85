import { numberOf } from './loose.js';
import type { ItemNode, Node } from './nodes.js';

/** When an item began by the clock of its server, or `NaN`; of turns only their order counts. */
export const timeOf = (node: Node | undefined): number =>
  numberOf((node as ItemNode | undefined)?.item?.['startedAtMs']) ?? NaN;

/**
 * The order of a snapshot and of what only we know: that stays behind its neighbour if it was heard
 * before the gap, and before its next neighbour, or at the end, if it was heard since. What has a time
 * of the server goes behind those that began earlier, and before those that began later.
 *
 * @param gapAt The count at the first gap of which the snapshot brings something.
 */
export function mergeOrder<T extends Node>(
  ours: readonly T[],
  theirs: readonly T[],
  gapAt: number,
): T[] {
  const merged = [...theirs];
  const placed = new Set(theirs);
  if (theirs.every((node) => timeOf(node) >= 0)) merged.sort((a, b) => timeOf(a) - timeOf(b));
  ours.forEach((node, index) => {
    if (placed.has(node)) return;
    const time = timeOf(node);
    const next = ours.slice(index).find((other) => other.heardAt > gapAt && placed.has(other));
    let place = merged.length;
    if (node.heardAt <= gapAt) place = merged.indexOf(ours[index - 1] as T) + 1;
    else if (next) place = merged.indexOf(next);
    // No time is earlier or later than none.
    const later = merged.findIndex((other) => timeOf(other) > time);
    if (later >= 0) place = Math.min(place, later);
    merged.forEach((other, at) => {
      if (timeOf(other) < time) place = Math.max(place, at + 1);
    });
    merged.splice(place, 0, node);
    placed.add(node);
  });
  return merged;
}
