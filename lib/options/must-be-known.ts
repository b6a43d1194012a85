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
  const [best] = names
    .map((known) => ({ known, edits: distance(name.toLowerCase(), known.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  return best && best.edits <= Math.ceil(name.length / 3) ? best.known : null;
}

/** How many letters are added, removed or replaced between two words (Levenshtein). */
function distance(from: string, to: string): number {
  let row = [...Array(to.length + 1).keys()];
  for (const letter of from) {
    const above = row;
    row = [];
    for (const [at, edits] of above.entries()) {
      const replaced = (above[at - 1] ?? Infinity) + Number(letter !== to[at - 1]);
      row.push(Math.min(replaced, edits + 1, (row[at - 1] ?? Infinity) + 1));
    }
  }
  return row[to.length] as number;
}
