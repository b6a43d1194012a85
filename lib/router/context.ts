/** Where and when an event was received. */
export interface StreamContext {
  /** The thread that the connection is filtered to, `null` if it gets every thread. */
  readonly threadId: string | null;
  /** The number of the connection that brought the event: 1, 2, …; 0 if none did. */
  readonly connection: number;
  /** How often the stream has come back: `connection - 1`, at least 0. */
  readonly reconnects: number;
  /** When the event was received: milliseconds since the epoch; 0 if no connection brought it. */
  readonly receivedAt: number;
  /** The number of the event in a log that numbers its events, such as a JetStream. */
  readonly seq?: number;
  /** Whether the log has delivered the event before: handlers may have seen it. */
  readonly redelivered?: boolean;
  /**
   * Set by a source that has to know when an event was handled, for example to acknowledge it. The
   * router calls it once for each event that `dispatch` accepts, when the last route is done with
   * the event; at once if no route takes it. Handlers leave it alone.
   *
   * A route is done with an event when its handler has returned, and what the handler returned has
   * ended; or when the event was dropped from a full queue, skipped by `exhaust`, given up by
   * `switch` or by the end of its route. A route with operators is done when the event has gone
   * through them, and the handlers of what came out meanwhile have ended: what an operator emits
   * later (`delay`, `bufferTime`) is not waited for.
   *
   * @param failed Whether a route failed on the event: its matcher, an operator or its handler, or
   *   its full queue dropped the event.
   */
  readonly settled?: (failed: boolean) => void;
}
