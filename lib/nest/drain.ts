import {
  BehaviorSubject,
  combineLatest,
  defer,
  filter,
  finalize,
  firstValueFrom,
  map,
  merge,
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
  async settled(requests: ServerRequests | null, ms: number): Promise<boolean> {
    const answering$ = requests
      ? requests.pending$.pipe(map((pending) => pending.some(({ state }) => state === 'answering')))
      : [false];
    const isIdle$ = combineLatest([this.#running, answering$]).pipe(
      map(([running, isAnswering]) => running === 0 && !isAnswering),
      filter(Boolean),
    );
    return firstValueFrom(merge(isIdle$, timer(ms).pipe(map(() => false))), { defaultValue: true });
  }
}
