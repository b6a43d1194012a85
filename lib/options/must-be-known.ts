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

/** The name that has most pairs of letters in common with what was given: half of them at least. */
function nearest(name: string, names: readonly string[]): string | null {
  const pairs = pairsOf(name);
  const [best] = names
    .map((known) => ({
      known,
      common: pairsOf(known).filter((pair) => pairs.includes(pair)).length,
    }))
    .sort((a, b) => b.common - a.common);
  return best && best.common * 2 >= pairs.length ? best.known : null;
}

/** Each letter with the one after it. */
const pairsOf = (word: string): readonly string[] =>
  Array.from(word.toLowerCase()).map((letter, at, letters) => letter + (letters[at + 1] ?? ''));
