import type { Overflow, RouteOptions, Strategy } from './route.js';

const strategies: readonly Strategy[] = ['concat', 'merge', 'switch', 'exhaust'];
const overflows: readonly Overflow[] = ['drop-oldest', 'drop-newest'];

/** The options of a route with their defaults filled in. */
export type RouteSettings<T> = Required<Omit<RouteOptions<T>, 'key' | 'name'>> &
  Pick<RouteOptions<T>, 'key' | 'name'>;

const standard: RouteSettings<never> = {
  strategy: 'concat',
  concurrency: 100,
  bound: 10_000,
  overflow: 'drop-oldest',
};

/**
 * Options with their defaults filled in.
 *
 * @throws TypeError or RangeError that names the caller, the option and what it may be.
 */
export function routeOptions<T = never>(
  caller: string,
  options: RouteOptions<T> | undefined,
  defaults: RouteSettings<never> = standard,
): RouteSettings<T> {
  if (options === undefined) return defaults as RouteSettings<T>;
  const settings = { ...defaults, ...withoutUndefined(options) } as RouteSettings<T>;
  oneOf(caller, 'strategy', settings.strategy, strategies);
  oneOf(caller, 'overflow', settings.overflow, overflows);
  atLeastOne(caller, 'concurrency', settings.concurrency);
  atLeastOne(caller, 'bound', settings.bound);
  if (settings.key !== undefined && typeof settings.key !== 'function') {
    throw new TypeError(`${caller}: "key" must be a function of an event.`);
  }
  return settings;
}

const withoutUndefined = (options: object): object =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

function oneOf(caller: string, name: string, value: unknown, values: readonly string[]): void {
  if (values.includes(value as string)) return;
  throw new TypeError(`${caller}: "${name}" must be ${values.join(', ')}, not ${String(value)}.`);
}

function atLeastOne(caller: string, name: string, value: unknown): void {
  if (value === Infinity || (Number.isInteger(value) && (value as number) > 0)) return;
  throw new RangeError(
    `${caller}: "${name}" must be a whole number above 0, not ${String(value)}.`,
  );
}
