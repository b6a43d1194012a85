// A source that counts, a gateway in front of it that is restarted, and a client that is cut off.

import { connectManager, openWebSocket } from 'codex-rx';
import { feedLog, memoryLog, serveGateway } from 'codex-rx/gateway';
import { startStreamServer } from 'codex-rx/testing';
import { sound } from './controls.mjs';

export const threads = ['counted', 'idle'];
const token = 'of-the-chaos-run';
const reconnect = { base: 1, cap: 20 };

/** Everything that a run needs. `control`: a deliberate bug. */
export async function startStage({ random, control, logEvents }) {
  const { wrapLog, wrapEvents, askUrl, feedOutlives, renewLog } = { ...sound, ...control };
  let server = await startStreamServer();
  const source = connectManager({ url: server.url, health: false, log: false, reconnect, random });
  let log = wrapLog(memoryLog({ events: logEvents }));
  let feed = feedLog(source, log);
  let gateway = await serveGateway(feed, { token, log: false });
  const port = Number(new URL(gateway.url).port);
  const sockets = new Set();

  function client(threadId) {
    return connectManager({
      url: gateway.url,
      token,
      threadId,
      health: false,
      log: false,
      reconnect,
      heartbeat: { interval: 50, timeout: 10_000 },
      random,
      transport(request, events) {
        const told = wrapEvents(events);
        const socket = openWebSocket(
          { ...request, url: askUrl(request.url) },
          {
            ...told,
            ended(end) {
              sockets.delete(cut);
              told.ended(end);
            },
          },
        );
        const cut = () => {
          sockets.delete(cut);
          socket.abandon();
          told.ended({ kind: 'failed', error: new Error('cut off') });
        };
        sockets.add(cut);
        return socket;
      },
    });
  }

  let isSourceReady = false;
  source.status$.subscribe(({ state, phase }) => {
    isSourceReady = state === 'open' && phase === 'ready';
  });
  await source.connect();
  return {
    source,
    isSourceReady: () => isSourceReady,
    client,
    get log() {
      return log;
    },
    /** The next number, to all who listen. */
    say(number) {
      const payload = {
        source: 'app_server',
        params: { threadId: threads[0], delta: String(number) },
      };
      server.send({ type: 'app_server.count', threadId: threads[0], payload });
    },
    /** Cuts the connections of all clients, as a network does: whether there were any. */
    cut() {
      const all = [...sockets];
      for (const cut of all) cut();
      return all.length;
    },
    /** Cuts the source off from its server. */
    cutSource() {
      for (const socket of server.sockets) socket.terminate();
    },
    /** Ends the server of the source, and starts another one in its place. */
    async restartSource() {
      const { port } = new URL(server.url);
      await server.close();
      return async () => {
        server = await startStreamServer({ port: Number(port) });
      };
    },
    async restart() {
      if (!feedOutlives) feed.close();
      await gateway.close();
      return async () => {
        const next = renewLog(log, logEvents);
        if (next !== log) {
          feed.close();
          log = wrapLog(next);
        }
        if (next !== feed.log || !feedOutlives) feed = feedLog(source, log);
        gateway = await serveGateway(feed, { token, port, log: false });
      };
    },
    async close() {
      feed.close();
      await gateway.close();
      await source.close();
      await server.close();
    },
  };
}
