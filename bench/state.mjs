// Threads as state, each figure from a fresh process:
//
// push      fold.push(delta), ns of CPU time, with 10, 1,000 and 10,000 earlier items in the turn
// view      the same and fold.view()
// parse     JSON.parse of the frame of that delta
// heap      1,000,000 deltas into one item: what the heap has grown, per character of the text
// views     20,000 deltas a second through foldThread({ every: 16 }), in virtual time: views a second,
//           and whether the last one was complete
//
// The sizes take turns in one process: measured one after the other their ratio swings to 1.8.

import { rounds, spread } from './figures.mjs';
import { program } from './process.mjs';

const rows = [
  { name: 'state, a delta', file: 'state/push.mjs' },
  { name: 'state, a long text', file: 'state/heap.mjs' },
  { name: 'state, views', file: 'state/views.mjs' },
];

export async function state({ rounds: count, only }) {
  const chosen = rows.filter(({ name }) => name.includes(only));
  const results = await rounds(chosen, count, ({ file }) => program(file));
  return chosen.flatMap((_, i) => {
    const [first] = results[i];
    return Object.keys(first.figures).map((name) => ({
      name,
      figure: spread(results[i].map(({ figures }) => figures[name])),
    }));
  });
}
