import { mustBe } from '../options/index.js';
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
 * @throws TypeError that names the option and what it may be.
 */
export function routeOptions<T = never>(
  options: RouteOptions<T> | undefined,
  defaults: RouteSettings<never> = standard,
): RouteSettings<T> {
  if (options === undefined) return defaults as RouteSettings<T>;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings = { ...defaults, ...Object.fromEntries(given) } as RouteSettings<T>;
  const { strategy, overflow, key } = settings;
  mustBe(strategies.includes(strategy), 'strategy', strategies.join(' or '), strategy);
  mustBe(overflows.includes(overflow), 'overflow', overflows.join(' or '), overflow);
  mustBe(key === undefined || typeof key === 'function', 'key', 'a function of an event');
  for (const name of ['concurrency', 'bound'] as const) {
    const { [name]: count } = settings;
    const isCount = count === Infinity || (Number.isInteger(count) && count > 0);
    mustBe(isCount, name, 'a whole number above 0', count);
  }
  return settings;
}
