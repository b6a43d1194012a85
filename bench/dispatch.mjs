// One event inside a process, without a socket and without parsing: ns of CPU time for each event,
// which is the time by the clock unless other programs have the processor meanwhile.
//
// router          router.dispatch(event, context), as a stream does it; one of N exact types
// no context      router.dispatch(event): the router has to make the context, and asks the clock
// Map             a Map lookup and a call on the same events: what it cannot be cheaper than
// thread + type   one route for each of N threads
// operator        one route whose source is an operator of RxJS, which no index can find
// JSON.parse      the recorded events from text, and with parseEnvelope on top
//
// Each figure is from processes that do nothing else. 10,000 events in random order, again and
// again; each of N routes has as many of them as any other.

import { rounds, spread } from './figures.mjs';
import { program } from './process.mjs';

const sizes = [1, 10, 100, 1_000, 10_000];
const rows = [
  ...sizes.map((size) => ({ name: `Map, ${size} types`, file: 'map.mjs', size })),
  ...sizes.map((size) => ({ name: `router, ${size} types`, file: 'router.mjs', size })),
  { name: 'router, 10000 types, no context', file: 'router-no-context.mjs', size: 10_000 },
  { name: 'router, 10000 threads + type', file: 'thread.mjs', size: 10_000 },
  { name: 'router, an operator', file: 'operator.mjs', size: 77 },
  { name: 'JSON.parse', file: 'json.mjs', size: 1 },
  { name: 'parseEnvelope', file: 'parse-envelope.mjs', size: 1 },
];

/** Those of the router and of the envelopes, as rows for against.mjs. */
export const dispatchCosts = () =>
  rows
    .filter(({ file }) => !['map.mjs', 'json.mjs'].includes(file))
    .map(({ name, file, size }) => ({
      name,
      unit: 'ns/event',
      measure: async (run) => (await run(`dispatch/${file}`, size)).ns,
    }));

export async function dispatch({ rounds: count, only }) {
  const chosen = rows.filter(({ name }) => name.includes(only));
  const results = await rounds(chosen, count, ({ file, size }) =>
    program(`dispatch/${file}`, size),
  );
  return chosen.map(({ name }, i) => ({ name, ns: spread(results[i].map(({ ns }) => ns)) }));
}
