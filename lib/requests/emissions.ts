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
  /** Runs a task after those that are under way. */
  readonly serialize: (task: () => void) => void;
  complete(): void;
}

export function createEmissions(): Emissions {
  const subjects = {
    pending: new BehaviorSubject<readonly ServerRequest[]>([]),
    opened: new Subject<ServerRequest>(),
    settled: new Subject<Settlement>(),
    decisions: new Subject<Decision>(),
    overdue: new Subject<ServerRequest>(),
    errors: new Subject<HandlerError>(),
  };
  const serialize = createSerializer();
  return {
    subjects,
    serialize,
    complete() {
      serialize(() => {
        for (const subject of Object.values(subjects)) subject.complete();
      });
    },
  };
}
