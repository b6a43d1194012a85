import { describe, expect, test } from '@jest/globals';
import { notificationType, parseEnvelope } from 'codex-rx';
import {
  findRequestId,
  findThreadId,
  findTurnId,
  isRequestId,
} from '../../lib/envelope/identity.js';
import { appServerFrames, managerFrames, type Recorded } from '../recordings/index.js';

type Leaf = readonly [path: readonly string[], value: unknown];

/** Every value in a frame that has no members, and the way to it. */
function leaves(value: unknown, path: readonly string[] = []): readonly Leaf[] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([member, inner]) => leaves(inner, [...path, member]));
}

const named = (...names: readonly string[]) => {
  const wanted = new Set(names);
  return (path: readonly string[]): boolean =>
    wanted.has(path.at(-1) ?? '') || wanted.has(path.slice(-2).join('.'));
};

const ofThread = named('threadId', 'thread_id', 'conversationId', 'thread.id');
const ofTurn = named('turnId', 'turn_id', 'turn.id');
const ofRequest = named('requestId', 'request_id', 'approvalId', 'approval_id');

/** The id of a legacy `codex/event/*`: the turn's. */
const ofLegacyTurn = (path: readonly string[]): boolean =>
  path.join('.').endsWith('payload.params.id');

/** The id of another turn, that one of the thread's which was not read yet. */
const elsewhere = (path: readonly string[]): boolean => path.includes('firstUnread');

const guessed = (path: readonly string[]): boolean => path.includes('context');

/** The one id that a frame holds under these names, wherever it is. */
function theOnly(found: readonly Leaf[], frame: unknown): unknown {
  const ids = new Set(found.map(([, value]) => value).filter((id) => id !== null && id !== ''));
  if (ids.size > 1) throw new Error(`Several ids in ${JSON.stringify(frame)}`);
  return [...ids][0] ?? null;
}

/** What ids a frame holds, found by searching all of it. */
function search(frame: unknown): { threadId: unknown; turnId: unknown; requestId: unknown } {
  const all = leaves(frame).filter(([path]) => !elsewhere(path));
  const turns = all.filter(([path]) => ofTurn(path) || ofLegacyTurn(path));
  const own = theOnly(
    turns.filter(([path]) => !guessed(path)),
    frame,
  );
  const guess = theOnly(
    turns.filter(([path]) => guessed(path)),
    frame,
  );
  return {
    threadId: theOnly(
      all.filter(([path]) => ofThread(path)),
      frame,
    ),
    turnId: own ?? guess,
    requestId: theOnly(
      all.filter(([path]) => ofRequest(path)),
      frame,
    ),
  };
}

const count = <T>(of: readonly T[], where: (one: T) => boolean): number => of.filter(where).length;

describe('the ids of codex-manager’s frames', () => {
  const files = [...new Set(managerFrames.map(({ file }) => file))];

  test.each(files)('are found in every frame of %s', (file) => {
    for (const { frame } of managerFrames.filter((recorded) => recorded.file === file)) {
      const { threadId, turnId, requestId } = parseEnvelope(frame);
      const type = frame['type'];
      expect({ type, threadId, turnId, requestId }).toEqual({ type, ...search(frame) });
    }
  });

  test('are there in as many frames as a search finds them in', () => {
    const events = managerFrames.map(({ frame }) => parseEnvelope(frame));
    expect(events).toHaveLength(2_867);
    expect(count(events, ({ threadId }) => threadId !== null)).toBe(2_305);
    expect(count(events, ({ turnId }) => turnId !== null)).toBe(1_945);
    expect(count(events, ({ requestId }) => requestId !== null)).toBe(53);
    expect(count(events, ({ requestId }) => requestId === 0)).toBeGreaterThan(0);
    expect(count(events, ({ requestId }) => requestId === '0')).toBeGreaterThan(0);
  });

  test('are found without the id that the frame itself bears', () => {
    for (const { frame } of managerFrames) {
      const { threadId, ...rest } = frame;
      const type = String(frame['type']);
      // Some types name their thread on the frame alone.
      if (/^(orchestrator|session|suggested)_|_resolved$/.test(type)) continue;
      expect({ type, threadId: parseEnvelope(rest).threadId }).toEqual({ type, threadId });
    }
  });

  test('are the same in an event and in the raw copy of it', () => {
    let copies = 0;
    for (const [event, copy] of copiesOf(managerFrames)) {
      copies++;
      expect(copy.threadId).toBe(event.threadId);
      // Of an event that names no turn, only the server's guess is known, and a copy has none.
      if (copy.turnId !== null) expect(copy.turnId).toBe(event.turnId);
      expect(copy.requestId).toBe(event.requestId);
    }
    expect(copies).toBe(1_234);
  });

  // While a second message is being sent, the server takes every legacy event for the new turn's.
  test('are those that an event states, and not what the server guesses', () => {
    let wrong = 0;
    for (const { frame } of managerFrames) {
      const { turnId, payload } = parseEnvelope(frame);
      const { context, params } = payload as { context?: { turnId: unknown }; params?: Legacy };
      if (!params?.msg || !context || context.turnId === null) continue;
      if (params.id !== context.turnId) wrong++;
      expect(turnId).toBe(params.msg.turn_id ?? params.id);
    }
    expect(wrong).toBeGreaterThan(20);
  });
});

interface Legacy {
  readonly id: string;
  readonly msg?: { readonly turn_id?: string };
}

type Pair = readonly [
  event: ReturnType<typeof parseEnvelope>,
  copy: ReturnType<typeof parseEnvelope>,
];

/** Every `notification`, with the `app_server.*` event that came on the same socket before it. */
function copiesOf(frames: readonly Recorded[]): readonly Pair[] {
  const pairs: Pair[] = [];
  const waiting = new Map<string, ReturnType<typeof parseEnvelope>[]>();
  for (const { file, sock, frame } of frames) {
    const event = parseEnvelope(frame);
    const { method, params, signalType } = event.payload as Record<string, unknown>;
    const about = JSON.stringify([file, sock, method, params]);
    if (signalType === 'notification') {
      waiting.set(about, [...(waiting.get(about) ?? []), event]);
    } else if (event.type === 'notification') {
      const original = waiting.get(about)?.shift();
      if (original === undefined) throw new Error(`A copy of nothing: ${about}`);
      pairs.push([original, event]);
    }
  }
  return pairs;
}

describe('the ids of codex app-server’s frames', () => {
  test('are found in the params of every notification and server request', () => {
    for (const { frame } of appServerFrames) {
      const payload = { params: frame['params'] };
      const { threadId, turnId, requestId } = parseEnvelope({
        type: notificationType(String(frame['method'])),
        payload,
      });
      const method = frame['method'];
      expect({ method, threadId, turnId, requestId }).toEqual({ method, ...search({ payload }) });
    }
  });

  test('are there in as many frames as a search finds them in', () => {
    const found = appServerFrames.map(({ frame }) =>
      search({ payload: { params: frame['params'] } }),
    );
    expect(found).toHaveLength(816);
    expect(count(found, ({ threadId }) => threadId !== null)).toBeGreaterThan(700);
    expect(count(found, ({ turnId }) => turnId !== null)).toBeGreaterThan(500);
    expect(count(found, ({ requestId }) => requestId !== null)).toBe(15);
  });
});

describe('findThreadId', () => {
  test.each([
    { threadId: 't' },
    { thread_id: 't' },
    { conversationId: 't' },
    { thread: { id: 't' } },
    { context: { threadId: 't' } },
    { params: { threadId: 't' } },
    { params: { thread_id: 't' } },
    { params: { conversationId: 't' } },
    { params: { thread: { id: 't' } } },
  ])('finds the thread in %j', (payload) => {
    expect(findThreadId(payload)).toBe('t');
    expect(findTurnId(payload)).toBeNull();
    expect(findRequestId('x', payload)).toBeNull();
  });

  test('believes what an event says of itself before what is said around it', () => {
    expect(findThreadId({ params: { threadId: 'own' }, context: { threadId: 'around' } })).toBe(
      'own',
    );
    expect(findThreadId({ threadId: 'own', context: { threadId: 'around' } })).toBe('own');
  });
});

describe('findTurnId', () => {
  test.each([
    { turnId: 'u' },
    { turn_id: 'u' },
    { turn: { id: 'u' } },
    { context: { turnId: 'u' } },
    { params: { turnId: 'u' } },
    { params: { turn_id: 'u' } },
    { params: { turn: { id: 'u' } } },
    { params: { id: 'u', msg: { type: 'task_started' } } },
    { params: { id: 'other', msg: { type: 'task_started', turn_id: 'u' } } },
  ])('finds the turn in %j', (payload) => {
    expect(findTurnId(payload)).toBe('u');
    expect(findThreadId(payload)).toBeNull();
    expect(findRequestId('x', payload)).toBeNull();
  });

  test('takes params.id for a turn in legacy events only', () => {
    expect(findTurnId({ params: { id: 'i' } })).toBeNull();
    expect(findTurnId({ params: { id: 'i' }, context: { turnId: 'u' } })).toBe('u');
  });

  test('believes what an event says of itself before the server’s guess', () => {
    const context = { turnId: 'guess' };
    for (const params of [
      { turnId: 'own' },
      { turn: { id: 'own' } },
      { id: 'own', msg: {} },
      { id: 'x', msg: { turn_id: 'own' } },
    ]) {
      expect(findTurnId({ params, context })).toBe('own');
    }
    expect(findTurnId({ params: { id: '', msg: {} }, context })).toBe('guess');
  });
});

describe('findRequestId', () => {
  test.each([0, 7, '0', 'abc'])('finds %p wherever a request is named, and as it is', (id) => {
    for (const payload of [
      { requestId: id },
      { request_id: id },
      { approvalId: id },
      { params: { requestId: id } },
    ]) {
      expect(findRequestId('x', payload)).toBe(id);
    }
  });

  test('takes the id of a raw server request, and of nothing else', () => {
    const payload = { id: 0, method: 'item/tool/call', params: {} };
    expect(findRequestId('server_request', payload)).toBe(0);
    expect(findRequestId('notification', payload)).toBeNull();
    expect(findRequestId('server_request', { ...payload, id: null, requestId: 3 })).toBe(3);
  });
});

describe('what is no id', () => {
  test.each([null, undefined, '', true, {}, [], 1.5, Number.NaN, Infinity])(
    '%p is passed over',
    (id) => {
      expect(isRequestId(id)).toBe(false);
      expect(findThreadId({ params: { threadId: id }, threadId: 't' })).toBe('t');
      expect(findTurnId({ params: { turnId: id }, turnId: 'u' })).toBe('u');
      expect(findRequestId('server_request', { id, requestId: id, approvalId: 'r' })).toBe('r');
    },
  );

  test('a number is the id of a request, and of no thread or turn', () => {
    expect(isRequestId(0)).toBe(true);
    expect(findThreadId({ threadId: 0 })).toBeNull();
    expect(findTurnId({ turnId: 0 })).toBeNull();
  });

  test.each([
    null,
    undefined,
    'text',
    5,
    true,
    [],
    { params: null },
    { params: 'text' },
    { context: 1 },
  ])('a payload such as %j has none', (payload) => {
    expect(findThreadId(payload)).toBeNull();
    expect(findTurnId(payload)).toBeNull();
    expect(findRequestId('server_request', payload)).toBeNull();
  });
});
