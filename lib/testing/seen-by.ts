import { Observable } from 'rxjs';
import type { Handler, Matched, RouteOptions, RouteStep, StreamRouter } from '../router/index.js';

/**
 * What a handler sees, as an Observable, for marble tests. The route stands while somebody is
 * subscribed.
 *
 * @param router A router, or a stream.
 *
 * @example
 * const saved$ = seenBy(stream, [ofAppServer('turn/completed')], save, { strategy: 'switch' });
 * expectObservable(saved$).toBe('---c');
 */
export const seenBy = <const Steps extends readonly [RouteStep, ...RouteStep[]]>(
  router: Pick<StreamRouter, 'on'>,
  steps: Steps,
  handler: Handler<Matched<Steps>> = () => undefined,
  options: RouteOptions<Matched<Steps>> = {},
): Observable<Matched<Steps>> =>
  new Observable((subscriber) => {
    const route = router.on(
      steps,
      (value, context) => {
        subscriber.next(value);
        return handler(value, context);
      },
      options,
    );
    return () => {
      route.unsubscribe();
    };
  });
