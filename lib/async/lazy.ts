import { defer, from, isObservable, of, type Observable } from 'rxjs';
import { isThenable } from './thenable.js';

/** A value, now or later. */
export type Later<T> = T | PromiseLike<T> | Observable<T>;

/** A value, or a function that returns it. */
export type Lazy<T> = T | (() => Later<T>);

/** A value that comes now or later, as an Observable. What `ask` throws is its error. */
export const toObservable = <T>(ask: () => Later<T>): Observable<T> =>
  defer(() => {
    const answered = ask();
    return isObservable(answered) || isThenable(answered) ? from(answered) : of(answered);
  });

/** A value, or what a function answers. */
export const resolveLazy = <T extends object | string>(value: Lazy<T>): Observable<T> =>
  toObservable(() => (typeof value === 'function' ? (value as () => Later<T>)() : value));
