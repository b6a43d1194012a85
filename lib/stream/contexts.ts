import type { StreamContext } from '../router/index.js';

/** Makes the context of an event: events that came in one piece share it. */
export function createContexts(
  threadId: () => string | null,
): (connection: number, receivedAt: number) => StreamContext {
  let last: StreamContext = { threadId: null, connection: 0, reconnects: 0, receivedAt: 0 };
  return (connection, receivedAt) => {
    const isSame =
      last.receivedAt === receivedAt &&
      last.connection === connection &&
      last.threadId === threadId();
    if (!isSame) {
      last = { threadId: threadId(), connection, reconnects: connection - 1, receivedAt };
    }
    return last;
  };
}
