// What a frame costs here and at another commit, from its text to its handler, without a socket: x JSON.parse + switch.
//
//   node bench/in-process.mjs <commit>
//
// Both are bundled from lib and live in one process. Slices of 100 recorded frames go to each in random order; the figure
// is the median over the rounds of what a slice costs, divided by what JSON.parse takes for the same one. There are 1,000
// routes, and requests are followed: before they always were, that took a look at `stream.requests`.

import { build } from 'esbuild';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { argv, exit, hrtime } from 'node:process';
import { pathToFileURL } from 'node:url';
import { withCheckout } from './checkout.mjs';
import { median } from './figures.mjs';
import { eventTypes, recordedEvents } from './recorded.mjs';

const [warm, rounds] = [400, 1_200];
const root = join(import.meta.dirname, '..');
const commit = argv[2];
if (!commit) {
  console.error('Name a commit to compare with: node bench/in-process.mjs <commit>');
  exit(2);
}

const texts = recordedEvents().map((event) => JSON.stringify(event));
const wanted = new Set(eventTypes(20));
/** It does nothing: what is measured is the way to it. */
const handle = () => undefined;

const costs = await withCheckout(commit, async (other) => {
  const parse = (text) => {
    const { type } = JSON.parse(text);
    if (wanted.has(type)) handle();
  };
  return measured({
    'JSON.parse': parse,
    [commit]: await streamOf(other, other),
    here: await streamOf(root, other),
  });
});
for (const [name, all] of Object.entries(costs)) {
  const ratios = all.map((cost, round) => cost / costs['JSON.parse'][round]);
  console.log(`${name.padEnd(12)}${median(ratios).toFixed(3)}`);
}
exit();

/**
 * A function that gives a frame to a stream of the library in a folder.
 *
 * @param place Where its bundle is put, and finds its packages.
 */
async function streamOf(absWorkingDir, place) {
  const socket = join(import.meta.dirname, 'in-process/socket.mjs');
  const outfile = join(place, `${randomUUID()}.mjs`);
  const code = `export * from './lib/index.ts'; export { frames } from ${JSON.stringify(socket)};`;
  await build({
    stdin: { contents: code, resolveDir: absWorkingDir, loader: 'ts' },
    absWorkingDir,
    tsconfig: join(absWorkingDir, 'tsconfig.json'),
    alias: { '#websocket': socket },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['rxjs', 'ws'],
  });
  const { connectManager, ofType, frames } = await import(pathToFileURL(outfile).href);
  const stream = connectManager({ url: 'ws://127.0.0.1:1/api/stream', heartbeat: false });
  for (const type of eventTypes(1_000)) stream.on(ofType(type), handle);
  void stream.requests;
  void stream.connect();
  frames.opened();
  frames.text('{"type":"ready","threadId":null}', 32, 1);
  return (text, at) => frames.text(text, text.length, at);
}

/** The time of each slice, in ns, for each of those that read. */
function measured(readers) {
  const names = Object.keys(readers);
  const costs = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < warm + rounds; round++) {
    const first = (round * 100) % texts.length;
    const slice = Array.from({ length: 100 }, (_, at) => texts[(first + at) % texts.length]);
    for (const name of names.toSorted(() => Math.random() - 0.5)) {
      const read = readers[name];
      const before = hrtime.bigint();
      for (const text of slice) read(text, round);
      if (round >= warm) costs[name].push(Number(hrtime.bigint() - before));
    }
  }
  return costs;
}
