// A stream behind a proxy of its own, that starts and watches turns. Some of what it is sent is lost
// without a gap.

import { platformFetch } from '#websocket';
import { connectManager, openWebSocket, startTurn, watchTurn } from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { startFaultProxy } from 'codex-rx/testing';

const isEnd = /^\{"(method":"turn\/completed|type":"app_server\.turn\.completed)"/;
const isIdle = /^\{"(method":"thread\/status\/changed|type":"app_server\.thread\.status\.changed)"/;

const isError = /^\{"(method":"error|type":"app_server\.error)"/;

/** Loses the ends of turns now and then, what the thread does, and why a turn fails. */
const losing =
  (random, { ends = 0.2, statuses = 0.2, errors = 0 }) =>
  (request, events) =>
    openWebSocket(request, {
      ...events,
      text(text, ...rest) {
        if (isEnd.test(text) && random.chance(ends)) return;
        if (isIdle.test(text) && random.chance(statuses)) return;
        if (isError.test(text) && random.chance(errors)) return;
        events.text(text, ...rest);
      },
    });

export async function startTurnClient({ name, world, random, control }) {
  const proxy = await startFaultProxy({ target: world.server.url });
  const connect = world.source === 'manager' ? connectManager : connectAppServer;
  const same = (it) => it;
  const { stream: above = same, turn: around = same } = control;
  const bare = connect({
    url: proxy.url,
    log: false,
    connectTimeout: 1_000,
    heartbeat: { interval: 300, timeout: 1_000 },
    reconnect: { base: 5, cap: 50, stableAfter: 100 },
    random: () => 0.1 * random.next(),
    transport: losing(random.fork('losses'), control.losses ?? {}),
    ...(world.source === 'manager' && { health: false, fetch: platformFetch() }),
  });
  const stream = above(bare);
  const quiet = control.quiet ?? 300;

  return {
    name,
    proxy,
    stream,
    source: world.source,
    start(threadId, text, whenBusy) {
      const params = {
        threadId,
        input: text,
        ...(world.source === 'app-server' && { clientUserMessageId: text }),
      };
      const begin = () => startTurn(stream, params, { whenBusy, quiet });
      return around(begin(), { stream, threadId, begin });
    },
    watch: (threadId, turnId) => watchTurn(stream, { threadId, turnId }, { quiet }),
  };
}
