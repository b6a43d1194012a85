import { mustBe, mustBeKnown } from '../options/index.js';
import type { Overflow, RouteOptions, Strategy } from './route.js';

const strategies: readonly Strategy[] = ['concat', 'merge', 'switch', 'exhaust'];
const overflows: readonly Overflow[] = ['drop-oldest', 'drop-newest'];
const names = ['name', 'strategy', 'key', 'concurrency', 'bound', 'overflow'];

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
 * @throws TypeError that names the option and what it may be.
 */
export function routeOptions<T = never>(
  options: RouteOptions<T> | undefined,
  defaults: RouteSettings<never> = standard,
): RouteSettings<T> {
  if (options === undefined) return defaults as RouteSettings<T>;
  mustBeKnown('', options, names);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings = { ...defaults, ...Object.fromEntries(given) } as RouteSettings<T>;
  const { strategy, overflow, concurrency, bound, key } = settings;
  mustBe(strategies.includes(strategy), 'strategy', strategies.join(' or '), strategy);
  mustBe(overflows.includes(overflow), 'overflow', overflows.join(' or '), overflow);
  mustBe(isCount(concurrency), 'concurrency', count, concurrency);
  mustBe(isCount(bound), 'bound', count, bound);
  mustBe(key === undefined || typeof key === 'function', 'key', 'a function of an event');
  return settings;
}

const count = 'a whole number above 0';

const isCount = (value: number): boolean =>
  value === Infinity || (Number.isInteger(value) && value > 0);
