import type { AppServerStream } from '../app-server/index.js';
import type { ManagerStream } from '../manager/index.js';
import type { CodexStream } from '../stream/index.js';
import type { ThreadSnapshot } from './snapshot.js';
import { snapshotOfThread, snapshotOfTranscript } from './snapshot-of.js';

/**
 * Why a snapshot could not be read:
 * - `not stored`: Codex stores nothing of a thread before its first turn;
 * - `gone`: the thread was deleted;
 * - `failed`: anything else, which may pass.
 */
export type SnapshotFault = 'not stored' | 'gone' | 'failed';

/** What state needs of a source, beside its events and its requests. */
export interface StateSource {
  /**
   * What the server stores of a thread. `codex app-server` sends the events of the thread from then
   * on, and its answer is in order with them; that of codex-manager is not.
   */
  readSnapshot(threadId: string): Promise<ThreadSnapshot>;
  /** Why `readSnapshot` rejected. */
  faultOf(error: unknown): SnapshotFault;
}

/** @throws TypeError if the stream comes from neither source. */
export function stateSource(stream: CodexStream): StateSource {
  if ('call' in stream) return appServerSource(stream as AppServerStream);
  if ('rest' in stream) return managerSource(stream as ManagerStream);
  throw new TypeError('State is read from a stream of connectManager or connectAppServer.');
}

const appServerSource = (stream: AppServerStream): StateSource => ({
  // Not `thread/read`: that subscribes to nothing, and does not list what runs.
  readSnapshot: (threadId) =>
    stream.call('thread/resume', { threadId }).then(({ thread }) => snapshotOfThread(thread)),
  faultOf(error) {
    const { code, message } = Object(error) as { code?: unknown; message?: unknown };
    // The server has two answers for it, and the first code means many things.
    const isUnstored = code === -32600 && String(message).includes('no rollout found');
    return isUnstored || code === -32601 ? 'not stored' : 'failed';
  },
});

const managerSource = (stream: ManagerStream): StateSource => ({
  readSnapshot: (threadId) =>
    stream.rest(`/api/sessions/${encodeURIComponent(threadId)}`).then(snapshotOfTranscript),
  // 500 is an unknown thread, and a Codex that is not running.
  faultOf: (error) => ((Object(error) as { status?: unknown }).status === 410 ? 'gone' : 'failed'),
});
