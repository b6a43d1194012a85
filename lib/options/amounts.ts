import { maxTimerMs } from '../async/index.js';
import { mustBe } from './must-be.js';
import { mustBeKnown } from './must-be-known.js';

type Amounts = Readonly<Record<string, number>>;
type Given<Standard> = { readonly [Name in keyof Standard]?: number | undefined };

/**
 * Numbers that are given, or else standard: milliseconds and counts. A timer that is set for longer
 * than `maxTimerMs` fires at once, so `Infinity` is clamped to that.
 *
 * @param group What stands before the names of the options in errors.
 * @throws TypeError that names the option that is wrong.
 */
export function amounts<const Standard extends Amounts>(
  group: string,
  given: Given<Standard>,
  standard: Standard,
): Record<keyof Standard, number> {
  const amountOf = ([name, usual]: [string, number]): [string, number] => {
    const { [name]: amount = usual }: Readonly<Record<string, unknown>> = given;
    const isNumber = typeof amount === 'number';
    const shown = isNumber ? amount : typeof amount;
    mustBe(isNumber && amount >= 0, group + name, 'a number, 0 or more', shown);
    return [name, Math.min(amount, maxTimerMs)];
  };
  return Object.fromEntries(Object.entries(standard).map(amountOf)) as never;
}

/**
 * The same for several options under one name, which `false` switches off.
 *
 * @param others Names of options there that are no numbers.
 */
export function amountsOrOff<const Standard extends Amounts>(
  name: string,
  given: Given<Standard> | false,
  standard: Standard,
  others: readonly string[] = [],
): Record<keyof Standard, number> | null {
  if (given === false) return null;
  mustBe(
    typeof given === 'object' && (given as unknown) !== null,
    name,
    'an object of options, or false',
  );
  mustBeKnown(`${name}.`, given, [...Object.keys(standard), ...others]);
  return amounts(`${name}.`, given, standard);
}
