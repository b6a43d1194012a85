import { connectManager, notificationType, requestType } from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { startFakeAppServer, startStreamServer, type SourceStage } from 'codex-rx/testing';

const reconnect = { base: 1, cap: 5 };

/** A stream of codex-manager, and its server. */
export async function managerStage(): Promise<SourceStage> {
  const answered: number[] = [];
  const server = await startStreamServer({
    rest: ({ url }) => {
      const id = /^\/api\/tool-calls\/(\d+)\/response/.exec(url)?.[1];
      if (id === undefined) return null;
      answered.push(Number(id));
      return { status: 200, body: { status: 'ok' } };
    },
  });
  const send = (signalType: string, type: string, method: string, params: object, ids = {}) => {
    const { threadId = null, turnId = null } = params as { threadId?: string; turnId?: string };
    const context = { threadId, turnId };
    const payload = { source: 'app_server', signalType, method, context, params, ...ids };
    server.send({ type, threadId, payload } as never);
  };
  return {
    stream: connectManager({ url: server.url, reconnect, health: false }),
    notify(method, params) {
      send('notification', notificationType(method), method, params);
    },
    ask(requestId, method, params) {
      send('request', requestType(method), method, params, { requestId });
    },
    answered: () => answered,
    garble() {
      for (const socket of server.sockets) socket.sendRaw('{"type":');
    },
    drop() {
      for (const socket of server.sockets) socket.terminate();
    },
    close: () => server.close(),
  };
}

/** A stream of `codex app-server`, and its server. */
export async function appServerStage(): Promise<SourceStage> {
  const server = await startFakeAppServer();
  const answers = () =>
    server.received
      .map((text) => JSON.parse(text) as { id?: number; method?: string })
      .filter(({ method }) => method === undefined);
  return {
    stream: connectAppServer({ url: server.url, reconnect }),
    notify(method, params) {
      server.notify(null, method, params);
    },
    ask(id, method, params) {
      server.sendRaw(JSON.stringify({ method, id, params }));
    },
    answered: () => answers().flatMap(({ id }) => (id === undefined ? [] : [id])),
    garble() {
      server.sendRaw('{"method":');
    },
    drop: () => {
      server.terminate();
    },
    close: () => server.close(),
  };
}
