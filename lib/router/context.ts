/** Where and when an event came in. */
export interface StreamContext {
  /** The thread that the connection is filtered to, `null` if it gets every thread. */
  readonly threadId: string | null;
  /** The number of the connection that brought the event: 1, 2, …; 0 if none did. */
  readonly connection: number;
  /** How often the stream has come back: `connection - 1`, at least 0. */
  readonly reconnects: number;
  /** When the event was received: milliseconds since the epoch; 0 if no connection brought it. */
  readonly receivedAt: number;
}
