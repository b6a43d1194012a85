import { take, type Observable } from 'rxjs';

/** Resolves with the next value; never, if none comes. */
export const nextOf = <T>(source: Observable<T>): Promise<T> =>
  new Promise((resolve) => {
    source.pipe(take(1)).subscribe(resolve);
  });
