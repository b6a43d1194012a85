import {
  asapScheduler,
  BehaviorSubject,
  defer,
  filter,
  finalize,
  firstValueFrom,
  merge,
  observeOn,
  of,
  switchMap,
  timer,
  type Observable,
} from 'rxjs';
import type { ServerRequests } from '../requests/index.js';

/** Counts the handlers that are running, and waits for them at a shutdown. */
export class Drain {
  /** Whether no further event or request is handled. */
  hasBegun = false;
  readonly #running = new BehaviorSubject(0);

  get running(): number {
    return this.#running.value;
  }

  /** Counts the run of a handler, from its start to its end. */
  watch<T>(run$: Observable<T>): Observable<T> {
    return defer(() => {
      this.#running.next(this.running + 1);
      return run$.pipe(
        finalize(() => {
          this.#running.next(this.running - 1);
        }),
      );
    });
  }

  /** Resolves when no handler runs and no answer is under way, or when `ms` are over. */
  async settled(requests: ServerRequests | null, ms: number): Promise<void> {
    const isIdle$ = this.#running.pipe(
      filter((running) => running === 0),
      // A handler ends just before its answer counts as decided.
      observeOn(asapScheduler),
      switchMap(() => requests?.pending$ ?? of([])),
      filter((pending) => pending.every(({ state }) => state !== 'answering')),
    );
    await firstValueFrom(merge(isIdle$, timer(ms)), { defaultValue: null });
  }
}
