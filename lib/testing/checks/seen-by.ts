import { Observable, type OperatorFunction } from 'rxjs';
import type { Envelope } from '../../envelope/index.js';
import type {
  Handler,
  Matched,
  RouteOptions,
  RouteStep,
  StreamRouter,
} from '../../router/index.js';

/**
 * What a handler sees, as an Observable, for marble tests. The route stands while somebody is
 * subscribed.
 *
 * @param router A router, or a stream.
 *
 * @example
 * const saved$ = seenBy(stream, ofAppServer('turn/completed'), save, { strategy: 'switch' });
 * expectEnvelopes(saved$).toBe('-------c-');
 */
export function seenBy<T>(
  router: Pick<StreamRouter, 'on'>,
  source: OperatorFunction<Envelope, T>,
  handler?: Handler<T>,
  options?: RouteOptions<T>,
): Observable<T>;
export function seenBy<const Steps extends readonly [RouteStep, ...RouteStep[]]>(
  router: Pick<StreamRouter, 'on'>,
  steps: Steps,
  handler?: Handler<Matched<Steps>>,
  options?: RouteOptions<Matched<Steps>>,
): Observable<Matched<Steps>>;
export function seenBy<T>(
  router: Pick<StreamRouter, 'on'>,
  source: OperatorFunction<Envelope, T>,
  handler: Handler<T> = () => undefined,
  options: RouteOptions<T> = {},
): Observable<T> {
  return new Observable((subscriber) => {
    const route = router.on(
      source,
      (event, context) => {
        subscriber.next(event);
        return handler(event, context);
      },
      options,
    );
    return () => {
      route.unsubscribe();
    };
  });
}
