import type { Envelope } from '../envelope/index.js';
import { messageOf, visibleText } from '../text/index.js';

/** The part of a route that failed. */
export type HandlerPhase = 'matcher' | 'pipeline' | 'handler' | 'queue' | 'source';

/** A route failed on an event; nothing else was touched by it. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError';

  /** The name of the route. */
  readonly route: string;

  readonly phase: HandlerPhase;

  /** The event, where it is known: not for a pipeline that fails on its own time. */
  readonly envelope: Envelope | null;

  constructor(route: string, phase: HandlerPhase, envelope: Envelope | null, cause: unknown) {
    const on = envelope === null ? '' : ` on ${envelope.type}`;
    const message = `Route "${route}" failed in its ${phase}${on}: ${messageOf(cause)}`;
    super(visibleText(message), { cause });
    this.route = route;
    this.phase = phase;
    this.envelope = envelope;
  }
}

/** A route's queue was full, and an event was dropped or kept beyond the bound. */
export class OverflowError extends Error {
  override readonly name = 'OverflowError';

  constructor(
    /** How many events the queue may hold. */
    readonly bound: number,
    /** How many events this route has dropped so far. */
    readonly dropped: number,
    /** How many events are waiting. */
    readonly waiting: number,
  ) {
    super(`${waiting} events wait (bound ${bound}), ${dropped} dropped so far.`);
  }
}
