/**
 * Throws unless an option is what it must be.
 *
 * @param given Shown in the error where it is a number or a word; never a url or a header, which
 *   may hold a token.
 * @throws TypeError that names the option and what it must be.
 */
export function mustBe(
  ok: boolean,
  option: string,
  what: string,
  given?: string | number | null,
): asserts ok {
  if (ok) return;
  const not = given === undefined ? '' : `, not ${given}`;
  throw new TypeError(`"${option}" must be ${what}${not}.`);
}

/** Whether a value, perhaps of another realm, has this method. */
export const has = (value: unknown, method: string): boolean =>
  typeof (value as Record<string, unknown> | null | undefined)?.[method] === 'function';
