import { numberOf } from './loose.js';
import type { ItemNode, Node } from './nodes.js';

/** When an item began by the clock of its server; of turns only their order counts. */
const timeOf = (node: Node): number | null => numberOf((node as ItemNode).item?.['startedAtMs']);

/**
 * The order of a snapshot and of what only we know: that stays behind its neighbour if it was heard
 * before the gap, and before its next neighbour, or at the end, if it was heard since. What has a time
 * of the server goes before those that began later.
 */
export function mergeOrder<T extends Node>(
  ours: readonly T[],
  theirs: readonly T[],
  gapAt: number,
): T[] {
  const merged = [...theirs];
  const placed = new Set(theirs);
  if (theirs.every((node) => timeOf(node) !== null)) {
    merged.sort((a, b) => (timeOf(a) as number) - (timeOf(b) as number));
  }
  ours.forEach((node, index) => {
    if (placed.has(node)) return;
    const time = timeOf(node);
    const next = ours.slice(index).find((other) => other.heardAt > gapAt && placed.has(other));
    let place = merged.length;
    if (node.heardAt <= gapAt) place = merged.indexOf(ours[index - 1] as T) + 1;
    else if (time === null && next) place = merged.indexOf(next);
    while (place > 0 && (timeOf(merged[place - 1] as T) ?? -Infinity) > (time ?? Infinity)) place--;
    merged.splice(place, 0, node);
    placed.add(node);
  });
  return merged;
}
