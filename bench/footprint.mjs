// What the library takes before and beside the work, each figure from fresh processes:
//
// import      CPU time in ms to import an entry, x what importing rxjs takes; and its heap in kB, without that of rxjs
// a stream    heap of a stream of codex-manager that is connected, in bytes, without its socket
// a route     heap of a route of a type of its own, and of one of a thread of its own
// a request   heap of a request that waits for its answer, its event included
// a thread    heap of the state of a thread that has one turn, a message of the user and one of the agent
//
// Heap is what remains after a full collection, divided by how many there are.

import { rounds, spread } from './figures.mjs';
import { program } from './process.mjs';

const entries = [
  'codex-rx',
  'codex-rx/node',
  'codex-rx/recording',
  'codex-rx/gateway',
  'codex-rx/testing',
  'codex-rx/json-schema',
];

const heaps = ['a stream', 'a route of a type', 'a route of a thread', 'a request', 'a thread'];

export async function footprint({ rounds: count, only }) {
  const imports = entries.filter((name) => `import ${name}`.includes(only));
  const held = heaps.filter((name) => `heap of ${name}`.includes(only));
  if (imports.length + held.length === 0) return { imports: [], heaps: [] };
  const files = [
    ...['rxjs', ...imports].map((entry) => ['footprint/import.mjs', entry]),
    ...held.map((name) => ['footprint/heap.mjs', name]),
  ];
  const [rxjs, ...results] = await rounds(files, count, ([file, value]) => program(file, value));
  return {
    imports: imports.map((entry, i) => ({
      name: `import ${entry}`,
      ms: spread(results[i].map(({ ms }) => ms)),
      ratio: spread(results[i].map(({ ms }, round) => ms / rxjs[round].ms)),
      kilobytes: spread(results[i].map(({ heap }, round) => (heap - rxjs[round].heap) / 1_000)),
    })),
    heaps: held.map((name, i) => ({
      name: `heap of ${name}`,
      bytes: spread(results[imports.length + i].map(({ bytes }) => bytes)),
    })),
  };
}
