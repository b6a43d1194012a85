import type { Observable } from 'rxjs';

/**
 * The member by which the rooms above ask the server of a stream: what its `call` or `rest` sends,
 * as an Observable. Promises are not in virtual time.
 */
export const ask: unique symbol = /* @__PURE__ */ Symbol.for('codex-rx.ask') as never;

/** Sends when it is subscribed, each time; errors as the promise of `call` or `rest` rejects. */
export type Ask = (what: string, params?: object) => Observable<unknown>;
