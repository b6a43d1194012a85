// What it costs to register routes of one type and to remove them, from the first to the last: 40,000 are eight times
// 5,000, and should cost little more than that.

import { rounds, spread } from './figures.mjs';
import { program } from './process.mjs';

const names = ['registering', 'removing'];
const file = 'dispatch/routes.mjs';

export async function routes({ rounds: count, only }) {
  const chosen = names.filter((name) => name.includes(only));
  if (chosen.length === 0) return [];
  const [results] = await rounds([file], count, () => program(file));
  return chosen.map((name) => ({
    name,
    few: spread(results.map(({ few }) => few[name])),
    many: spread(results.map(({ many }) => many[name])),
    ratio: spread(results.map(({ few, many }) => (8 * many[name]) / few[name])),
  }));
}

/** As rows for against.mjs. */
export const routeCosts = () =>
  names.map((name) => ({
    name: `${name} 40,000 routes`,
    unit: 'ns/route',
    measure: async (run) => (await run(file)).many[name],
  }));
