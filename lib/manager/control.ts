/** A frame of codex-manager's that is no event of the agent. */
export type ControlFrame =
  /** The first frame of a connection: the server sends from now on, filtered to `threadId`. */
  | { readonly type: 'ready'; readonly threadId: string | null }
  /** The answer to a ping. */
  | { readonly type: 'pong' }
  /** The server did not understand a command. It does not say which. */
  | { readonly type: 'error'; readonly message: string };

/**
 * The control frame that a parsed frame is, or `null`. Control frames have no payload; an event
 * that happens to be named `error` has one, and stays an event.
 */
export function controlFrame(frame: unknown): ControlFrame | null {
  if (typeof frame !== 'object' || frame === null || 'payload' in frame) return null;
  const { type, threadId, message } = frame as Record<string, unknown>;
  switch (type) {
    case 'ready':
      return { type, threadId: typeof threadId === 'string' ? threadId : null };
    case 'pong':
      return { type };
    case 'error':
      return typeof message === 'string' ? { type, message } : null;
    default:
      return null;
  }
}
