import { parse } from './log.js';

/** The values of letters; a list gives values to the digits: `'-0-1-|'`. */
export type Values<Value = unknown> = Readonly<Record<string, Value>> | readonly Value[];

/** The meaning of each letter. */
export type Meanings = Readonly<Record<string, unknown>>;

/** The meanings of letters; later ones replace earlier ones. */
export const meaningsOf = (...all: readonly (Values | undefined)[]): Meanings =>
  Object.assign({}, ...all) as Meanings;

export const mapped = (
  meanings: Meanings,
  change: (value: unknown, letter: string) => unknown,
): Meanings =>
  Object.fromEntries(
    Object.entries(meanings).map(([letter, value]) => [letter, change(value, letter)]),
  );

/** The letters of a diagram. */
export const lettersOf = (diagram: string): readonly string[] =>
  parse(diagram)
    .filter(({ kind }) => kind === 'next')
    .map(({ value }) => value as string);

/**
 * The values of letters: those that a test gives them, otherwise their meanings.
 *
 * @param diagram The diagram of the letters, for the error.
 * @throws TypeError that names those without a value.
 */
export function valuesOf(
  letters: readonly string[],
  diagram: string,
  given: Values | undefined,
  meanings: Values,
): Meanings {
  const known = meaningsOf(meanings, given);
  const strange = new Set(letters.filter((letter) => !Object.hasOwn(known, letter)));
  if (strange.size === 0) return known;
  const names = [...strange].join(', ');
  const others = Object.keys(meanings).join(' ');
  throw new TypeError(
    `In '${diagram.trim()}', give { ${names} } a value, or use what has one: ${others || 'nothing'}.`,
  );
}

/** Letters whose meanings are the letters themselves, as in RxJS. */
export const themselves = (diagram: string): Meanings =>
  Object.fromEntries(lettersOf(diagram).map((letter) => [letter, letter]));

/** The same, but letters none of which has a value are themselves, as in RxJS. */
export function valuesOrLetters(
  diagram: string,
  given: Values | undefined,
  meanings: Values,
): Meanings {
  const letters = lettersOf(diagram);
  return given === undefined && !letters.some((letter) => Object.hasOwn(meanings, letter))
    ? themselves(diagram)
    : valuesOf(letters, diagram, given, meanings);
}
