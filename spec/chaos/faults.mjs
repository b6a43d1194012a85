// What is done to a stream. Each fault gets what it needs of one stream: its proxy, its lane of the
// traffic, the sockets that the server has of it, the audit of its links, and random numbers of its
// own. `givenUp(link)` waits until the client has left a link that is dead.

import { sleep, until } from './wait.mjs';

/** The network is dead, for one connection or for those that come, too, until the client gave up. */
const halfOpen =
  (stall) =>
  async ({ proxy, lane, links, random, givenUp }) => {
    const { current } = links;
    const targets = random.chance(0.5) ? [proxy] : proxy.connections;
    const [sooner, longer] = [random.between(0, 150), random.between(0, 250)];
    for (const target of targets) target.set({ stall });
    if (!stall.toClient) {
      // While the server sends, the client need not ask whether it lives.
      await sleep(sooner);
      lane.quiet = true;
    }
    // Bytes are lost, so that it must not heal before.
    await givenUp(current);
    await sleep(longer);
    for (const target of targets) target.set({ stall: false });
    lane.quiet = false;
  };

/** The newest connection, or those too that the client should have left. */
const oneOrAll = ({ proxy, random }) => (random.chance(0.7) && proxy.connections.at(-1)) || proxy;

const serverClose =
  (code) =>
  ({ socketsOf }) =>
    socketsOf()
      .at(-1)
      ?.close(code, code && 'chaos');

/** The proxy turns everybody away for a while. */
const away =
  (begin, end) =>
  async ({ proxy, random }) => {
    const [faults, time] = [begin(random), random.between(5, 150)];
    proxy.set(faults);
    proxy.reset();
    await sleep(time);
    proxy.set(end);
  };

/** Ends a connection while a frame of 200 kB is on its way. */
async function cutInAFrame({ proxy, lane, links, random }) {
  const { current } = links;
  const connection = proxy.connections.at(-1);
  const [part, isReset] = [random.whole(1, 180_000), random.chance(0.5)];
  if (connection === undefined) return;
  const before = connection.bytesToClient;
  connection.set({ throttle: { toClient: 2_000_000 }, split: { toClient: 4_000 } });
  lane.newest?.sendBig();
  await until(() => current.isLeft || connection.bytesToClient - before >= part, 1_000);
  if (isReset) connection.reset();
  else {
    // What waits to be forwarded is lost, and then comes FIN.
    connection.set({ stall: true });
    connection.cut();
  }
}

/** A connection that is accepted, and then nothing. */
async function noReady({ proxy, lane, links, givenUp }) {
  const { current } = links;
  lane.greets = false;
  proxy.reset();
  await givenUp(current);
  await until(() => links.current !== null, 1_000);
  if (links.current !== null) await givenUp(links.current);
  lane.greets = true;
}

async function silent({ lane, links, random, givenUp }) {
  const { current } = links;
  const longer = random.between(0, 150);
  lane.quiet = true;
  lane.pongs = false;
  await givenUp(current);
  await sleep(longer);
  lane.quiet = false;
  lane.pongs = true;
}

/** What ends a connection. */
export const cuts = [
  { name: 'FIN', weight: 10, play: (context) => oneOrAll(context).cut() },
  { name: 'RST', weight: 10, play: (context) => oneOrAll(context).reset() },
  { name: 'cut in a big frame', weight: 8, play: cutInAFrame },
  { name: 'half-open, to the client', weight: 6, play: halfOpen({ toClient: true }) },
  { name: 'half-open, to the server', weight: 4, play: halfOpen({ toServer: true }) },
  { name: 'half-open, both ways', weight: 6, play: halfOpen({ toClient: true, toServer: true }) },
  {
    name: 'refused for a while',
    weight: 6,
    play: away(() => ({ refuse: true }), { refuse: false }),
  },
  {
    name: 'answered 5xx or 429 for a while',
    weight: 6,
    play: away((random) => ({ answer: random.pick([503, 503, 502, 500, 429]) }), { answer: null }),
  },
  { name: 'closed by the server, 1000', weight: 4, play: serverClose(1000) },
  { name: 'closed by the server, 1001', weight: 4, play: serverClose(1001) },
  { name: 'closed by the server, 1005', weight: 4, play: serverClose(undefined) },
  { name: 'closed by the server, 1011', weight: 4, play: serverClose(1011) },
  { name: 'closed by the server, 4000', weight: 4, play: serverClose(4000) },
  {
    name: 'terminated by the server',
    weight: 6,
    play: ({ socketsOf }) => socketsOf().at(-1)?.terminate(),
  },
  { name: 'server falls silent', weight: 5, play: silent },
  { name: 'accepted, but never ready', weight: 5, play: noReady },
];

/** What a connection survives, if it is not cut meanwhile: played for a while beside the cuts. */
export const weather = [
  { name: 'delay', weight: 3, faults: (random) => ({ delay: random.between(1, 60) }) },
  {
    name: 'throttle',
    weight: 2,
    faults: (random) => ({ throttle: { toClient: random.between(50_000, 2_000_000) } }),
  },
  {
    name: 'split',
    weight: 3,
    faults: (random) => ({ split: { toClient: random.pick([1, 7, 125, 1_400]), toServer: 1 } }),
  },
  { name: 'merge', weight: 3, faults: (random) => ({ merge: random.between(1, 60) }) },
];

/** No fault. */
export const calm = {
  delay: 0,
  throttle: Infinity,
  split: Infinity,
  merge: 0,
  stall: false,
  refuse: false,
  answer: null,
};
