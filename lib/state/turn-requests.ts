import type { Subscription } from 'rxjs';
import type { ServerRequest } from '../requests/index.js';
import type { CodexStream } from '../stream/index.js';

/**
 * Whether a turn waits for an answer to one of its requests.
 *
 * @param changed Called when it begins to wait, and when it goes on.
 */
export function watchRequests(
  stream: CodexStream,
  lifetime: Subscription,
  turn: { readonly threadId: string; readonly turnId: string | null },
  changed: () => void,
): () => boolean {
  let requests: readonly ServerRequest[] = [];
  const isWaiting = () =>
    requests.some(
      ({ threadId, turnId }) =>
        threadId === turn.threadId && (turnId === null || turnId === turn.turnId),
    );
  lifetime.add(
    stream.requests.pending$.subscribe((pending) => {
      const was = isWaiting();
      requests = pending;
      if (was !== isWaiting()) changed();
    }),
  );
  return isWaiting;
}
