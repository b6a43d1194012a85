// What the server sends. It numbers the events of each socket, so that the audit can tell one that is
// lost, comes twice or comes from another socket.

import { notificationType } from 'codex-rx';

const types = [
  notificationType('item/agentMessage/delta'),
  notificationType('item/started'),
  notificationType('item/completed'),
  notificationType('turn/started'),
  notificationType('thread/tokenUsage/updated'),
  'approval',
  // Named like a control frame; its payload makes it an event.
  'error',
];

/** What `managerDuplicates` means. */
const duplicates = ['notification', 'app_server.codex.event.agent_message_delta'];

/** Characters of one to four bytes: frames are cut in the middle of them, too. */
const filler = 'abcdefgh é ✓ 🦊 '.repeat(20_000);

const big = 200_000;

/**
 * Greets and serves every socket of a server, which itself must neither greet nor pong.
 * `lane(name)` is what the sockets of one stream, known by its thread, have in common.
 */
export function startTraffic(server, random) {
  const lanes = new Map();
  const totals = { events: 0, ignored: 0, unreadable: 0, bytes: 0 };
  let isOver = false;
  let isPaused = false;

  const lane = (name) => {
    if (!lanes.has(name)) lanes.set(name, createLane());
    return lanes.get(name);
  };

  void accept();
  async function accept() {
    for (let id = 1; !isOver; id++) serve(id, await server.connected());
  }

  function serve(id, socket) {
    const own = lane(socket.threadId);
    const one = createSocket(id, socket, random.fork(`socket/${id}`), totals);
    if (own.greets) setTimeout(greet, one.hesitation);

    function greet() {
      if (isOver || !server.sockets.includes(socket)) return;
      own.newest = one;
      socket.send({ type: 'ready', threadId: socket.threadId });
      tick();
    }

    function tick() {
      if (isOver || !server.sockets.includes(socket)) return;
      if (own.pongs) one.pong();
      const wait = one.wait();
      if (!own.quiet && !isPaused) one.burst();
      setTimeout(tick, wait);
    }
  }

  return {
    totals,
    lane,
    /** Sends no more events; pings are answered. */
    pause: () => (isPaused = true),
    stop: () => (isOver = true),
  };
}

/** How the server treats the sockets of a stream. */
const createLane = () => ({
  /** Whether a new socket gets its `ready`. */
  greets: true,
  pongs: true,
  /** Whether it sends no events. */
  quiet: false,
  /** The socket that was greeted last. */
  newest: null,
});

function createSocket(id, socket, random, totals) {
  const counts = { events: 0, ignored: 0, unreadable: 0 };
  let ponged = 0;

  function send(count, text) {
    counts[count]++;
    totals[count]++;
    totals.bytes += text.length;
    socket.sendRaw(text);
  }

  function event(size) {
    const { threadId } = socket;
    const payload = {
      socket: id,
      n: counts.events,
      // What else was sent before it.
      ignored: counts.ignored,
      unreadable: counts.unreadable,
      text: filler.slice(0, size),
    };
    send('events', JSON.stringify({ type: random.pick(types), threadId, payload }));
  }

  function frame() {
    const kind = random.next();
    if (kind < 0.25) {
      const text = filler.slice(0, random.whole(0, 400));
      const payload = { method: 'item/agentMessage/delta', text };
      send('ignored', JSON.stringify({ type: random.pick(duplicates), payload }));
    } else if (kind < 0.26) {
      send('unreadable', random.chance(0.5) ? '{"type": "app_server' : Buffer.from('\0\0\0'));
    } else if (kind < 0.263) {
      event(big);
    } else {
      event(random.chance(0.1) ? random.whole(1_000, 20_000) : random.whole(0, 200));
    }
  }

  return {
    id,
    /** How long it takes to be greeted. */
    hesitation: random.chance(0.2) ? random.between(0, 80) : 0,
    /** How many events were sent. */
    get sent() {
      return counts.events;
    },
    /** How long until the next burst; now and then so long that the client pings. */
    wait: () => (random.chance(0.005) ? random.between(120, 260) : random.between(0, 8)),
    burst() {
      const count = random.chance(0.02) ? random.whole(20, 120) : random.whole(1, 3);
      for (let n = 0; n < count; n++) frame();
    },
    sendBig: () => event(big),
    pong() {
      // Every frame that this client sends is a ping.
      for (; ponged < socket.received.length; ponged++) socket.send({ type: 'pong' });
    },
  };
}
