// Events through a real websocket from a second process, as fast as they go.
//
// events/s   events sent / seconds from "go" to the last event (wall clock)
// x bare     that, divided by what bare `ws` reached in the same round; the median of the rounds
// CPU ns     CPU time of the consumer for each event, user and system, without the sender
// x bare     the CPU time of bare `ws` in the same round, divided by it; other programs on the
//            machine disturb it far less than events/s
//
// In the row "ignore" the frames that `managerDuplicates` names are dropped unread.
//
// The events are the recorded ones, over and over. In the row "all used" 10,000 types come evenly,
// so that every route runs; in the others the 77 recorded types come as often as they were recorded.

import { median, rounds, spread } from './figures.mjs';
import { program } from './process.mjs';

const rows = [
  { name: 'bare ws + JSON.parse + switch', file: 'bare.mjs', routes: 20 },
  ...[1, 10, 100, 1_000, 10_000].map((routes) => ({
    name: `codex-rx, ${routes} routes`,
    file: 'codex-rx.mjs',
    routes,
  })),
  { name: 'codex-rx, 10000 routes, all used', file: 'codex-rx.mjs', routes: 10_000, mix: 'spread' },
  // Longer, so that what V8 spends on compiling both does not hide what a frame costs.
  { name: 'bare, longer', file: 'bare.mjs', routes: 20, part: 3 },
  {
    name: 'codex-rx, 100 routes, ignore',
    file: 'ignore.mjs',
    routes: 100,
    part: 3,
    against: 'bare, longer',
  },
  // Slow ones get fewer events.
  ...[
    [1, 1],
    [10, 1],
    [100, 0.5],
    [1_000, 0.1],
  ].map(([routes, part]) => ({
    name: `rxjs/webSocket, ${routes} filters`,
    file: 'rxjs.mjs',
    routes,
    part,
  })),
];

/** The CPU time of each frame with this library, as rows for against.mjs. */
export const socketCosts = (frames) =>
  rows
    .filter(({ file }) => ['codex-rx.mjs', 'ignore.mjs'].includes(file))
    .map(({ name, file, routes, mix = 'recorded', part = 1 }) => ({
      name,
      unit: 'ns/frame',
      measure: async (run) => {
        const result = await run(`socket/${file}`, Math.round(frames * part), routes, mix);
        return (result.cpu / result.events) * 1e9;
      },
    }));

export async function socket({ events, rounds: count, only }) {
  const chosen = rows.filter(({ name }) => name.includes(only));
  const results = await rounds(chosen, count, ({ file, routes, mix = 'recorded', part = 1 }) =>
    program(`socket/${file}`, Math.round(events * part), routes, mix),
  );
  const rates = results.map((runs) => runs.map(({ events, seconds }) => events / seconds));
  const cpus = results.map((runs) => runs.map(({ events, cpu }) => (cpu / events) * 1e9));
  const rowOf = (name) => chosen.findIndex((row) => row.name === name);
  return chosen.map(({ name, against = rows[0].name }, i) => {
    const bare = rowOf(against);
    return {
      name,
      events: results[i][0].events,
      perSecond: spread(rates[i]),
      ratio: bare === -1 ? null : median(rates[i].map((rate, round) => rate / rates[bare][round])),
      cpuNs: spread(cpus[i]),
      cpuRatio: bare === -1 ? null : median(cpus[i].map((cpu, round) => cpus[bare][round] / cpu)),
    };
  });
}
