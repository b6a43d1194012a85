// A `codex app-server` without a codex: JSON-RPC, threads that are followed, and requests that are
// sent again when a thread is resumed, as measured on the real one.

import { greeting } from './asked.mjs';
import { startSocketServer } from './socket-server.mjs';

export async function startAppServer({ truth, random }) {
  const loaded = new Set();
  const server = await startSocketServer({
    accept(socket) {
      socket.follows = new Set();
      socket.received = (text) => receive(socket, JSON.parse(text));
      // It knows no close frame.
      socket.close = socket.terminate;
    },
    answer: (_request, response) => response.writeHead(400, { connection: 'close' }).end(),
  });

  function receive(socket, { id, method, params, ...answer }) {
    if (method === undefined) take(id, socket.client, answer.result ?? answer, socket);
    else if (id === undefined) return;
    else if (method === 'initialize') greet(socket, id);
    else if (id === 'codex-rx.ping') {
      if (socket.lane.pongs) socket.sendNow({ id, result: { data: [], nextCursor: null } });
    } else if (method === 'thread/loaded/list') {
      socket.send({ id, result: { data: [...loaded], nextCursor: null } });
    } else if (method === 'thread/resume') resume(socket, id, params);
    else socket.send({ id, error: { code: -32600, message: `Invalid request: ${method}` } });
  }

  function greet(socket, id) {
    if (!socket.lane.greets) return;
    socket.isReady = true;
    const params = { threadId: 't', turnId: 'u', itemId: 'i', delta: 'x'.repeat(200_000) };
    const sendBig = () => socket.send({ method: 'item/agentMessage/delta', params });
    socket.lane.newest = { sendBig };
    const told = {
      userAgent: 'chaos',
      codexHome: '/',
      platformFamily: 'unix',
      platformOs: 'linux',
    };
    socket.sendNow({ id, result: told });
  }

  function resume(socket, id, { threadId }) {
    const isLoaded = loaded.has(threadId);
    loaded.add(threadId);
    socket.follows.add(threadId);
    socket.send({ id, result: { thread: { id: threadId } } });
    for (const request of truth.pending()) {
      if (request.threadId === threadId) tellOf(request, [socket]);
    }
    // With a thread, its MCP servers start.
    if (!isLoaded && random.chance(0.7)) ask(threadId, { kind: greeting });
  }

  function ask(threadId, options) {
    const request = truth.open(threadId, options);
    tellOf(request);
    return request;
  }

  const hears = (threadId) => (socket) => socket.follows.has(threadId);
  function notify(threadId, method, params) {
    for (const socket of server.sockets.filter(hears(threadId))) {
      socket.send({ method, params: { threadId, ...params }, emittedAtMs: Date.now() });
    }
  }

  function tellOf(request, sockets = server.sockets) {
    const { id, method, threadId, params } = request;
    for (const socket of sockets.filter(hears(threadId))) {
      request.told.set(socket, (request.told.get(socket) ?? 0) + 1);
      socket.send({ method, id, params });
    }
  }

  /** Tells that a request has ended: of a tool call, its item tells. */
  function tellEnd({ id, method, threadId, params, end: { answer } }) {
    if (method !== 'item/tool/call') {
      notify(threadId, 'serverRequest/resolved', { requestId: id });
      return;
    }
    const { success = false, error } = answer ?? {};
    const { contentItems = error ? [{ type: 'inputText', text: 'failed' }] : null } = answer ?? {};
    const status = success ? 'completed' : 'failed';
    const item = { type: 'dynamicToolCall', id: params.callId, status, contentItems, success };
    notify(threadId, 'item/completed', { turnId: params.turnId, item });
  }

  function endTurn(threadId, status) {
    const { turnId, ended } = truth.endTurn(threadId);
    notify(threadId, 'turn/completed', { turn: { id: turnId, items: [], status, error: null } });
    ended.forEach(tellEnd);
  }

  function take(id, by, answer, socket = null) {
    const request = truth.take(id, by, answer, socket);
    if (request === null) return false;
    tellEnd(request);
    if (['cancel', 'abort'].includes(answer.decision)) endTurn(request.threadId, 'interrupted');
    return true;
  }

  return {
    ...server,
    get sockets() {
      return server.sockets;
    },
    get isAway() {
      return server.isAway;
    },
    /** Nothing happens in a thread that is not loaded. */
    canAsk: (threadId) => !server.isAway && loaded.has(threadId),
    ask,
    mention: (threadId) => notify(threadId, 'thread/tokenUsage/updated', {}),
    tellOf,
    take,
    endTurn,
    restart() {
      truth.restart();
      loaded.clear();
      server.leave();
    },
    calm: () => undefined,
    hold: () => undefined,
  };
}
