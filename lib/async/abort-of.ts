import { defer, fromEvent, of, share, type Observable } from 'rxjs';

const aborts = /* @__PURE__ */ new WeakMap<AbortSignal, Observable<unknown>>();

/**
 * Emits when a signal is aborted, or is already. One listener a signal, however many share it: Node
 * warns of a leak at eleven.
 */
export const abortOf = (signal: AbortSignal): Observable<unknown> =>
  defer(() => {
    if (signal.aborted) return of(signal);
    const abort$ = aborts.get(signal) ?? fromEvent(signal, 'abort').pipe(share());
    aborts.set(signal, abort$);
    return abort$;
  });
