/** What a publisher is doing. */
export interface PublisherStatus {
  /**
   * `starting` until the server has been reached; `leader`: it publishes; `standby`: another one
   * does; `stopped`: closed, or the stream on the server is not as the options say.
   */
  readonly role: 'starting' | 'leader' | 'standby' | 'stopped';
  /** Under which it leads, or has led last; 0 before that. It grows from leader to leader. */
  readonly term: number;
  /** Messages that wait for the server, those on their way included. */
  readonly queued: number;
  readonly inFlight: number;
  /** Events that were dropped since NATS was away for too long: a gap marker counts each. */
  readonly dropped: number;
  /** How many gaps the stream on the server has. */
  readonly gaps: number;
  /** The sequence of the message that was stored last. */
  readonly lastSeq: number;
  /** Why the last attempt to reach the server failed; `null` if it did not. */
  readonly error: Error | null;
}
