// One outage after the other, from a second to five minutes, each longer than the one before; what
// goes on behind it is heard of only when it is over.

import { answerElsewhere, askTheLast, replace } from '../requests/script.mjs';

/** The first and the last outage, in ms. */
const [shortest, longest] = [1_000, 300_000];

/** How long a world may take until all is delivered and known, in ms: with a bug it never is. */
const patience = { real: 300_000, control: 75_000 };

/** How a network is away: what begins it, what happens then at once, and what ends it. */
const outages = [
  {
    name: 'outage: refused',
    weight: 3,
    begin(proxy) {
      proxy.set({ refuse: true });
      proxy.reset();
    },
    end: (proxy) => proxy.set({ refuse: false }),
  },
  {
    name: 'outage: 503',
    weight: 2,
    begin(proxy) {
      proxy.set({ answer: 503 });
      proxy.reset();
    },
    end: (proxy) => proxy.set({ answer: null }),
  },
  {
    name: 'outage: hung, nothing answers',
    weight: 4,
    begin: (proxy) => proxy.set({ stall: true }),
    end: (proxy, script) => resume(proxy, script),
  },
  {
    name: 'outage: hung socket, the rest answers',
    weight: 2,
    begin: hang,
    end: (proxy, script) => resume(proxy, script),
  },
  {
    name: 'outage: hung socket, restarted behind it',
    weight: 5,
    begin: hang,
    then(world, script) {
      replace(world, script);
      for (const { handlers } of world.clients) for (let n = 0; n < 3; n++) handlers.human(script);
    },
    end: (proxy, script) => resume(proxy, script),
  },
];

function hang(proxy) {
  for (const connection of proxy.connections) connection.set({ stall: true });
}

/** New connections are sound. What hung has lost bytes: it ends, or hangs until it is given up. */
function resume(proxy, script) {
  const { connections } = proxy;
  proxy.set({ stall: false });
  const isReset = script.chance(0.5);
  for (const connection of connections) {
    if (isReset) connection.reset();
    else connection.set({ stall: true });
  }
}

/** What happens meanwhile. */
const meanwhile = [
  { name: 'asked', weight: 6, play: ({ ask }, script) => ask(script) },
  {
    name: 'answered by a human',
    weight: 8,
    play: ({ clients }, script) => script.pick(clients).handlers.human(script),
  },
  { name: 'answered elsewhere', weight: 2, play: answerElsewhere },
  {
    name: 'turn interrupted',
    weight: 1,
    play: ({ endTurn }, script) => endTurn(script, 'interrupted'),
  },
  { name: 'restarted, ids used again', weight: 3, play: replace },
  { name: 'clocks set', weight: 8, play: setClocks },
];

/** @param isBack Default: one or the other. */
function setClocks({ time, truth }, script, isBack) {
  time.setClock(jump(script, isBack));
  truth.setClock(jump(script, isBack));
}

/** Seconds up to ten days, back or forward. */
const jump = (script, isBack = script.chance(0.5)) =>
  (isBack ? -1 : 1) * Math.round(1_000 * 10 ** script.between(0, 5.9));

/** The network holds answers back, and the server is restarted before they arrive. */
const heldBack = {
  name: 'POSTs held back across a restart',
  async play(world, script) {
    const { server, clients, time } = world;
    server.hold(script.between(20, 80));
    for (const { handlers } of clients) for (let n = 0; n < 3; n++) handlers.human(script);
    await time.sleep(script.between(50, 500));
    replace(world, script);
    await time.sleep(3_000);
    server.hold(0);
  },
};

const asksAgain = 'asked again what a recovery could not learn';

export const happenings = [
  ...[...outages, ...meanwhile, heldBack].map(({ name }) => name),
  asksAgain,
];

/**
 * Plays so many outages.
 *
 * @param count how many there are in each world.
 * @param control a deliberate bug: `outage` is the name of the only ones that it has, if not all.
 */
export const playOutages =
  (count, time, { finds, outage: only = '' }) =>
  async ({ world: given, random, counts, journal, isOver }) => {
    const limit = finds === undefined ? patience.real : patience.control;
    const able = outages.filter((outage) => outage.name.includes(only));
    const world = { ...given, time, counts, limit };
    const { server, clients, name, lanes } = world;
    server.calm();
    for (let n = 0; n < count && !isOver(); n++) {
      const script = random.fork(`outage/${n}`);
      const outage = script.weighted(able);
      const duration = shortest * (longest / shortest) ** (n / Math.max(1, count - 1));
      for (let asked = script.whole(2, 6); asked > 0; asked--) world.ask(script);
      await time.sleep(script.between(0, 2_000));
      counts[outage.name]++;
      for (const client of clients) {
        journal.fault(client.name, `${outage.name}, for ${Math.round(duration / 1_000)} s`);
      }
      for (const { proxy } of lanes) outage.begin(proxy);
      outage.then?.(world, script);
      // Each is met by clocks that were set forward and are set back.
      setClocks(world, script, n % 2 > 0);
      const happens = script.whole(2, 8);
      for (let left = happens; left > 0; left--) {
        await time.sleep(duration / happens);
        const { name: what, play } = script.weighted(meanwhile);
        for (const client of clients) journal.fault(client.name, `${name}: ${what}`);
        if ((await play(world, script)) !== false) counts[what]++;
      }
      for (const { proxy } of lanes) outage.end(proxy, script);
      world.audit.back();
      await recover(world);
      if (isOver() || !script.chance(0.5)) continue;
      counts[heldBack.name]++;
      await heldBack.play(world, script);
      await recover(world);
    }
    await askTheLast(world, random);
    await recover(world);
  };

/** Everybody is back and knows what is pending, and what was decided has arrived. */
async function recover({ clients, audit, time, counts, limit }) {
  const isBack = ({ status }) => status.name === 'ready';
  const isWell = (client) =>
    isBack(client) && audit.isEqual(client) && audit.undelivered(client).length === 0;
  for (let tries = 0; tries < 3; tries++) {
    if (await time.until(() => clients.every(isWell), limit / 3)) return;
    // What a recovery says that it does not know, is asked for again.
    const learned = await Promise.all(clients.map((client) => client.audit.learn()));
    if (learned.includes(true)) counts[asksAgain]++;
  }
  for (const client of clients) {
    if (!isBack(client)) client.report('recovery', 'it did not come back');
    audit.rest(client);
  }
}
