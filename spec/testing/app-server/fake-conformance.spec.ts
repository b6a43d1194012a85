import { describe, expect, test } from '@jest/globals';
import { appServerRecordings, replayAppServer, type Frame } from './replay-app-server.js';
import { tellable } from '../transcript/tellable.js';

/*
 * The recorded clients against the fake: whatever the real server told them, the fake tells them, in
 * the same order. Not compared, because a recording cannot tell:
 *
 * - times, paths of files, names of the machine, revisions and cursors;
 * - texts that the recording has replaced by their length;
 * - threads of other recordings in the list of what is loaded;
 * - a warning about the machine that it was made on (`configWarning`);
 * - calls that the fake leaves to `handle` (`thread/list`) or knows nothing of: a provider that is
 *   not configured, an id that is no UUID;
 * - how a call races with what Codex says meanwhile: a call is made when its first effect was seen.
 */
const untold = new Set([
  ...['emittedAtMs', 'startedAtMs', 'completedAtMs', 'durationMs'],
  ...['createdAt', 'updatedAt', 'recencyAt', 'startedAt', 'completedAt'],
  ...['path', 'userAgent', 'originator', 'serverName', 'installationId', 'revision'],
  ...['turnsBackwardsCursor', 'itemsBackwardsCursor'],
]);

/** A frame as it is compared; `null` if it is not. */
function normal(frame: Frame, calls: ReadonlyMap<unknown, string>): Frame | null {
  const { id, method, result } = frame;
  const isReply = method === undefined && id !== undefined;
  if (method === 'configWarning' || (isReply && !calls.has(id))) return null;
  const { data } = Object(result) as { data?: unknown };
  const isList = isReply && calls.get(id) === 'thread/loaded/list';
  return isList && Array.isArray(data) ? { ...frame, result: { ...result, data: [] } } : frame;
}

describe('a fake app-server tells recorded clients what the real one told them', () => {
  test.each(appServerRecordings)('%s', async (file) => {
    for (const [, client] of await replayAppServer(file, false)) {
      const { calls, codes } = client;
      const [recorded, heard] = [client.recorded, client.heard].map((frames) =>
        frames.flatMap((frame) => normal(frame, calls) ?? []),
      );
      expect(tellable({ recorded, heard }, untold)).toEqual(recorded);
      expect(codes[1]).toBe(codes[0] ?? 1006);
    }
  });
});

/** What Codex says of threads and turns as they change. */
const life = new Set<unknown>([
  ...['error', 'serverRequest/resolved', 'thread/readState/changed', 'thread/started'],
  ...['thread/status/changed', 'turn/completed', 'turn/started'],
]);

const isLife = ({ id, method }: Frame) =>
  method !== undefined && (life.has(method) || id !== undefined);

function threadOf({ params }: Frame): unknown {
  const { threadId, thread } = Object(params) as { threadId?: string; thread?: { id: string } };
  return threadId ?? thread?.id;
}

describe('a fake Codex that lives by itself tells what the real one told', () => {
  test.each(appServerRecordings)('%s', async (file) => {
    for (const [, client] of await replayAppServer(file, true)) {
      // Two threads that live at once race: each is compared by itself.
      for (const threadId of new Set(client.recorded.map(threadOf))) {
        const [recorded, heard] = [client.recorded, client.heard].map((frames) =>
          frames.filter((frame) => isLife(frame) && threadOf(frame) === threadId),
        );
        expect(tellable({ recorded, heard }, untold)).toEqual(recorded);
      }
    }
  });
});
