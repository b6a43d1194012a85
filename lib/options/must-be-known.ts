/**
 * Throws unless every option is one of `names`. For options inside others, call it once for each
 * group, with what stands before their names as `group` (`'reconnect.'`).
 *
 * @throws TypeError that names the unknown option, and the known name that is nearest to it.
 */
export function mustBeKnown(group: string, given: object, names: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const near = nearest(name, names);
    const hint = near === null ? `known are ${names.join(', ')}` : `did you mean "${near}"?`;
    throw new TypeError(`"${group}${name}" is not an option: ${hint}`);
  }
}

function nearest(name: string, names: readonly string[]): string | null {
  const farthest = Math.ceil(name.length / 3);
  const byDistance = names
    .map((known) => ({ known, edits: distance(name.toLowerCase(), known.toLowerCase()) }))
    .filter(({ edits }) => edits <= farthest)
    .sort((a, b) => a.edits - b.edits);
  return byDistance[0]?.known ?? null;
}

/** How many letters are added, removed or replaced between two words (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [line, letter] of Array.from(from).entries()) {
    const next = [line + 1];
    for (let at = 1; at <= to.length; at++) {
      const replaced = (row[at - 1] as number) + (letter === to[at - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[at] as number) + 1, (next[at - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}
