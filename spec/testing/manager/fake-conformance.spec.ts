import { describe, expect, test } from '@jest/globals';
import { managerRecordings, replayManager, type Replayed } from './replay-manager.js';
import { tellable } from '../transcript/tellable.js';

/*
 * The recorded clients against the fake: whatever the real server told them, the fake tells them, in
 * the same order. Not compared, because a recording cannot tell:
 *
 * - times, and paths of files; how many files a session has;
 * - texts that the recording has replaced by their length;
 * - sessions of other recordings, and codex-manager's own, in lists of sessions;
 * - the words of what is wrong with a body, which are those of one version of zod;
 * - how a call races with what Codex says meanwhile: a call is made when its first effect was seen;
 * - calls to routes that the fake has not: projects, forks, rollbacks, archives, and upserts.
 */
const untold = new Set([
  ...['receivedAt', 'createdAt', 'updatedAt', 'deletedAt', 'startedAt', 'completedAt'],
  ...['path', 'deletedFileCount', 'nextCursor'],
]);

interface Body {
  readonly data?: readonly { readonly sessionId?: string }[];
  readonly issues?: readonly { readonly code: string; readonly path: readonly unknown[] }[];
  readonly session?: { readonly sessionId: string };
}

const sessionsOf = (calls: Replayed['calls']): ReadonlySet<string> =>
  new Set(calls.flatMap(({ heard }) => (heard.body as Body).session?.sessionId ?? []));

/** A body without what is not compared. */
function normal(body: unknown, own: ReadonlySet<string>): unknown {
  const { data, issues } = body as Body;
  if (issues) {
    const where = issues.map(({ code, path }) => `${code} at ${path.join('.')}`);
    return { ...(body as object), issues: where };
  }
  const isList = data?.some((item) => 'sessionControls' in item);
  const mine = data?.filter(({ sessionId = '' }) => own.has(sessionId));
  return isList ? { ...(body as object), data: mine } : body;
}

describe('a fake manager tells recorded clients what the real one told them', () => {
  test.each(managerRecordings)('%s', async (file) => {
    const { sockets, calls, codes } = await replayManager(file, false);
    for (const [, { recorded, heard }] of sockets) {
      expect(tellable({ recorded, heard }, untold)).toEqual(recorded);
    }
    const own = sessionsOf(calls);
    for (const { call, ...replies } of calls) {
      const [recorded, heard] = [replies.recorded, replies.heard].map(({ status, body }) => ({
        call,
        status,
        body: normal(body, own),
      }));
      expect(tellable({ recorded, heard }, untold)).toEqual(recorded);
    }
    expect(codes.map(({ heard }) => heard)).toEqual(codes.map(({ recorded }) => recorded));
  });
});

interface Frame {
  readonly type: string;
  readonly threadId: string | null;
  readonly payload: object;
}

/** What is told of a thread by itself while its turns go on, in this order. */
const life =
  /^(approval|tool_call|tool_user_input)(_requested|_resolved)?$|^app_server\.(error|server_request\.resolved|thread\.status\.changed|turn\.completed)$/;

/** What is told of it, too, at a moment that differs from turn to turn in the recordings. */
const beginnings = /^app_server\.(thread\.(started|name\.updated)|turn\.started)$/;

/** What a socket was sent of a thread; titles and guesses of turns depend on such moments. */
const toldOf = (frames: readonly unknown[], thread: string, types: RegExp): readonly unknown[] =>
  (frames as readonly Frame[])
    .filter(({ type, threadId }) => threadId === thread && types.test(type))
    .map(({ type, payload }) => ({ type, ...payload, session: null, context: null }));

const inAnyOrder = (values: unknown) =>
  (values as readonly unknown[]).map((value) => JSON.stringify(value)).sort();

describe('a fake Codex that lives by itself tells what the real one told', () => {
  test.each(managerRecordings)('%s', async (file) => {
    const { sockets, calls } = await replayManager(file, true);
    expect(calls.map(({ call, heard }) => [call, heard.status])).toEqual(
      calls.map(({ call, recorded }) => [call, recorded.status]),
    );
    for (const [, frames] of sockets) {
      for (const thread of sessionsOf(calls)) {
        const recorded = toldOf(frames.recorded, thread, life);
        const heard = toldOf(frames.heard, thread, life);
        expect(tellable({ recorded, heard }, untold)).toEqual(recorded);
        const begun = toldOf(frames.recorded, thread, beginnings);
        const begins = toldOf(frames.heard, thread, beginnings);
        expect(inAnyOrder(tellable({ recorded: begun, heard: begins }, untold))).toEqual(
          inAnyOrder(begun),
        );
      }
    }
  });
});
