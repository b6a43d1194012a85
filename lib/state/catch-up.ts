import { catchError, EMPTY, expand, map, of, reduce, switchMap, take, type Observable } from 'rxjs';
import { toEnvelope, type Envelope, type Loose } from '../envelope/index.js';
import type { Ask } from '../stream/index.js';
import type { ThreadFold } from './create-thread-fold.js';
import type { NumberedEvent } from './snapshot.js';

interface Page {
  readonly complete?: unknown;
  readonly next?: unknown;
  readonly data?: readonly Loose[];
}

/**
 * The events that a gateway has logged of the turn that runs, given the read of a thread: that has
 * nothing of what is being written. None if no turn runs, or the log has forgotten how it began.
 *
 * @param ready$ Emits when later events come live: only then all others are in the log.
 */
export function turnEvents(
  ask: Ask,
  path: string,
  { gateway }: { readonly gateway?: { epoch: string; seq: number; turnSeq: number } },
  ready$: Observable<unknown>,
): Observable<readonly NumberedEvent[]> {
  if (!gateway || gateway.turnSeq >= gateway.seq) return of([]);
  const page = (after: unknown) =>
    ask(`${path}/events?after=${gateway.epoch}:${after as number}`) as Observable<Page>;
  return ready$.pipe(
    take(1),
    switchMap(() => page(gateway.turnSeq)),
    expand(({ next }) => (typeof next === 'number' ? page(next) : EMPTY)),
    reduce((all: readonly NumberedEvent[] | null, { complete, data = [] }) => {
      const events = data.map((frame) => ({
        seq: frame['seq'] as unknown as number,
        event: toEnvelope(frame),
      }));
      return complete === true && all ? [...all, ...events] : null;
    }, []),
    map((all) => all ?? []),
    // A thread without the beginning of its turn is better than none.
    catchError(() => of([])),
  );
}

/** A fold that begins with what was logged before its first event came live. */
export interface CatchUp {
  /** Pushes an event into the fold, unless it has it. */
  push(fold: ThreadFold, event: Envelope, seq: number | undefined): void;
  /** The fold with these events before what it has. */
  begin(fold: ThreadFold, events: readonly NumberedEvent[]): ThreadFold;
  /** Numbers begin anew, or were missed. */
  reset(): void;
}

/** How many live events wait for the first read of a thread. */
const maxWaiting = 10_000;

export function createCatchUp(newFold: () => ThreadFold): CatchUp {
  /** What came live before the first read; `null` after it. */
  let live: NumberedEvent[] | null = [];
  /** The number up to which the log was folded. */
  let upTo = 0;
  return {
    push(fold, event, seq) {
      if (seq === undefined) live = null;
      else if (seq <= upTo) return;
      else if (live && live.push({ seq, event }) > maxWaiting) live = null;
      fold.push(event);
    },
    begin(fold, events) {
      const waiting = live;
      live = null;
      if (waiting === null || events.length === 0) return fold;
      const first = waiting[0]?.seq ?? Infinity;
      const whole = newFold();
      for (const { seq, event } of events) if (seq < first) whole.push(event);
      for (const { event } of waiting) whole.push(event);
      if (waiting.length === 0) upTo = events.at(-1)?.seq ?? 0;
      return whole;
    },
    reset() {
      live = null;
      upTo = 0;
    },
  };
}
