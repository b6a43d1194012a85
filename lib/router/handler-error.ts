import type { Envelope } from '../envelope/index.js';
import { messageOf, visibleText } from '../text/index.js';

/**
 * What failed on an event:
 * - `matcher`: the matcher of a route, which threw;
 * - `pipeline`: an operator of a route;
 * - `handler`: the handler or its `key`: it threw, rejected, or gave an Observable that errored;
 * - `queue`: the queue of a route, which was full; `cause` is an `OverflowError`;
 * - `source`: what the router is connected to, or waits for.
 */
export type HandlerFault = 'matcher' | 'pipeline' | 'handler' | 'queue' | 'source';

/** A route failed on an event. Nothing else was affected. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError';

  /** The name of the route. */
  readonly route: string;

  readonly kind: HandlerFault;

  /** The event, where it is known: not if a pipeline fails later, for example on a timer. */
  readonly envelope: Envelope | null;

  constructor(route: string, kind: HandlerFault, envelope: Envelope | null, cause: unknown) {
    const on = envelope === null ? '' : ` on ${envelope.type}`;
    const message = `Route "${route}" failed in its ${kind}${on}: ${messageOf(cause)}`;
    super(visibleText(message), { cause });
    this.route = route;
    this.kind = kind;
    this.envelope = envelope;
  }
}

/**
 * What a full queue did:
 * - `dropped-newest`: it dropped the event that came;
 * - `dropped-oldest`: it dropped the event that had waited longest;
 * - `kept`: it keeps the event beyond its bound, for no event in it may be dropped.
 */
export type OverflowFault = 'dropped-newest' | 'dropped-oldest' | 'kept';

/** A route's queue was full, and an event was dropped or kept beyond the bound. */
export class OverflowError extends Error {
  override readonly name = 'OverflowError';

  constructor(
    readonly kind: OverflowFault,
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
