// A codex-manager without a codex: its stream, its lists and its decisions over REST, as measured on
// the real one. Replies are late, lost and wrong now and then, as long as it is told so.

import { notificationType, requestType } from 'codex-rx';
import { sleep } from '../wait.mjs';
import { inWordsOf, kindOf } from './asked.mjs';
import { clientOf, startSocketServer } from './socket-server.mjs';

/** What may go wrong with a request to the REST API. */
const faults = [
  { name: 'REST: sound', weight: 60 },
  { name: 'REST: slow', weight: 8, before: [5, 80] },
  { name: 'REST: reply late', weight: 8, after: [20, 250] },
  { name: 'REST: 5xx, nothing done', weight: 6, status: [500, 502, 503] },
  { name: 'REST: 5xx, and done', weight: 3, after: [0, 20], status: [502, 504], isDone: true },
  { name: 'REST: later', weight: 2, status: [408, 429] },
  { name: 'REST: request lost', weight: 4, isLost: true },
  { name: 'REST: reply lost', weight: 6, after: [0, 60], isDone: true, isLost: true },
];

/** Where each list is told of, and ended. */
const told = {
  approvals: { asks: 'approval', ends: 'approval_resolved', id: 'approvalId' },
  'tool-calls': { asks: 'tool_call_requested', ends: 'tool_call_resolved', id: 'requestId' },
  'tool-input': {
    asks: 'tool_user_input_requested',
    ends: 'tool_user_input_resolved',
    id: 'requestId',
  },
};

export async function startManager({ truth, random, counts }) {
  let isCalm = false;
  /** How long the network holds a POST back, in ms. */
  let held = 0;
  let questions = 0;
  const server = await startSocketServer({
    accept(socket, { url }) {
      const { searchParams } = new URL(url, 'http://127.0.0.1');
      socket.threadId = searchParams.get('threadId');
      socket.received = (text) => {
        if (JSON.parse(text).type === 'ping' && socket.lane.pongs) pong(socket);
      };
      if (!socket.lane.greets) return;
      socket.isReady = true;
      socket.lane.newest = {
        sendBig: () => send(socket, 'transcript_updated', null, { text: big }),
      };
      socket.sendNow({ type: 'ready', threadId: socket.threadId });
    },
    answer: (request, response) => void answer(request, response),
  });

  const pong = (socket) => socket.sendNow({ type: 'pong', process: truth.process });
  const send = (socket, type, threadId, payload) => socket.send({ type, threadId, payload });
  const hears = (threadId) => (socket) =>
    socket.isReady && [null, threadId].includes(socket.threadId);
  function tell(type, threadId, payload) {
    for (const socket of server.sockets.filter(hears(threadId))) {
      send(socket, type, threadId, payload);
    }
  }

  function notify(method, threadId, params) {
    const type = notificationType(method);
    const context = { threadId, turnId: params.turnId ?? null };
    const payload = { source: 'app_server', signalType: 'notification', eventType: type, method };
    tell(type, threadId, { ...payload, context, params: { threadId, ...params }, session: null });
  }

  /** Tells of a request in every shape, those who listen or only some of them. */
  function tellOf(request, sockets = server.sockets) {
    const { id, method, threadId, turnId, params } = request;
    const type = requestType(method);
    const asked = {
      source: 'app_server',
      signalType: 'request',
      eventType: type,
      method,
      receivedAt: new Date().toISOString(),
      context: { threadId, turnId },
      params,
      session: null,
      requestId: id,
    };
    const { list } = kindOf(method);
    for (const socket of sockets.filter(hears(threadId))) {
      request.told.set(socket, (request.told.get(socket) ?? 0) + 1);
      send(socket, type, threadId, asked);
      if (list) send(socket, told[list].asks, threadId, shown(request));
      else send(socket, 'server_request', threadId, { method, id, params });
    }
  }

  /** Tells that a request has ended. */
  function tellEnd({ id, method, threadId, params, end }) {
    const { list } = kindOf(method);
    const ids = { [told[list].id]: String(id) };
    if (end.how !== 'answered') {
      const said = list === 'tool-calls' ? { success: false } : {};
      tell(told[list].ends, threadId, { ...ids, status: 'expired', ...said });
    } else {
      tell(told[list].ends, threadId, { ...ids, status: 'resolved', ...heard(list, end.answer) });
    }
    if (list !== 'tool-calls') notify('serverRequest/resolved', threadId, { requestId: id });
    else if (end.how === 'answered') {
      const { contentItems, success } = end.answer;
      const status = success ? 'completed' : 'failed';
      const item = { type: 'dynamicToolCall', id: params.callId, status, contentItems, success };
      notify('item/completed', threadId, { turnId: params.turnId, item });
    }
  }

  function endTurn(threadId, status) {
    const { turnId, ended } = truth.endTurn(threadId);
    notify('turn/completed', threadId, { turn: { id: turnId, items: [], status, error: null } });
    ended.forEach(tellEnd);
  }

  function take(id, by, given, attempt) {
    const request = truth.take(id, by, given, attempt);
    if (request === null) return false;
    tellEnd(request);
    if (['cancel', 'abort'].includes(given.decision)) endTurn(request.threadId, 'interrupted');
    return true;
  }

  async function answer(request, response) {
    const script = random.fork(`rest/${questions++}`);
    const fault = isCalm ? faults[0] : script.weighted(faults);
    const { before = [0, 0], after = [0, 0], status, isDone = !status, isLost } = fault;
    const { process } = truth;
    counts[fault.name]++;
    try {
      const chunks = await request.toArray();
      const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks)) : null;
      if (held > 0 && request.method === 'POST') {
        await sleep(held);
        // It may reach the next process.
        rest(request, body);
        return;
      }
      await sleep(script.between(...before));
      // A process that has ended does nothing more.
      if (truth.process !== process) return;
      const done = isDone && (!isLost || fault.after) ? rest(request, body) : null;
      if (before[1] + after[1] > 0) await sleep(script.between(...after));
      if (isLost) request.socket.destroy();
      else reply(response, status ? [script.pick(status), { status: 'error' }] : done);
    } catch {
      // The client has gone meanwhile.
    }
  }

  function rest(request, body) {
    const by = clientOf(request);
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    if (pathname === '/api/sessions') {
      return [200, { data: truth.threadIds.map((sessionId) => ({ sessionId })), nextCursor: null }];
    }
    const [, threadId, list] = /^\/api\/sessions\/([^/]+)\/([a-z-]+)$/.exec(pathname) ?? [];
    if (list) {
      const isMeant = (asked) => kindOf(asked.method).list === list && asked.threadId === threadId;
      const data = truth.pending().filter(isMeant).map(shown);
      return [200, { data, process: truth.process }];
    }
    const [, kind, text] = /^\/api\/([a-z-]+)\/(\d+)\/\w+$/.exec(pathname) ?? [];
    const id = Number(text);
    const asked = truth.find(id);
    if (asked === undefined || kindOf(asked.method).list !== kind) {
      return [404, { status: 'not_found' }];
    }
    return take(id, by, answerOf(asked, body), request.headers['x-attempt'])
      ? [200, { status: 'ok', threadId: asked.threadId }]
      : [404, { status: 'not_found' }];
  }

  return {
    ...server,
    get sockets() {
      return server.sockets;
    },
    get isAway() {
      return server.isAway;
    },
    canAsk: () => !server.isAway,
    ask(threadId, options) {
      const request = truth.open(threadId, options);
      // What it does not support, it refuses by itself.
      if (!kindOf(request.method).list) truth.end(request, 'refused');
      tellOf(request);
      return request;
    },
    mention: (threadId) => tell('transcript_updated', threadId, {}),
    tellOf,
    take,
    endTurn,
    /** Codex dies, and its requests with it: an answer finds nothing. */
    die() {
      for (const request of truth.pending()) {
        truth.end(request, 'expired');
        tellEnd(request);
      }
    },
    restart(script) {
      truth.restart();
      server.leave(script.chance(0.5) ? (socket) => socket.close() : undefined);
    },
    calm: () => (isCalm = true),
    hold: (milliseconds) => (held = milliseconds),
  };
}

/** The names of what may go wrong. */
export const restFaults = faults.map(({ name }) => name);

const big = 'x'.repeat(200_000);

/** What codex-manager shows of a request. */
function shown({ id, method, threadId, turnId, params, askedAt }) {
  const { list } = kindOf(method);
  const { itemId, callId, tool, arguments: given, questions } = params;
  return {
    [told[list].id]: String(id),
    method,
    threadId,
    turnId,
    itemId: itemId ?? callId,
    ...(callId && { callId, tool, arguments: given }),
    ...(questions && { questions }),
    summary: method,
    details: params,
    createdAt: askedAt,
    status: 'pending',
  };
}

/** What the answer of a client means, in the words of the protocol. */
function answerOf(request, body) {
  const { list } = kindOf(request.method);
  if (list === 'tool-calls') return body;
  return list === 'tool-input' ? { answers: body.answers } : inWordsOf(request, body);
}

const words = {
  acceptForSession: ['accept', 'session'],
  approved: ['accept'],
  approved_for_session: ['accept', 'session'],
  abort: ['cancel'],
};

/** What everybody hears of an answer. */
function heard(list, answer) {
  if (list === 'tool-calls') return { success: answer.success };
  if (list === 'tool-input') return { decision: 'accept' };
  const word = 'denied' in Object(answer.decision) ? 'decline' : answer.decision;
  const [decision, scope = 'turn'] = words[word] ?? [word];
  return { decision, scope };
}

function reply(response, [status, body]) {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}
