// What a server holds pending, and what became of all that it ever asked: the truth that the audit
// compares with what its clients say.

import { kindOf, kinds } from './asked.mjs';

/**
 * @param isSupported Whether this server lets a kind be answered at all.
 * @param heard Told of each answer that comes, before anything comes of it.
 */
export function createTruth({ name, threadIds, random, isSupported, heard }) {
  const all = [];
  /** The requests of the process that runs, by id. */
  const asked = new Map();
  const turns = new Map(threadIds.map((id, n) => [id, `turn-${name}-${n}`]));
  let begun = threadIds.length;
  let process = 1;
  /** How far the clock of the server is off, in ms. */
  let off = 0;

  const isPending = ({ end }) => end === null;
  const endTurn = (threadId) => turns.set(threadId, `turn-${name}-${begun++}`);

  return {
    /** Every request there ever was. */
    all,
    threadIds,
    /** Which process this is: ids begin at 0 in each. */
    get process() {
      return process;
    },
    turnOf: (threadId) => turns.get(threadId),
    /** Sets the clock of the server, back or forward. */
    setClock: (milliseconds) => (off = milliseconds),
    pending: () => [...asked.values()].filter(isPending),
    /** The request of an id, settled or not. */
    find: (id) => asked.get(id),

    /** @param kind Default: any. */
    open(threadId, { isKept = false, kind = null } = {}) {
      const mark = `mark-${isKept ? 'kept-' : ''}${name}-${all.length}`;
      const script = random.fork(mark);
      const able = isKept ? kinds.filter(isSupported) : kinds;
      const { method, params, isLegacy } = kind ?? script.weighted(able);
      const where = isLegacy
        ? { conversationId: threadId }
        : { threadId, turnId: turns.get(threadId) };
      const request = {
        mark,
        process,
        id: asked.size,
        method,
        threadId,
        params: { ...where, ...params(mark, script) },
        askedAt: new Date(Date.now() + off).toISOString(),
        /** How it ended: `{ how, by, answer }`. */
        end: null,
        /** How often each socket was told of it. */
        told: new Map(),
        /** Every answer that came: `{ by, via, answer }`. */
        received: [],
      };
      request.turnId = request.params.turnId ?? null;
      all.push(request);
      asked.set(request.id, request);
      return request;
    },

    /**
     * An answer comes: the request that it has settled, or `null`.
     *
     * @param via The socket or the attempt that brought it.
     */
    take(id, by, answer, via = null) {
      const request = asked.get(id);
      if (request === undefined) return null;
      request.received.push({ by, via, answer });
      heard(request, request.received.at(-1));
      if (!isPending(request)) return null;
      request.end = { how: 'answered', by, answer };
      return request;
    },

    /** The server itself ends a request. */
    end(request, how) {
      request.end = { how, by: null, answer: null };
    },

    /** A turn ends: those of its requests that were not answered, which end with it. */
    endTurn(threadId) {
      const turnId = turns.get(threadId);
      endTurn(threadId);
      const ended = [...asked.values()].filter(
        (request) =>
          isPending(request) &&
          request.threadId === threadId &&
          (request.turnId === turnId || kindOf(request.method).isLegacy),
      );
      for (const request of ended) this.end(request, 'expired');
      return { turnId, ended };
    },

    /** Another process takes over: it knows of nothing. */
    restart() {
      for (const request of asked.values()) if (isPending(request)) this.end(request, 'restarted');
      asked.clear();
      for (const threadId of threadIds) endTurn(threadId);
      process++;
    },
  };
}
