import { BehaviorSubject, Subject } from 'rxjs';
import { createSerializer } from '../async/index.js';
import type { HandlerError } from '../router/index.js';
import type { ServerRequest } from './server-request.js';
import type { Decision, Settlement } from './settlement.js';

/** What a registry emits. An emission reaches every subscriber before the next one begins. */
export interface Emissions {
  readonly subjects: {
    readonly pending: BehaviorSubject<readonly ServerRequest[]>;
    readonly opened: Subject<ServerRequest>;
    readonly settled: Subject<Settlement>;
    readonly decisions: Subject<Decision>;
    readonly overdue: Subject<ServerRequest>;
    readonly errors: Subject<HandlerError>;
  };
  /** What is pending has changed. */
  readonly publish: () => void;
  /** Shows what is pending to a subscriber that is about to come. */
  readonly look: () => void;
  /** Whether a value would reach no subscriber. */
  readonly isUnheard: (subject: { readonly observed: boolean }) => boolean;
  /** Runs a task after those that are under way. */
  readonly serialize: (task: () => void) => void;
  complete(): void;
}

/** @param pending What is pending now. */
export function createEmissions(pending: () => readonly ServerRequest[]): Emissions {
  const subjects = {
    pending: new BehaviorSubject<readonly ServerRequest[]>([]),
    opened: new Subject<ServerRequest>(),
    settled: new Subject<Settlement>(),
    decisions: new Subject<Decision>(),
    overdue: new Subject<ServerRequest>(),
    errors: new Subject<HandlerError>(),
  };
  const serialize = createSerializer();
  /** The number of the change that `pending` has, and that of the last one. */
  let [shown, last] = [0, 0];

  function show(all: readonly ServerRequest[], change: number): void {
    // Otherwise somebody has looked since, and has seen what is newer.
    if (change <= shown) return;
    shown = change;
    subjects.pending.next(all);
  }

  return {
    publish() {
      const change = ++last;
      if (!subjects.pending.observed) return;
      const all = pending();
      serialize(() => {
        show(all, change);
      });
    },
    look() {
      if (!subjects.pending.observed) show(pending(), last);
    },
    isUnheard: (subject) => !subject.observed && !serialize.isBusy(),
    subjects,
    serialize,
    complete() {
      serialize(() => {
        for (const subject of Object.values(subjects)) subject.complete();
      });
    },
  };
}
