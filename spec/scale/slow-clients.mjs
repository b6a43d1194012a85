// 180 clients of a gateway that read, and 20 that never do: what the gateway's process needs for them, beside its log.
// Source, gateway and clients have a process each.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { wait } from '../../examples/scale-out/scene.mjs';

const mebibyte = 2 ** 20;
const readers = 180;
const silent = 20;
/** What each client is sent: many times what the kernel keeps for one that does not read. */
const frames = 2_500;
const frameBytes = 16 * 2 ** 10;
/** How far the readers may be behind the source, in frames: less than the log keeps. */
const window = 100;

const logBytes = 8 * mebibyte;
/** How much the gateway may grow by. */
export const allowed = logBytes + 16 * mebibyte;

/** A client that never reads is ended after a second, or keeps what it is sent. */
const bounds = { bounded: { stallTimeout: 1_000 }, unbounded: { highWater: 2 ** 31 } };

const program = (name) => join(import.meta.dirname, 'clients', name);

/**
 * One run.
 *
 * @param kind `bounded`, as the gateway is, or `unbounded`: what must be found.
 */
export async function slowClients(kind) {
  const source = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(source, 'listening');
  const connected = once(source, 'connection');
  const server = fork(
    program('server.mjs'),
    [source.address().port, logBytes, JSON.stringify(bounds[kind])],
    { execArgv: ['--expose-gc'] },
  );
  const [socket] = await connected;
  socket.send('{"type":"ready","threadId":null}');
  const [port] = await once(server, 'message');
  const clients = fork(program('readers.mjs'), [port, readers, silent, frames]);
  await once(clients, 'message');
  const ask = async () => {
    server.send('measure');
    const [facts] = await once(server, 'message');
    return facts;
  };
  const before = await ask();
  let read = 0;
  clients.on('message', (message) => (read = message));
  let growth = 0;
  const measure = async () => {
    const { bytes, clients } = await ask();
    growth = Math.max(growth, bytes - before.bytes);
    return clients;
  };
  const delta = 'x'.repeat(frameBytes);
  for (let sent = 1; sent <= frames; sent++) {
    const payload = { source: 'app_server', params: { threadId: 't', delta, sent } };
    socket.send(JSON.stringify({ type: 'app_server.big', threadId: 't', payload }));
    while (sent - read > window && clients.connected) await wait(1);
    if (sent % 250 === 0) await measure();
  }
  const deadline = performance.now() + 20_000;
  let left = await measure();
  while ((read < frames || left > readers) && performance.now() < deadline) {
    await wait(250);
    left = await measure();
  }
  for (const process of [server, clients]) process.kill();
  socket.terminate();
  source.close();
  return {
    connected: before.clients,
    'MiB sent to each': Math.round((frames * frameBytes) / mebibyte),
    'growth, MiB': +(growth / mebibyte).toFixed(1),
    'allowed, MiB': allowed / mebibyte,
    complete: read === frames,
    'still connected': left,
  };
}

/** What is wrong with the median of some runs. */
export function problemsOf(runs) {
  const growths = runs.map((run) => run['growth, MiB']).toSorted((a, b) => a - b);
  const growth = growths[growths.length >> 1];
  return [
    ...(growth * mebibyte > allowed ? [`the gateway grew by ${growth} MiB`] : []),
    ...(runs.every(({ complete }) => complete) ? [] : ['a client that reads did not get all']),
    ...(runs.every((run) => run['still connected'] === readers)
      ? []
      : ['those that never read were not ended, or others were']),
  ];
}
