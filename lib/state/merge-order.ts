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
  const known = new Set(theirs);
  if (theirs.every((node) => timeOf(node) !== null)) {
    merged.sort((a, b) => (timeOf(a) as number) - (timeOf(b) as number));
  }
  // Those heard before the gap from front to back, so that each finds the one before it.
  ours.forEach((node, index) => {
    if (node.heardAt <= gapAt) insert(node, merged.indexOf(ours[index - 1] as T) + 1);
  });
  [...ours].reverse().forEach((node, index) => {
    const next = ours[ours.length - index];
    const isLive = next !== undefined && next.heardAt > gapAt;
    if (timeOf(node) === null) insert(node, isLive ? merged.indexOf(next) : merged.length);
  });
  // Those with a time from front to back, so that equal times keep their order.
  for (const node of ours) insert(node, merged.length);
  return merged;

  function insert(node: T, at: number): void {
    if (known.has(node)) return;
    known.add(node);
    const time = timeOf(node) ?? Infinity;
    let place = at;
    while (place > 0 && (timeOf(merged[place - 1] as T) ?? -Infinity) > time) place--;
    merged.splice(place, 0, node);
  }
}
