import { describe, expect, test } from '@jest/globals';
import { managerRecordings, replayManager, type Pair } from './replay-manager.js';

/*
 * The recorded clients against the fake: whatever the real server told them, the fake tells them, in
 * the same order. Not compared, because a recording cannot tell:
 *
 * - times, and paths of files; how many files a session has;
 * - texts that the recording has replaced by their length;
 * - sessions of other recordings, and codex-manager's own, in lists of sessions;
 * - the words of what is wrong with a body, which are those of one version of zod;
 * - how a call races with what Codex says meanwhile: a call is made when its first effect was seen.
 */
const untold = new Set([
  ...['receivedAt', 'createdAt', 'updatedAt', 'deletedAt', 'startedAt', 'completedAt'],
  ...['path', 'deletedFileCount', 'nextCursor'],
]);

type Members = Readonly<Record<string, unknown>>;

/** What was heard, with what is not compared as it was recorded. */
function tellable({ recorded, heard }: Pair, key = ''): unknown {
  if (untold.has(key) && !Array.isArray(heard)) return recorded;
  if (typeof recorded === 'string' && typeof heard === 'string') {
    return /^\[\d+ characters\]$/.test(recorded) ? recorded : heard;
  }
  if (typeof recorded !== 'object' || typeof heard !== 'object' || !recorded || !heard)
    return heard;
  if (Array.isArray(heard)) {
    const was = recorded as readonly unknown[];
    if (key !== 'issues')
      return heard.map((item, i) => tellable({ recorded: was[i], heard: item }));
    return (heard as readonly Members[]).map(({ code, path }, i) => ({
      ...(was[i] as Members),
      code,
      path,
    }));
  }
  const members = Object.entries(heard).map(([name, member]) => [
    name,
    tellable({ recorded: (recorded as Members)[name], heard: member }, name),
  ]);
  return Object.fromEntries(members);
}

/** A list of sessions, of those that the recording has made. */
function ownSessions(body: unknown, own: ReadonlySet<unknown>): unknown {
  const { data } = Object(body) as { data?: readonly Members[] };
  if (!data?.some((item) => 'sessionControls' in item)) return body;
  return { ...(body as Members), data: data.filter(({ sessionId }) => own.has(sessionId)) };
}

describe('a fake manager tells recorded clients what the real one told them', () => {
  test.each(managerRecordings)('%s', async (file) => {
    const { sockets, calls, codes } = await replayManager(file, false);
    for (const [, pair] of sockets) {
      expect(pair.heard).toHaveLength(pair.recorded.length);
      expect(tellable(pair)).toEqual(pair.recorded);
    }
    const own = new Set(
      calls.map(({ heard }) => {
        const { body } = heard as { body: { session?: { sessionId: string } } };
        return body.session?.sessionId;
      }),
    );
    for (const { call, ...pair } of calls) {
      const { status, body } = pair.recorded as { status: number; body: unknown };
      const recorded = { call, status, body: ownSessions(body, own) };
      expect(tellable({ recorded, heard: { call, ...(pair.heard as Members) } })).toEqual(recorded);
    }
    expect(codes.map(({ heard }) => heard)).toEqual(codes.map(({ recorded }) => recorded));
  });
});

interface Frame {
  readonly type: string;
  readonly threadId: string | null;
  readonly payload: { readonly method?: string };
}

/** What is told of a thread by itself while its turns go on, in this order. */
const life =
  /^(approval|tool_call|tool_user_input)(_requested|_resolved)?$|^app_server\.(error|server_request\.resolved|thread\.status\.changed|turn\.completed)$/;

/** What is told of it, too, at a moment that differs from turn to turn in the recordings. */
const beginnings = /^app_server\.(thread\.(started|name\.updated)|turn\.started)$/;

/** What a socket was sent of a thread; titles and guesses of turns depend on such moments. */
const toldOf = (frames: readonly unknown[], thread: unknown, types: RegExp): readonly unknown[] =>
  (frames as readonly Frame[])
    .filter(({ type, threadId }) => threadId === thread && types.test(type))
    .map(({ type, payload }) => ({ type, ...payload, session: null, context: null }));

const inAnyOrder = (values: readonly unknown[]) =>
  values.map((value) => JSON.stringify(value)).sort();

describe('a fake Codex that lives by itself tells what the real one told', () => {
  test.each(managerRecordings)('%s', async (file) => {
    const { sockets, calls } = await replayManager(file, true);
    const statuses = (which: keyof Pair) =>
      calls.map((call) => `${call.call}: ${(call[which] as { status: number }).status}`);
    expect(statuses('heard')).toEqual(statuses('recorded'));
    const threads = calls.flatMap(({ heard }) => {
      const { body } = heard as { body: { session?: { sessionId: string } } };
      return body.session?.sessionId ?? [];
    });
    for (const [, pair] of sockets) {
      for (const thread of threads) {
        const recorded = toldOf(pair.recorded, thread, life);
        const heard = toldOf(pair.heard, thread, life);
        expect(tellable({ recorded, heard })).toEqual(recorded);
        const begun = toldOf(pair.recorded, thread, beginnings);
        const first = tellable({ recorded: begun, heard: toldOf(pair.heard, thread, beginnings) });
        expect(inAnyOrder(first as unknown[])).toEqual(inAnyOrder(begun));
      }
    }
  });
});
