// One run: servers that ask, clients that answer, a storm between them, and then the audit of what
// became of each request.

import { startFaultProxy } from 'codex-rx/testing';
import { calm } from '../faults.mjs';
import { createJournal } from '../journal.mjs';
import { auditProcess } from '../process-audit.mjs';
import { randomFrom } from '../random.mjs';
import { patience, startStorm } from '../storm.mjs';
import { sound, talkative } from '../transports.mjs';
import { until } from '../wait.mjs';
import { startAppServer } from './app-server.mjs';
import { answerTo, kindOf } from './asked.mjs';
import { startRequestClient } from './client.mjs';
import { restFaults, startManager } from './manager-server.mjs';
import { createWorld, happenings, playScript } from './script.mjs';
import { createTruth } from './truth.mjs';
import { auditTruth } from './truth-audit.mjs';

/** How much calmer than the storm of connections alone: requests take their time. */
const pace = 8;

/** When a client has been ready for so long, it has forgotten what an app-server did not send again. */
const afterglow = { manager: 300, 'app-server': 2_300 };

/** A storm between clients and servers that do wrong by themselves. */
const stormy = {
  playScript,
  happenings,
  startStorm: (lanes, journal) => startStorm(lanes, journal, pace),
  worlds: ['manager-1', 'manager-2', 'app-server-1', 'app-server-2'],
  clients: {},
};

/**
 * @param options `seed`; `asked` and `seconds`: how many requests, and how long they may take,
 *   whichever comes first; `control`: a deliberate bug, and then the run ends as soon as it is found;
 *   `weather`: what happens meanwhile.
 */
export async function runRequests({ seed, asked, seconds, control = {}, weather = stormy }) {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const random = randomFrom(`requests/${seed}`);
  const journal = createJournal();
  const audit = auditProcess(journal);
  const counts = Object.fromEntries(
    [...weather.happenings, ...restFaults].map((name) => [name, 0]),
  );

  const { source: only = '' } = control;
  const names = weather.worlds.filter((name) => name.startsWith(only));
  const isReal = control.finds === undefined;
  const worlds = await Promise.all(names.map(startWorld));
  const clients = worlds.flatMap((world) => world.clients);
  const lanes = worlds.flatMap((world) => world.lanes);
  let isConnected = false;
  void Promise.all(worlds.map(begin)).then(() => (isConnected = true));
  if (!(await until(() => isConnected, patience))) {
    journal.violation('recovery', 'not every stream has connected');
  }

  const begun = elapsed();
  const isFound = () => journal.has(control.finds);
  const storm = weather.startStorm(lanes, journal);
  const isOver = () => elapsed() - begun > seconds || isFound() || storm.isOver();
  await Promise.all(
    worlds.map((world) =>
      weather.playScript({
        world,
        random: random.fork(`${world.name}/script`),
        asked: asked / worlds.length,
        counts,
        journal,
        isOver,
      }),
    ),
  );
  await storm.stop();
  if (!isFound() && !journal.has('recovery')) await comeToRest();
  for (const { audit: client } of clients) client.rest();
  for (const world of worlds) {
    for (const client of world.clients) world.audit.rest(client);
    world.audit.end(world.clients);
  }

  const outcomes = sumOutcomes(clients);
  await Promise.all(
    clients.map((client, n) => {
      if (n % 2 > 0) client.abort();
      return client.stream.close();
    }),
  );
  for (const { audit: client } of clients) client.settle();
  await audit.released(
    () => [
      ...worlds.flatMap(({ server }) => server.sockets.map(() => 'a socket of a server')),
      ...lanes.flatMap(({ proxy }) => proxy.connections.map(() => 'a connection of a proxy')),
    ],
    patience,
  );
  await Promise.all(lanes.map(({ proxy }) => proxy.close()));
  await Promise.all(worlds.map(({ server }) => server.close()));
  await audit.end(patience);

  const sum = (list, count) => list.reduce((total, one) => total + count(one), 0);
  return {
    seconds: elapsed(),
    ...storm.counts,
    played: storm.played,
    moments: storm.moments,
    happened: counts,
    outcomes,
    worlds: worlds.length,
    streams: clients.length,
    asked: sum(worlds, ({ truth }) => truth.all.length),
    processes: sum(worlds, ({ truth }) => truth.process),
    runs: sum(clients, (client) => client.audit.figures.runs),
    late: sum(clients, (client) => client.audit.figures.late),
    received: sum(worlds, ({ truth }) => sum(truth.all, ({ received }) => received.length)),
    raced: sum(worlds, (world) => world.audit.raced.count),
    astray: sum(worlds, (world) => world.audit.raced.astray),
    kept: sum(worlds, (world) => world.audit.raced.kept),
    pending: sum(worlds, ({ truth }) => truth.pending().length),
    journal,
  };

  async function startWorld(name) {
    const own = random.fork(name);
    const source = name.startsWith('manager') ? 'manager' : 'app-server';
    const isPlain = source === 'manager';
    const isSupported = ({ method }) => !isPlain || kindOf(method).list !== undefined;
    const threadIds = [1, 2, 3, 4].map((n) => `${name}-thread-${n}`);
    const heard = (request, received) => {
      const client = clients.find((one) => one.name === received.by);
      if (client) audit.heard(request, client, received);
    };
    const truth = createTruth({ name, threadIds, random: own.fork('truth'), isSupported, heard });
    const audit = auditTruth({ truth, source, isSupported });
    const start = isPlain ? startManager : startAppServer;
    const server = await start({ truth, random: own.fork('server'), counts });
    // The second follows less: a manager's stream is filtered to one thread, or not at all.
    const followed = [threadIds, isPlain ? threadIds.slice(0, 1) : threadIds.slice(0, 2)];
    const clients = [];
    const lanes = [];
    for (const [n, threads] of followed.entries()) {
      const client = `${name}/${n === 0 ? 'a' : 'b'}`;
      const proxy = await startFaultProxy({ target: server.url });
      clients.push(
        startRequestClient({
          name: client,
          source,
          url: proxy.url,
          threads,
          random: own.fork(client),
          journal,
          control,
          transport: n === 0 ? sound : talkative,
          ...weather.clients,
        }),
      );
      const socketsOf = () => server.sockets.filter((socket) => socket.client === client);
      const lane = server.lane(client);
      lanes.push({ name: client, proxy, client: clients[n], lane, socketsOf, random: own.fork(n) });
    }
    const world = createWorld({
      name,
      server,
      truth,
      clients,
      repeats: control.repeats,
      answerTo: (request, script) => answerTo(request, script.chance(0.5), script, isPlain),
    });
    return { ...world, lanes, audit };
  }

  /** Everybody knows the threads, before anything goes wrong. */
  async function begin({ server, truth, clients }) {
    await Promise.all(clients.map((client) => client.begin()));
    const hasHeard = ({ hasHeard, threads }) => hasHeard.size >= threads.length;
    do for (const threadId of truth.threadIds) server.mention(threadId);
    while (!(await until(() => clients.every(hasHeard), 500)));
  }

  /** No more faults. Some have been cut off a last time, and everybody comes back. */
  async function comeToRest() {
    for (const { proxy, random: script } of lanes) {
      proxy.set(calm);
      if (script.fork('rest').chance(0.5)) proxy.reset();
    }
    for (const { server } of worlds) {
      server.calm();
      server.hangUp();
    }
    const isReady = ({ readyFor, source }) => readyFor > afterglow[source];
    if (!(await until(() => clients.every(isReady), patience))) {
      journal.violation('recovery', 'not every stream came back after the storm');
    }
    const isEqual = (world) => world.clients.every((client) => world.audit.isEqual(client));
    await until(() => worlds.every(isEqual), isReal ? patience : 1_500);
  }
}

/** What became of the requests, over all streams. */
function sumOutcomes(clients) {
  const outcomes = {};
  for (const { audit, source } of clients) {
    for (const { ends } of audit.known.values()) {
      for (const { outcome, cause } of ends) {
        const row = (outcomes[`${outcome}, ${cause}`] ??= { manager: 0, 'app-server': 0 });
        row[source]++;
      }
    }
  }
  return outcomes;
}
