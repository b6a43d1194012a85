// A server whose turns end in every way there is, and what it knows of them itself.

import { connectManager } from 'codex-rx';
import { connectAppServer } from 'codex-rx/node';
import { startFakeAppServer, startFakeManager } from 'codex-rx/testing';
import { sleep } from '../wait.mjs';

/**
 * @param ways `failures`: how many of the turns fail; `isLost`: whether a message that steers is
 *   accepted, and then lost.
 */
export async function startWorld(source, random, threads, ways = {}) {
  const { failures = 0.25, isLost = (text) => text.length % 2 === 0 } = ways;
  /** codex-manager forgets that a turn has failed. */
  const failed = new Set();
  const running = new Map();
  const isManager = source === 'manager';
  const start = isManager ? startFakeManager : startFakeAppServer;
  const server = await start({ turn: play });
  const connect = isManager ? connectManager : connectAppServer;
  const bare = connect({ url: server.url, log: false, reconnect: { base: 5, cap: 20 } });
  await bare.connect();
  if (!isManager) server.handle('turn/steer', steer);
  const threadIds = [];
  for (let n = 0; n < threads; n++) {
    if (isManager) threadIds.push(server.session());
    else threadIds.push((await bare.call('thread/start', {})).thread.id);
  }

  async function play(turn) {
    running.set(turn.threadId, turn);
    const script = random.fork(turn.turnId);
    const pause = () => sleep(script.between(5, 60));
    for (let n = script.whole(0, 2); n > 0; n--) {
      await pause();
      turn.say(`part ${n} of ${turn.turnId}`);
    }
    if (script.chance(0.2)) {
      const itemId = `call-${turn.turnId}`;
      const asked = turn.request('item/commandExecution/requestApproval', { itemId });
      await Promise.race([asked, sleep(script.between(50, 300))]);
    }
    await pause();
    if (script.chance(failures)) {
      if (!turn.signal.aborted) failed.add(turn.turnId);
      turn.fail('as planned');
    } else {
      turn.say(`answer of ${turn.turnId}`);
      if (script.chance(0.5)) await pause();
    }
  }

  function steer({ threadId, expectedTurnId: turnId, input, clientUserMessageId: clientId }) {
    const { turnId: runs, signal } = running.get(threadId) ?? {};
    if (runs !== turnId || signal.aborted) {
      return { error: { code: -32600, message: 'no active turn to steer' } };
    }
    const [{ text }] = input;
    const item = { type: 'userMessage', id: `steer-${clientId}`, clientId, content: input };
    if (!isLost(text)) {
      for (const method of ['item/started', 'item/completed']) {
        server.notify(threadId, method, { turnId, item });
      }
    }
    return { result: { turnId } };
  }

  /** All turns of a thread: how they ended, what was said to them, and their answers. */
  async function read(threadId) {
    if (!isManager) {
      const { thread } = await bare.call('thread/read', { threadId, includeTurns: true });
      return thread.turns.map(({ id, status, items }) => ({ id, status, ...talk(items, texts) }));
    }
    const { thread, transcript } = await bare.rest(`/api/sessions/${threadId}`);
    return thread.turns.map(({ id, status }) => {
      const entries = transcript.filter(({ turnId }) => turnId === id);
      const isFailed = failed.has(id);
      return {
        id,
        status: isFailed ? 'failed' : status,
        ...talk(entries, ({ content }) => [content]),
      };
    });
  }

  return {
    source,
    server,
    threadIds,
    bare,
    /** Whether a turn runs. */
    runs: (id) => [...running.values()].some((turn) => turn.turnId === id && !turn.signal.aborted),
    /** All turns of all threads, by their ids. */
    async truth() {
      const turns = (await Promise.all(threadIds.map((id) => patiently(() => read(id))))).flat();
      return new Map(turns.map((turn) => [turn.id, turn]));
    },
    async close() {
      await bare.close();
      await server.close();
    },
  };
}

const texts = ({ content }) => content.map(({ text }) => text);

const talk = (items, textsOf) => {
  const answerIn = (some) => textOf(some.findLast(({ type }) => type === 'agentMessage'));
  const isMessage = ({ type }) => type === 'userMessage';
  return {
    said: items.filter(isMessage).flatMap(textsOf),
    answer: answerIn(items),
    /** The answer to a message: it may have joined a turn that says no more. */
    answerTo: (text) =>
      answerIn(
        items.slice(items.findIndex((item) => isMessage(item) && textsOf(item).includes(text))),
      ),
  };
};

/** A transcript calls it content. */
const textOf = ({ text, content } = {}) => text ?? content ?? null;

/** Until it succeeds: the last restart may have cut this connection, too. */
async function patiently(task) {
  for (let left = 20; ; left--) {
    try {
      return await task();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(100);
    }
  }
}
