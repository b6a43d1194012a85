import { describe, expect, test } from '@jest/globals';
import { createThreadFold, textSince, type Envelope, type ThreadFold } from 'codex-rx';
import { envelope, notification } from 'codex-rx/testing';
import {
  command,
  completed,
  delta,
  frozenFold,
  ids,
  itemsOf,
  message,
  output,
  snapshot,
  started,
  texts,
  threadId,
  turnCompleted,
  turnStarted,
  userMessage,
} from './stage.js';

/** A fold of these events. */
function folded(...events: readonly Envelope[]): ThreadFold {
  const fold = frozenFold();
  for (const event of events) fold.push(event);
  return fold;
}

const error = (willRetry: boolean) =>
  notification('error', { threadId, turnId: 'turn-1', willRetry, error: { message: 'busy' } });

const usage = (turnId: string) => notification('thread/tokenUsage/updated', { threadId, turnId });

describe('a fold', () => {
  test('makes a turn and a message of their events', () => {
    const fold = folded(
      turnStarted(),
      started(message('m')),
      delta('m', 'Hello'),
      delta('m', ', you'),
    );
    expect(fold.view().turns).toMatchObject([
      {
        id: 'turn-1',
        status: 'inProgress',
        items: [
          { id: 'm', kind: 'agentMessage', state: 'running', text: 'Hello, you', length: 10 },
        ],
      },
    ]);
    fold.push(completed(message('m', 'Hello, you')));
    fold.push(turnCompleted());
    expect(fold.view().turns).toMatchObject([
      { status: 'completed', items: [{ state: 'completed', text: 'Hello, you', revision: 0 }] },
    ]);
  });

  test('lets a later start of an item that is known change nothing (rule 1)', () => {
    const fold = folded(turnStarted(), started(message('m')), delta('m', 'a'));
    const before = fold.view();
    fold.push(started(message('m', 'other')));
    expect(fold.view()).toBe(before);
    fold.push(completed(message('m', 'ab')));
    fold.push(started(message('m')));
    expect(itemsOf(fold)).toMatchObject([{ state: 'completed', text: 'ab' }]);
    expect(fold.view().anomalies.reopened).toBe(1);
  });

  test('makes a placeholder of an orphan delta, which is incomplete (rule 2)', () => {
    const fold = folded(delta('m', 'tail'));
    expect(itemsOf(fold)).toMatchObject([
      { id: 'm', kind: 'placeholder', itemKind: 'agentMessage', incomplete: true, text: 'tail' },
    ]);
    expect(fold.view().anomalies.orphanDeltas).toBe(1);
    fold.push(started(message('m')));
    expect(itemsOf(fold)).toMatchObject([{ kind: 'agentMessage', incomplete: true, text: 'tail' }]);
    fold.push(completed(message('m', 'head and tail')));
    expect(itemsOf(fold)).toMatchObject([
      { incomplete: false, text: 'head and tail', revision: 1 },
    ]);
  });

  test('takes a patch before its file change as no sign of a gap (rule 2)', () => {
    const changes = [{ path: 'a', diff: '+', kind: { type: 'add' } }] as const;
    const fold = folded(
      turnStarted(),
      notification('item/fileChange/patchUpdated', {
        threadId,
        turnId: 'turn-1',
        itemId: 'f',
        changes,
      }),
    );
    expect(itemsOf(fold)).toMatchObject([
      { kind: 'placeholder', itemKind: 'fileChange', incomplete: false },
    ]);
    expect(fold.view().anomalies.orphanDeltas).toBe(0);
  });

  test('counts a delta of a completed item, or of a message whose turn is over (rule 3)', () => {
    const fold = folded(turnStarted(), started(message('m')), completed(message('m', 'a')));
    fold.push(delta('m', 'b'));
    expect(texts(fold)).toEqual(['a']);
    expect(fold.view().anomalies.lateDeltas).toBe(1);
    fold.push(started(message('n')));
    fold.push(delta('n', 'x'));
    fold.push(turnCompleted());
    fold.push(delta('n', 'y'));
    fold.push(delta('unknown', 'y'));
    expect(texts(fold)).toEqual(['a', 'x']);
    expect(fold.view().anomalies.lateDeltas).toBe(3);
  });

  test('keeps the first completion, and takes the items of the end of a turn as completions (rule 4)', () => {
    const fold = folded(
      turnStarted(),
      completed(message('m', 'first')),
      completed(message('m', 'second')),
    );
    expect(texts(fold)).toEqual(['first']);
    expect(fold.view().anomalies.repeatedCompletions).toBe(1);
    fold.push(turnCompleted('turn-1', 'completed', [message('m', 'third'), message('n', 'last')]));
    expect(texts(fold)).toEqual(['first', 'last']);
    expect(fold.view().anomalies.repeatedCompletions).toBe(1);
  });

  test('puts what only the end of a turn names before what was heard since it listens (rule 4)', () => {
    const told = turnCompleted('turn-1', 'completed', [message('m')]);
    const untimed = { startedAtMs: null };
    expect(ids(folded(completed(userMessage('u', untimed)), told))).toEqual(['m', 'u']);
    const fold = folded(completed(userMessage('u', untimed)));
    fold.gap();
    fold.push(completed(userMessage('v', untimed)));
    fold.push(told);
    expect(ids(fold)).toEqual(['u', 'm', 'v']);
  });

  test('makes no turn of a start while another is open, until an item names it (rule 5)', () => {
    const fold = folded(turnStarted(), started(message('m')), turnStarted('turn-2'));
    expect(fold.view().turns.map(({ id }) => id)).toEqual(['turn-1']);
    expect(fold.view().anomalies.phantomTurns).toBe(1);
    fold.push(started(message('n'), 'turn-2'));
    expect(fold.view().turns.map(({ id }) => id)).toEqual(['turn-1', 'turn-2']);
  });

  test('hides an open turn without an item when another one ends, until it has one (rule 5)', () => {
    const fold = folded(turnStarted('phantom'), started(message('m')), turnCompleted());
    expect(fold.view().turns.map(({ id }) => id)).toEqual(['turn-1']);
    fold.push(started(message('n'), 'phantom'));
    expect(fold.view().turns.map(({ id }) => id)).toEqual(['phantom', 'turn-1']);
  });

  test('makes no turn of the usage of an older one (rule 5)', () => {
    const fold = folded(usage('old'));
    expect(fold.view().turns).toEqual([]);
    expect(fold.view().usage).not.toBeNull();
  });

  test('creates a turn that only its end names, and keeps its status (rule 6)', () => {
    const fold = folded(turnCompleted('turn-1', 'failed'));
    fold.push(turnCompleted('turn-1', 'completed'));
    fold.merge(snapshot({ 'turn-1': [] }, 'completed'), fold.count);
    fold.merge(snapshot({ 'turn-1': [] }, 'inProgress'), fold.count);
    expect(fold.view().turns).toMatchObject([{ id: 'turn-1', status: 'failed' }]);
  });

  test('lets an event correct what a snapshot said of the end of a turn (rule 6)', () => {
    const fold = folded(turnStarted());
    fold.merge(snapshot({ 'turn-1': [] }, 'completed'), fold.count);
    fold.push(turnCompleted('turn-1', 'failed'));
    expect(fold.view().turns).toMatchObject([{ status: 'failed' }]);
  });

  test('abandons what the model was saying when its turn ended, and lets a command complete (rule 7)', () => {
    const fold = folded(
      turnStarted(),
      started(message('m')),
      delta('m', 'half'),
      started(command('c')),
      turnCompleted('turn-1', 'interrupted'),
    );
    expect(itemsOf(fold)).toMatchObject([
      { id: 'm', state: 'abandoned', text: 'half' },
      { id: 'c', state: 'running' },
    ]);
    fold.push(output('c', 'l2\n'));
    fold.push(
      completed(command('c', { status: 'completed', aggregatedOutput: 'l1\nl2\n', exitCode: 0 })),
    );
    expect(itemsOf(fold)[1]).toMatchObject({
      state: 'completed',
      text: 'l1\nl2\n',
      exitCode: 0,
      outcome: 'completed',
      revision: 1,
    });
  });

  test('abandons a command that a server does not list after a restart (rule 7)', () => {
    const fold = folded(
      turnStarted(),
      started(command('c')),
      turnCompleted('turn-1', 'interrupted'),
    );
    fold.merge(snapshot({ 'turn-1': [] }, 'interrupted'), fold.count);
    expect(itemsOf(fold)).toMatchObject([{ state: 'running' }]);
    fold.merge(snapshot({ 'turn-1': [] }, 'interrupted', { restarted: true }), fold.count);
    expect(itemsOf(fold)).toMatchObject([{ state: 'abandoned' }]);
  });

  test('lets a snapshot set the status unless an event came after it was asked for (rule 8)', () => {
    const status = (type: 'idle' | 'systemError') =>
      notification('thread/status/changed', { threadId, status: { type } });
    const fold = folded(status('systemError'));
    fold.merge(snapshot({}, '', { status: { type: 'idle' } }), fold.count);
    expect(fold.view().status).toEqual({ type: 'idle' });
    const asked = fold.count;
    fold.push(status('systemError'));
    fold.merge(snapshot({}, '', { status: { type: 'idle' } }), asked);
    expect(fold.view().status).toEqual({ type: 'systemError' });
  });

  test('calls what was open in a gap incomplete until it completes (rule 9)', () => {
    const fold = folded(turnStarted(), started(message('m')), delta('m', 'a'));
    fold.gap({ since: 1, duration: 2 });
    expect(itemsOf(fold)).toMatchObject([{ incomplete: true }]);
    expect(fold.view().gaps).toEqual([
      { since: 1, duration: 2, recovered: false, turnId: 'turn-1' },
    ]);
    fold.merge(snapshot({ 'turn-1': [] }, 'inProgress'), fold.count);
    expect(fold.view().gaps).toMatchObject([{ recovered: true }]);
    fold.push(completed(message('m', 'abc')));
    expect(itemsOf(fold)).toMatchObject([{ incomplete: false, text: 'abc', revision: 0 }]);
  });

  test('takes a snapshot from before a gap as no recovery', () => {
    const fold = folded(turnStarted());
    const asked = fold.count;
    fold.push(turnStarted());
    fold.gap();
    fold.merge(snapshot({}), asked);
    expect(fold.view().gaps).toMatchObject([{ recovered: false }]);
  });

  test('keeps what only it knows in its place: behind its neighbour, or at the end (rule 10)', () => {
    const fold = folded(
      turnStarted(),
      completed(message('a', 'a')),
      started(message('x')),
      completed(message('b', 'b')),
    );
    fold.merge(snapshot({ 'turn-1': [message('a', 'a')] }, 'inProgress'), fold.count);
    fold.gap();
    fold.push(delta('y', 'y'));
    fold.merge(
      snapshot(
        { 'turn-1': [message('a', 'a'), message('b', 'b'), message('c', 'c')] },
        'inProgress',
      ),
      fold.count,
    );
    expect(ids(fold)).toEqual(['a', 'x', 'b', 'c', 'y']);
  });

  test('keeps what was heard since the gap before what was heard after it (rule 10)', () => {
    const fold = folded(turnStarted(), completed(message('a', 'a')));
    fold.gap();
    fold.push(delta('y', 'y'));
    fold.push(completed(message('z', 'z')));
    fold.merge(
      snapshot({ 'turn-1': [message('a', 'a'), message('z', 'z')] }, 'inProgress'),
      fold.count,
    );
    expect(ids(fold)).toEqual(['a', 'y', 'z']);
  });

  test('keeps what was heard between two gaps behind what the first one took (rule 10)', () => {
    const fold = folded(turnStarted(), completed(message('a', 'a')));
    fold.merge(snapshot({ 'turn-1': [message('a', 'a')] }, 'inProgress'), fold.count);
    fold.gap();
    fold.push(delta('y', 'y'));
    fold.gap();
    fold.merge(
      snapshot({ 'turn-1': [message('a', 'a'), message('b', 'b')] }, 'inProgress'),
      fold.count,
    );
    expect(ids(fold)).toEqual(['a', 'b', 'y']);
  });

  test('places an item whose start nobody heard by its time, past those without one (rule 10)', () => {
    const at = (id: string, startedAtMs: number) => message(id, id, { startedAtMs });
    const fold = folded(turnStarted(), completed(at('b', 2)), delta('x', 'x'));
    fold.push(completed(at('c', 3)));
    fold.push(completed(at('a', 1)));
    expect(ids(fold)).toEqual(['a', 'b', 'x', 'c']);
  });

  test.each([started, completed])(
    'places an item of which parts were heard by its time, once it has one (rule 10, %#)',
    (whole) => {
      const at = (id: string, startedAtMs: number) => message(id, id, { startedAtMs });
      const fold = folded(turnStarted(), delta('y', 'y'), completed(at('b', 1)));
      expect(ids(fold)).toEqual(['y', 'b']);
      fold.push(whole(at('y', 2)));
      expect(ids(fold)).toEqual(['b', 'y']);
    },
  );

  test('places what has a time of the server before what began later (rule 10)', () => {
    const at = (id: string, startedAtMs: number) => message(id, id, { startedAtMs });
    const fold = folded(turnStarted());
    fold.gap();
    fold.push(started(at('x', 2)));
    fold.merge(snapshot({ 'turn-1': [at('c', 3), at('a', 1)] }, 'inProgress'), fold.count);
    expect(ids(fold)).toEqual(['a', 'x', 'c']);
  });

  test('merges a snapshot without doubling what was heard', () => {
    const fold = folded(turnStarted(), started(message('m')), delta('m', 'Hel'));
    fold.merge(snapshot({ 'turn-0': [message('old', 'old')], 'turn-1': [] }, 'inProgress'), 0);
    fold.push(delta('m', 'lo'));
    fold.push(completed(message('m', 'Hello')));
    fold.merge(snapshot({ 'turn-1': [message('m', 'Hello')] }), fold.count);
    expect(fold.view().turns.map(({ id }) => id)).toEqual(['turn-0', 'turn-1']);
    expect(texts(fold)).toEqual(['old', 'Hello']);
  });

  test('keeps the text that is being written when a snapshot lists its item as running', () => {
    const running = (id: string) => ({ ...message(id, 'other'), status: 'inProgress' }) as never;
    const fold = folded(turnStarted(), started(message('m')), delta('m', 'Hel'), delta('n', 'lo'));
    fold.merge(snapshot({ 'turn-1': [running('m'), running('n')] }, 'inProgress'), fold.count);
    expect(texts(fold)).toEqual(['Hel', 'lo']);
    expect(itemsOf(fold)).toMatchObject([{ revision: 0 }, { revision: 0, state: 'running' }]);
  });

  describe('with a turn that a snapshot reads as interrupted', () => {
    const interrupted = () => {
      const fold = folded(turnStarted(), started(message('m')));
      fold.merge(snapshot({ 'turn-1': [] }, 'interrupted'), fold.count);
      expect(fold.view().turns).toMatchObject([
        { status: 'interrupted', items: [{ state: 'abandoned' }] },
      ]);
      return fold;
    };
    const goesOn = [{ status: 'inProgress', items: [{ id: 'm' }, {}] }];

    test('goes on with it when it says something', () => {
      const fold = interrupted();
      fold.push(delta('m', 'Hello'));
      expect(fold.view()).toMatchObject({
        turns: [{ status: 'inProgress', items: [{ state: 'running', text: 'Hello' }] }],
        anomalies: { lateDeltas: 0 },
      });
    });

    test.each([
      ['an item begins', started(command('c'))],
      ['a message is whole', completed(message('n', 'n'))],
      ['a message of which nobody heard goes on', delta('n', 'n')],
    ])('goes on with it when %s', (_, event) => {
      const fold = interrupted();
      fold.push(event);
      expect(fold.view().turns).toMatchObject(goesOn);
    });

    test.each([
      ['a command ends', completed(command('c', { status: 'completed' }))],
      ['a command writes', output('c', 'c')],
      ['an item begins again that is known', started(message('m'))],
    ])('does not when %s', (_, event) => {
      const fold = interrupted();
      fold.push(event);
      expect(fold.view().turns).toMatchObject([{ status: 'interrupted' }]);
    });

    test('goes on with it when a snapshot reads it as running', () => {
      const fold = interrupted();
      fold.merge(snapshot({ 'turn-1': [] }, 'inProgress'), fold.count);
      expect(fold.view().turns).toMatchObject([
        { status: 'inProgress', items: [{ state: 'running' }] },
      ]);
    });

    test('does not once an event has ended it', () => {
      const fold = interrupted();
      fold.push(turnCompleted('turn-1', 'interrupted'));
      fold.push(delta('m', 'Hello'));
      fold.merge(snapshot({ 'turn-1': [] }, 'inProgress'), fold.count);
      expect(fold.view()).toMatchObject({
        turns: [{ status: 'interrupted', items: [{ state: 'abandoned', text: '' }] }],
        anomalies: { lateDeltas: 1 },
      });
    });
  });

  test('removes turns that are gone from a snapshot that replaces', () => {
    const fold = folded(turnStarted(), completed(message('m', 'm')), turnCompleted());
    const asked = fold.count;
    fold.push(turnStarted('turn-3'));
    fold.merge(snapshot({ 'turn-0': [] }, 'completed', { replaces: true }), asked);
    expect(fold.view().turns.map(({ id }) => id)).toEqual(['turn-0', 'turn-3']);
  });

  test('shows why a turn is retried until it goes on, and why it failed', () => {
    const fold = folded(turnStarted(), error(true));
    expect(fold.view().turns).toMatchObject([{ retrying: { message: 'busy' }, error: null }]);
    fold.push(started(message('m')));
    expect(fold.view().turns).toMatchObject([{ retrying: null }]);
    fold.push(error(false));
    expect(fold.view().turns).toMatchObject([{ error: { message: 'busy' } }]);
  });

  test('joins the summaries of reasoning, and keeps its raw text until it is gone', () => {
    const part = { threadId, turnId: 'turn-1', itemId: 'r' };
    const reasoning = (members: object) =>
      ({ type: 'reasoning', id: 'r', summary: [], content: [], ...members }) as never;
    const fold = folded(
      turnStarted(),
      started(reasoning({})),
      notification('item/reasoning/summaryPartAdded', { ...part, summaryIndex: 0 }),
      notification('item/reasoning/summaryTextDelta', { ...part, summaryIndex: 0, delta: 'one' }),
      notification('item/reasoning/summaryTextDelta', { ...part, summaryIndex: 1, delta: 'two' }),
      notification('item/reasoning/textDelta', { ...part, contentIndex: 0, delta: 'raw' }),
    );
    expect(itemsOf(fold)).toMatchObject([
      {
        kind: 'reasoning',
        text: 'one\n\ntwo',
        length: 8,
        summary: ['one', 'two'],
        content: ['raw'],
      },
    ]);
    fold.push(completed(reasoning({ summary: ['one', 'two'] })));
    expect(itemsOf(fold)).toMatchObject([{ text: 'one\n\ntwo', content: [], revision: 1 }]);
  });

  test('links sub-agents by the items that name them', () => {
    const fold = folded(
      turnStarted(),
      completed({
        type: 'collabAgentToolCall',
        id: 'c',
        tool: 'spawnAgent',
        receiverThreadIds: ['old-kid'],
      } as never),
      completed({
        type: 'subAgentActivity',
        id: 's',
        kind: 'started',
        agentThreadId: 'kid',
        agentPath: '/root/kid',
      } as never),
    );
    expect(fold.view().children).toEqual([
      { threadId: 'old-kid', itemId: 'c', path: null },
      { threadId: 'kid', itemId: 's', path: '/root/kid' },
    ]);
  });

  test('keeps an item of an unknown kind as it came', () => {
    const item = { type: 'hologram', id: 'h', depth: 3 } as never;
    expect(itemsOf(folded(turnStarted(), started(item)))).toMatchObject([{ kind: 'other', item }]);
  });

  test('ignores unknown methods, other threads, legacy copies and payloads that are none', () => {
    const fold = folded(
      envelope('app_server.item.hologram', { params: {} }, { threadId }),
      envelope('codex/event/agent_message', { msg: {} }, { threadId }),
      envelope('app_server.item.started', null, { threadId }),
      envelope('app_server.item.started', { params: { item: null } }, { threadId }),
      notification('item/started', { threadId: 'other' }),
    );
    expect(fold.view()).toMatchObject({ turns: [], status: null });
    expect(fold.count).toBe(5);
  });

  test('makes one item, one turn and one thread anew for a delta, and nothing for none', () => {
    const fold = folded(
      turnStarted(),
      completed(message('a', 'a')),
      turnCompleted(),
      turnStarted('turn-2'),
    );
    fold.push(started(message('b'), 'turn-2'));
    fold.push(started(message('m'), 'turn-2'));
    const before = fold.view();
    expect(fold.view()).toBe(before);
    fold.push(delta('m', 'x', 'turn-2'));
    fold.push(delta('m', 'y', 'turn-2'));
    const after = fold.view();
    expect(after.turns[0]).toBe(before.turns[0]);
    expect(after.turns[1]?.items[0]).toBe(before.turns[1]?.items[0]);
    expect(after.turns[1]?.items[1]).not.toBe(before.turns[1]?.items[1]);
    expect(before.turns[1]?.items[1]?.text).toBe('');
    expect(after.turns[1]?.items[1]?.text).toBe('xy');
  });

  test('freezes what it hands out', () => {
    const view = folded(turnStarted(), started(message('m'))).view();
    for (const part of [
      view,
      view.turns,
      view.turns[0],
      view.turns[0]?.items,
      view.turns[0]?.items[0],
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test('gives a renderer what is new', () => {
    const fold = folded(turnStarted(), started(message('m')));
    let shown = '';
    for (let index = 0; index < 5_000; index++) {
      fold.push(delta('m', `${index} `));
      if (index % 37 > 0) continue;
      const item = itemsOf(fold)[0] as never;
      shown += textSince(item, shown.length);
    }
    const last = itemsOf(fold)[0] as never;
    shown += textSince(last, shown.length);
    expect(shown).toBe(Array.from({ length: 5_000 }, (_, index) => `${index} `).join(''));
    expect(textSince(last, shown.length)).toBe('');
    expect(texts(fold)).toEqual([shown]);
  });

  test('refuses a thread id that is none', () => {
    expect(() => createThreadFold('')).toThrow('"threadId" must be');
  });
});
