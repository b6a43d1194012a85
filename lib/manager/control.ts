import type { GatewayGreeting } from './position.js';

/** A frame of codex-manager's that is no event of the agent. */
export type ControlFrame =
  /** The first frame of a connection: the server sends from now on, filtered to `threadId`. */
  | {
      readonly type: 'ready';
      readonly threadId: string | null;
      /** What a gateway says of itself. */
      readonly gateway?: GatewayGreeting;
    }
  /** The answer to a ping. */
  | {
      readonly type: 'pong';
      /** The number that a gateway has sent, or passed, last. */
      readonly seq?: number;
    }
  /** The server did not understand a command. It does not say which. */
  | { readonly type: 'error'; readonly message: string };

/**
 * The control frame that a parsed frame is, or `null`. Control frames have no payload; an event
 * that happens to be named `error` has one, and stays an event.
 */
export function controlFrame(frame: unknown): ControlFrame | null {
  if (typeof frame !== 'object' || frame === null || 'payload' in frame) return null;
  const { type, threadId, message, gateway, seq } = frame as Record<string, unknown>;
  switch (type) {
    case 'ready':
      return {
        type,
        threadId: typeof threadId === 'string' ? threadId : null,
        ...(isGreeting(gateway) && { gateway }),
      };
    case 'pong':
      return { type, ...(typeof seq === 'number' && { seq }) };
    case 'error':
      return typeof message === 'string' ? { type, message } : null;
    default:
      return null;
  }
}

const isGreeting = (value: unknown): value is GatewayGreeting => {
  const { epoch, seq } = Object(value) as Partial<GatewayGreeting>;
  return typeof epoch === 'string' && typeof seq === 'number';
};
