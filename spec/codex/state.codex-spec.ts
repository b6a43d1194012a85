import { describe, expect, test } from '@jest/globals';
import {
  createThreadFold,
  forThread,
  forThreadTree,
  ofAppServer,
  threadState,
  threadTree,
  type ThreadState,
  type ThreadTree,
  type ThreadView,
} from 'codex-rx';
import { startFaultProxy } from 'codex-rx/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { filter, firstValueFrom, mergeMap, type Observable } from 'rxjs';
import { snapshotOfThread } from '../../lib/state/snapshot-of.js';
import { codexSpecs, type TestStream } from '../support/codex-stream.js';
import { sent, startThread, startTurn } from '../support/codex-turn.js';
import {
  callTool,
  execCommand,
  gate,
  text,
  words,
  type AnswerFunction,
} from '../support/scripted-model.js';
import { until } from '../support/until.js';

const { start, shared, closing } = codexSpecs();

/** Turns with their completed items: what a server stores, and what must be the same everywhere. */
const over = ({ turns }: ThreadView) =>
  turns.map(({ id, status, items }) => ({
    id,
    status,
    items: items
      .filter(({ state }) => state === 'completed')
      .map(({ id, kind, text }) => ({ id, kind, text })),
  }));

/** What the server stores of a thread, read by a client that heard nothing of it. */
async function storedBy(reader: TestStream, threadId: string) {
  const { thread } = await reader.call('thread/resume', { threadId });
  const fold = createThreadFold(threadId);
  fold.merge(snapshotOfThread(thread), 0);
  return over(fold.view());
}

/** The text of each message as its deltas make it. */
function collectNaively(stream: TestStream): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  stream.on(ofAppServer('item/agentMessage/delta'), ({ payload }) => {
    const { itemId, delta } = payload.params;
    texts.set(itemId, (texts.get(itemId) ?? '') + delta);
  });
  return texts;
}

describe('the state of a thread whose connection is cut at random moments', () => {
  const codex = shared('websocket');

  /** One turn over a connection of its own: how many of its messages `text += delta` has wrong. */
  async function trial(reader: TestStream, name: string): Promise<number> {
    codex().model.script(name, [
      [words(40, { paceMs: 10 }), execCommand('echo l1; echo l2')],
      words(40, { paceMs: 10 }),
    ]);
    const proxy = closing(await startFaultProxy({ target: codex().url }));
    const stream = codex().stream({ url: proxy.url, log: false });
    await stream.connect();
    const threadId = await startThread(stream, { cwd: codex().cwd });
    const naive = collectNaively(stream);
    let last: ThreadState | null = null;
    const states$ = threadState(stream, threadId);
    const reading = states$.subscribe((state) => (last = state));
    await startTurn(stream, threadId, name).then(({ ended }) => void ended.catch(() => undefined));
    await until(() => naive.size > 0);
    for (let cuts = 1 + Math.floor(Math.random() * 4); cuts > 0; cuts--) {
      await sleep(Math.random() * 250);
      proxy.reset();
    }
    const isOver = ({ turns, snapshot }: ThreadState) =>
      snapshot === 'joined' && turns.length > 0 && turns[0]?.status !== 'inProgress';
    const state = await firstValueFrom(states$.pipe(filter(isOver)));
    const stored = await storedBy(reader, threadId);
    expect({ name, over: over(state) }).toEqual({ name, over: stored });
    expect(last).toBe(state);
    reading.unsubscribe();
    const messages = stored
      .flatMap(({ items }) => items)
      .filter(({ kind }) => kind === 'agentMessage');
    expect(messages).toHaveLength(2);
    return messages.filter(({ id, text }) => naive.get(id) !== text).length;
  }

  test.each([1, 2, 3, 4])('is what thread/resume shows, ten times at once (%d)', async (round) => {
    const reader = codex().stream({ log: false });
    await reader.connect();
    const names = Array.from({ length: 10 }, (_, index) => `trial ${round}.${index}`);
    const wrong = await Promise.all(names.map((name) => trial(reader, name)));
    // Otherwise nothing was cut.
    expect(wrong.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  });
});

/** How agents are spawned, and the kind of the item that says so. */
interface Generation {
  readonly feature: string;
  readonly item: string;
  readonly spawn: ReturnType<typeof callTool>;
}

const generations: Readonly<Record<string, Generation>> = {
  old: {
    feature: 'features.multi_agent',
    item: 'collabAgentToolCall',
    spawn: callTool('spawn_agent', { message: 'Do it.' }, 'multi_agent_v1'),
  },
  new: {
    feature: 'features.multi_agent_v2',
    item: 'subAgentActivity',
    spawn: callTool('spawn_agent', { task_name: 'kid', message: 'Do it.' }, 'collaboration'),
  },
};

const textsOf = (turns: ThreadView['turns']) =>
  turns.flatMap(({ items }) => items.map(({ text }) => text));

/** The tree once its root and one child are over. */
const whenSettled = (tree$: Observable<ThreadTree>) =>
  firstValueFrom(
    tree$.pipe(
      filter(({ children }) => children.length === 1),
      filter((tree) =>
        [tree, ...tree.children].every(
          ({ thread: { snapshot, turns } }) =>
            snapshot === 'joined' &&
            turns.length > 0 &&
            turns.every(({ status }) => status === 'completed'),
        ),
      ),
    ),
  );

describe.each(Object.entries(generations))('sub-agents of the %s tools', (_, generation) => {
  const { feature, spawn, item } = generation;

  async function spawning() {
    const config = { [feature]: true, suppress_unstable_features_warning: true };
    const codex = await start('websocket', { config });
    const last = gate();
    let root = '';
    let hasSpawned = false;
    const answer: AnswerFunction = ({ threadId }) => {
      // A child of the new tools begins with the messages of its parent.
      if (threadId !== root) return text('working ', last, 'done');
      // The end of a child of the new tools begins another turn of the root.
      if (hasSpawned) return text('Spawned.');
      hasSpawned = true;
      return spawn;
    };
    codex.model.script('spawn', answer);
    codex.model.scriptOthers(answer);
    const proxy = closing(await startFaultProxy({ target: codex.url }));
    const stream = codex.stream({ url: proxy.url, log: false });
    await stream.connect();
    const naive = collectNaively(stream);
    const threadId = (root = await startThread(stream, { cwd: codex.cwd }));
    const tree$ = threadTree(stream, threadId);
    tree$.subscribe();
    await startTurn(stream, threadId, 'spawn');
    await last.reached;
    return { codex, proxy, stream, threadId, tree$, last, naive };
  }

  test('are in the tree with the item that made them', async () => {
    const { threadId, tree$, last } = await spawning();
    last.release();
    const { thread, children } = await whenSettled(tree$);
    const [child] = children;
    expect(child).toMatchObject({ depth: 1, children: [], thread: { parentId: threadId } });
    const made = thread.turns[0]?.items.find(({ id }) => id === child?.link?.itemId);
    expect(made?.kind).toBe(item);
    expect(child?.thread.turns[0]?.items.at(-1)).toMatchObject({ text: 'working done' });
  });

  test.each(['during the gap', 'after it'])(
    'are listed and resumed after a gap, as the server stores them: one that ends %s',
    async (end) => {
      const { codex, proxy, stream, threadId, tree$, last, naive } = await spawning();
      const reader = codex.stream({ log: false });
      await reader.connect();
      const child = (meets: (thread: ThreadState) => boolean) =>
        firstValueFrom(
          tree$.pipe(
            mergeMap(({ children }) => children.map(({ thread }) => thread)),
            filter(meets),
          ),
        );
      const isSpeaking = ({ turns }: ThreadState) => textsOf(turns).includes('working ');
      const { id } = await child(isSpeaking);
      await storedBy(reader, id);
      const ended = firstValueFrom(
        reader.events$.pipe(forThread(id), ofAppServer('turn/completed')),
      );
      const before = sent(stream).length;
      proxy.set({ refuse: true });
      proxy.reset();
      if (end === 'during the gap') {
        last.release();
        await ended;
      }
      proxy.set({ refuse: false });
      const recovered = await child(
        ({ gaps, snapshot }) => gaps.length > 0 && snapshot === 'joined',
      );
      expect(recovered.gaps.map((gap) => gap.recovered)).not.toContain(false);
      last.release();

      // The root of the new tools hears of the end of its child a moment later. A turn that it stores
      // for this has no items, and no event announces it.
      let tree = await whenSettled(tree$);
      let stored: unknown;
      const withItems = (turns: ReturnType<typeof over>) =>
        turns.filter(({ items }) => items.length > 0);
      const states = () => [tree, ...tree.children].map(({ thread }) => withItems(over(thread)));
      for (let tries = 0; tries < 100 && !isDeepStrictEqual(states(), stored); tries++) {
        const all = [await storedBy(reader, threadId), await storedBy(reader, id)];
        stored = all.map(withItems);
        await sleep(50);
        tree = await whenSettled(tree$);
      }
      expect(states()).toEqual(stored);
      const calls = sent(stream).slice(before);
      const paramsOf = (name: string) =>
        calls.filter(({ method }) => method === name).map(({ params }) => params);
      const ofRoot = expect.objectContaining({ ancestorThreadId: threadId });
      expect(paramsOf('thread/list')).toContainEqual(ofRoot);
      expect(paramsOf('thread/resume')).toEqual(
        expect.arrayContaining([{ threadId }, { threadId: id }]),
      );
      const texts = tree.children.flatMap((one) => textsOf(one.thread.turns));
      expect(texts).toContain('working done');
      // The control: what deltas alone make of it lacks what came in the gap.
      expect([...naive.values()].includes('working done')).toBe(end === 'after it');
    },
  );

  test('send their events to a client that came later', async () => {
    const { codex, threadId, last } = await spawning();
    const late = codex.stream({ log: false });
    await late.connect();
    await late.call('thread/resume', { threadId, excludeTurns: true });
    const ended = firstValueFrom(
      late.events$.pipe(
        forThreadTree(late, threadId),
        filter((event) => event.threadId !== threadId),
        ofAppServer('turn/completed'),
      ),
    );
    await until(() => sent(late).filter(({ method }) => method === 'thread/resume').length === 2);
    last.release();
    expect((await ended).payload.params.turn.status).toBe('completed');
  });
});
