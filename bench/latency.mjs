// How long a single event takes from the server's send to the handler, in microseconds of the
// monotonic clock that the processes share. Bare `ws` and this library listen at the same time.

import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { median, spread } from './figures.mjs';

const run = promisify(execFile);
const here = join(import.meta.dirname, 'latency');

/** Events for each client and round: enough for a 99th percentile. */
const events = 2_000;

export async function latency({ rounds: count, only }) {
  const names = ['latency, bare ws + JSON.parse', 'latency, codex-rx'];
  if (!names.some((name) => name.includes(only))) return [];
  const results = [];
  for (let round = 0; round < count; round++) results.push(await measure());
  return names.map((name, i) => ({
    name,
    p50: spread(results.map((clients) => clients[i].p50)),
    p99: spread(results.map((clients) => clients[i].p99)),
    ratio50: median(results.map((clients) => clients[i].p50 / clients[0].p50)),
    ratio99: median(results.map((clients) => clients[i].p99 / clients[0].p99)),
  }));
}

/** One round: what bare `ws` and what this library measured. */
async function measure() {
  const sender = fork(join(here, 'sender.mjs'), [String(events)]);
  try {
    const [{ port }] = await once(sender, 'message');
    const clients = ['bare.mjs', 'codex-rx.mjs'].map(async (file) => {
      const command = [join(here, file), `ws://127.0.0.1:${port}/api/stream`];
      const result = JSON.parse((await run(execPath, command, { timeout: 60_000 })).stdout);
      if (result.events === events) return result;
      throw new Error(`${file}: ${result.events} of ${events} events came`);
    });
    return await Promise.all(clients);
  } finally {
    sender.kill();
  }
}
