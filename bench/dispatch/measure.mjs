// What the in-process programs have in common: each runs one thing on the same events and prints
// ns of CPU time per event as JSON. A process measures one thing only, so that nothing else shapes its code.
//
//   node <program>.mjs <keys>

import { argv, cpuUsage } from 'node:process';

/** How many events there are: one for each of 10,000 keys. */
const poolSize = 10_000;

/** How long the events are run before the clock starts, and after, in seconds. */
const duration = { warm: 0.25, timed: 0.35 };

/** How many routes, types or threads there are. */
export const keys = Number(argv[2]);

/** Events for the keys 0, 1, 2 …, in random order (the same in every process). */
export function events(eventOf) {
  const pool = Array.from({ length: poolSize }, (_, i) => ({
    type: null,
    threadId: null,
    turnId: null,
    requestId: null,
    payload: null,
    ...eventOf(i % keys),
  }));
  // Fresh from the parser, as off a socket: no string is shared with a route.
  return JSON.parse(JSON.stringify(shuffled(pool)));
}

let handled = 0;

/** A handler of its own for a route; all do the same. */
export const handler = () => () => {
  handled++;
};

/** Runs `run` on every event, many times. */
export function measure(pool, run) {
  const pass = () => {
    for (let i = 0; i < pool.length; i++) run(pool[i]);
  };
  const repeat = (seconds) => {
    const before = cpuUsage();
    let events = 0;
    let ns = 0;
    while (ns < seconds * 1e9) {
      pass();
      events += pool.length;
      const { user, system } = cpuUsage(before);
      ns = (user + system) * 1_000;
    }
    return { events, ns };
  };
  const warm = repeat(duration.warm);
  const timed = repeat(duration.timed);
  const expected = warm.events + timed.events;
  console.log(JSON.stringify({ ns: timed.ns / timed.events, handled, expected }));
}

/** Fisher and Yates, with the random numbers of mulberry32. */
function shuffled(items) {
  let state = 1;
  for (let i = items.length - 1; i > 0; i--) {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    const other = ((t ^ (t >>> 14)) >>> 0) % (i + 1);
    [items[i], items[other]] = [items[other], items[i]];
  }
  return items;
}
