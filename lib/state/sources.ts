import { map, type Observable } from 'rxjs';
import { ask, type Ask, type CodexStream } from '../stream/index.js';
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
  readSnapshot(threadId: string): Observable<ThreadSnapshot>;
  /** Why `readSnapshot` errored. */
  faultOf(error: unknown): SnapshotFault;
}

/** @throws TypeError if the stream comes from neither source. */
export function stateSource(stream: CodexStream): StateSource {
  const { [ask]: asks } = stream as { readonly [ask]?: Ask };
  if (!asks) {
    throw new TypeError('State is read from a stream of connectManager or connectAppServer.');
  }
  return 'call' in stream ? appServerSource(asks) : managerSource(asks);
}

const appServerSource = (ask: Ask): StateSource => ({
  // Not `thread/read`: that subscribes to nothing, and does not list what runs.
  readSnapshot: (threadId) =>
    ask('thread/resume', { threadId }).pipe(
      map((result) => snapshotOfThread((result as { thread?: unknown }).thread)),
    ),
  faultOf(error) {
    const { code, message } = Object(error) as { code?: unknown; message?: unknown };
    // The server has two answers for it, and the first code means many things.
    const isUnstored = code === -32600 && String(message).includes('no rollout found');
    return isUnstored || code === -32601 ? 'not stored' : 'failed';
  },
});

const managerSource = (ask: Ask): StateSource => ({
  readSnapshot: (threadId) =>
    ask(`/api/sessions/${encodeURIComponent(threadId)}`).pipe(map(snapshotOfTranscript)),
  // 500 is an unknown thread, and a Codex that is not running.
  faultOf: (error) => ((Object(error) as { status?: unknown }).status === 410 ? 'gone' : 'failed'),
});
