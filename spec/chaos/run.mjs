// One run: streams in a storm, and then the audit of what is left.

import { startFaultProxy, startStreamServer } from 'codex-rx/testing';
import { catchUp, fallSilent } from './catch-up.mjs';
import { startClient } from './client.mjs';
import { endings, endStream } from './endings.mjs';
import { calm } from './faults.mjs';
import { createJournal } from './journal.mjs';
import { auditProcess } from './process-audit.mjs';
import { randomFrom } from './random.mjs';
import { patience, startStorm } from './storm.mjs';
import { startTraffic } from './traffic.mjs';
import { sound, talkative } from './transports.mjs';
import { until } from './wait.mjs';

/**
 * @param options `seed`; `cuts` and `seconds`: when to end, whichever comes first; `streams`: how
 *   many; `control`: a deliberate bug, and then the run ends as soon as it is found.
 */
export async function run({ seed, cuts, seconds, streams, control = {} }) {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const random = randomFrom(seed);
  const journal = createJournal();
  const audit = auditProcess(journal);

  // What it leaves out at times, traffic.mjs does instead.
  const server = await startStreamServer({ greets: false, pongs: false });
  const traffic = startTraffic(server, random.fork('traffic'));
  const lanes = await Promise.all(Array.from({ length: streams }, (_, n) => startLane(n)));
  const clients = lanes.map(({ client }) => client);
  const signals = clients.map(({ signal }) => signal);
  const { length: connected } = await connectAll();
  if (connected < streams) journal.violation('recovery', `only ${connected} streams connected`);

  const begun = elapsed();
  const storm = startStorm(lanes, journal);
  const isFound = () => journal.has(control.finds);
  const reaches = (part) =>
    until(() => {
      const progress = Math.max(storm.counts.cuts / cuts, (elapsed() - begun) / seconds);
      return progress >= part || isFound() || storm.isOver();
    }, Infinity);
  await reaches(0.25);
  if (!isFound()) await audit.mark(signals);
  await reaches(1);
  if (!isFound()) await audit.mark(signals);
  await storm.stop();

  for (const { proxy } of lanes) proxy.set(calm);
  // With a bug some would not come back, and be waited for.
  if (control.finds === undefined && !journal.has('recovery')) {
    await fallSilent(lanes);
    await catchUp(lanes, traffic);
  }
  traffic.stop();
  await Promise.all(
    lanes.map(({ proxy, client }, n) =>
      endStream(endings[n % endings.length], { proxy, client, patience }),
    ),
  );
  await audit.released(
    () => [
      ...server.sockets.map(() => 'a socket of the server'),
      ...lanes.flatMap(({ proxy }) => proxy.connections.map(() => 'a connection of a proxy')),
    ],
    control.finds === undefined ? patience : 500,
  );
  await Promise.all(lanes.map(({ proxy }) => proxy.close()));
  await server.close();
  await audit.end(patience);

  const sum = (count) => clients.reduce((total, client) => total + count(client), 0);
  return {
    streams,
    seconds: elapsed(),
    ...storm.counts,
    played: storm.played,
    moments: storm.moments,
    sent: traffic.totals,
    links: sum(({ links }) => links.totals.links),
    connections: sum(({ status }) => status.readies),
    gaps: sum(({ gaps }) => gaps.count),
    events: sum(({ links }) => links.totals.events),
    ignored: sum(({ links }) => links.totals.ignored),
    unreadable: sum(({ links }) => links.totals.unreadable),
    stale: sum(({ links }) => links.totals.stale),
    marks: audit.marks,
    journal,
  };

  async function startLane(n) {
    const name = `stream-${n + 1}`;
    const proxy = await startFaultProxy({ target: server.url });
    const client = startClient({
      name,
      url: proxy.url,
      random: random.fork(`${name}/client`),
      journal,
      control,
      transport: n % 2 === 0 ? sound : talkative,
    });
    const socketsOf = () => server.sockets.filter(({ threadId }) => threadId === name);
    return { name, proxy, client, socketsOf, lane: traffic.lane(name), random: random.fork(name) };
  }

  /** Resolves with those that are connected. */
  async function connectAll() {
    const connected = [];
    for (const { stream } of clients) void stream.connect().then(() => connected.push(stream));
    await until(() => connected.length === clients.length, patience);
    return connected;
  }
}
