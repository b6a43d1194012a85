// What happens in a server and around it, one thing after the other, as seeded.

import { sleep, until } from '../wait.mjs';

/** How long a server is away: longer than a dead connection takes to be noticed. */
const downtime = [350, 700];

async function restart({ server, lanes }, script) {
  server.restart(script);
  // With a process its connections end, and what was on its way: a client that goes on to hear a server
  // that there is no more cannot know that its ids mean others now.
  for (const { proxy } of lanes) proxy.reset();
  await sleep(script.between(...downtime));
  server.comeBack();
}

/** Another process takes over at once, and asks by the ids of what was pending. */
export function replace({ server, truth }, script) {
  const ids = Math.min(40, 1 + Math.max(0, ...truth.pending().map(({ id }) => id)));
  server.restart(script);
  server.comeBack();
  for (let n = 0; n < ids; n++) {
    const threadId = script.pick(truth.threadIds);
    if (server.canAsk(threadId)) server.ask(threadId);
  }
}

/**
 * The connections hang, and nobody is told; the server is restarted, and asks by ids that it has used
 * before.
 */
async function restartUnnoticed(world, script) {
  const { lanes, clients } = world;
  const hung = lanes.flatMap(({ proxy }) => proxy.connections);
  for (const connection of hung) connection.set({ stall: true });
  replace(world, script);
  for (const client of clients) {
    client.handlers.human(script);
    client.handlers.human(script);
  }
  await sleep(script.between(0, 300));
  for (const connection of hung) connection.reset();
}

/** Another client answers a request that is free. */
export function answerElsewhere({ server, truth, answerTo }, script) {
  const request = script.pick(truth.pending().filter(isFree));
  return request && server.take(request.id, 'elsewhere', answerTo(request, script));
}

/** What may happen: each is given the world, and random numbers of its own. */
const steps = [
  { name: 'asked', weight: 42, play: ({ ask }, script) => ask(script) },
  {
    name: 'told again',
    weight: 10,
    play({ server, truth }, script) {
      const request = script.pick(truth.pending());
      return request && server.tellOf(request, heardOf(server, request));
    },
  },
  {
    name: 'told again, too late',
    weight: 4,
    play({ server, truth }, script) {
      const over = truth.all.filter(({ end, process }) => end && process === truth.process);
      const request = script.pick(over.slice(-20));
      return request && server.tellOf(request, heardOf(server, request));
    },
  },
  {
    name: 'answered elsewhere',
    weight: 9,
    play: answerElsewhere,
  },
  {
    name: 'answered by a human',
    weight: 14,
    play: ({ clients }, script) => script.pick(clients).handlers.human(script),
  },
  {
    name: 'refused with an error',
    weight: 1,
    play: ({ clients }, script) => script.pick(clients).handlers.refuse(script),
  },
  {
    name: 'turn interrupted',
    weight: 4,
    play: ({ endTurn }, script) => endTurn(script, 'interrupted'),
  },
  {
    name: 'turn completed',
    weight: 3,
    // It does not, as long as it waits for something.
    play: ({ endTurn }, script) => endTurn(script, 'completed'),
  },
  {
    name: 'listed, or resumed again',
    weight: 6,
    play({ clients }, script) {
      const { source, stream, threads } = script.pick(clients);
      const threadId = script.pick(threads);
      if (source === 'manager') void stream.requests.refresh(...threads);
      else stream.call('thread/resume', { threadId }).catch(() => undefined);
    },
  },
  {
    name: 'handler taken away for a while',
    weight: 1.5,
    play: ({ clients }, script) =>
      void script.pick(clients).handlers.reserve(sleep(script.between(0, 80))),
  },
  {
    name: 'restarted',
    weight: 1.2,
    play: restart,
  },
  {
    name: 'restarted behind a hung socket',
    weight: 1.5,
    play: restartUnnoticed,
  },
  {
    name: 'codex died, and restarted',
    weight: 0.4,
    async play(world, script) {
      world.server.die?.();
      await sleep(script.between(0, 30));
      await restart(world, script);
    },
  },
];

export const happenings = steps.map(({ name }) => name);

export const isFree = ({ mark }) => !mark.includes('kept');

/** Those who were told of a request before: nobody learns of one that is over. */
const heardOf = ({ sockets }, { told }) => sockets.filter((socket) => told.has(socket));

/**
 * Plays until so many requests were asked, or until it is over.
 *
 * @param counts how often each thing happened.
 */
export async function playScript({ world, random, asked, counts, journal, isOver }) {
  const { truth, clients, name } = world;
  for (let n = 0; truth.all.length < asked && !isOver(); n++) {
    const script = random.fork(`step/${n}`);
    const { name: what, weight, play } = script.weighted(steps);
    await sleep(script.between(0, 50));
    const told = weight < 5 && clients.map((client) => client.name);
    if (told) for (const client of told) journal.fault(client, `${name}: ${what}`);
    if ((await play(world, script)) !== false) counts[what]++;
  }
  await askTheLast(world, random);
}

/** At the end another process asks some that nobody answers. */
export async function askTheLast(world, random) {
  const { server, truth } = world;
  await restart(world, random.fork('end'));
  for (const threadId of truth.threadIds) {
    if (await until(() => server.canAsk(threadId), 2_000)) server.ask(threadId, { isKept: true });
  }
}

/** What a script plays with. */
export function createWorld({ name, server, truth, clients, answerTo, repeats = false }) {
  return {
    name,
    server,
    truth,
    clients,
    answerTo,
    ask(script) {
      const [threadId, burst] = [script.pick(truth.threadIds), script.chance(0.1) ? 4 : 1];
      if (!server.canAsk(threadId)) return false;
      for (let n = 0; n < burst; n++) {
        const request = server.ask(threadId);
        if (repeats) server.tellOf(request);
      }
      return true;
    },
    endTurn(script, status) {
      const threadId = script.pick(truth.threadIds);
      const isWaiting = truth.pending().some((request) => request.threadId === threadId);
      const canEnd = status === 'interrupted' ? isWaiting : !isWaiting;
      // Kept ones are asked at the end alone.
      if (canEnd) server.endTurn(threadId, status);
      return canEnd;
    },
  };
}
