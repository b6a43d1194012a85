import { Observable, type OperatorFunction as Step } from 'rxjs';
import type { Envelope } from '../../envelope/index.js';
import {
  readRouteArguments,
  type AddRoute,
  type Handler,
  type RouteOptions,
  type StreamContext,
  type StreamRouter,
} from '../../router/index.js';

/**
 * The events that a handler gets, as an Observable, for marble tests. The route exists while the
 * result has a subscriber. Its arguments are those of `on`; the handler may be left out.
 *
 * @param router A router, or a stream.
 * @throws TypeError that names the argument, or the option, that is wrong.
 *
 * @example
 * const saved$ = seenBy(stream, ofAppServer('turn/completed'), save, { strategy: 'switch' });
 * expectEnvelopes(saved$).toBe('-------c-');
 */
export function seenBy<A>(
  router: Pick<StreamRouter, 'on'>,
  a: Step<Envelope, A>,
  handler?: Handler<A>,
  options?: RouteOptions<A>,
): Observable<A>;
/** The events that a handler gets behind two steps, as an Observable, for marble tests. */
export function seenBy<A, B>(
  router: Pick<StreamRouter, 'on'>,
  a: Step<Envelope, A>,
  b: Step<A, B>,
  handler: Handler<B>,
  options?: RouteOptions<B>,
): Observable<B>;
/** The events that a handler gets behind three steps, as an Observable, for marble tests. */
export function seenBy<A, B, C>(
  router: Pick<StreamRouter, 'on'>,
  a: Step<Envelope, A>,
  b: Step<A, B>,
  c: Step<B, C>,
  handler: Handler<C>,
  options?: RouteOptions<C>,
): Observable<C>;
/** The events that a handler gets behind four steps, as an Observable, for marble tests. */
export function seenBy<A, B, C, D>(
  router: Pick<StreamRouter, 'on'>,
  a: Step<Envelope, A>,
  b: Step<A, B>,
  c: Step<B, C>,
  d: Step<C, D>,
  handler: Handler<D>,
  options?: RouteOptions<D>,
): Observable<D>;
/** The events that a handler gets behind five steps, as an Observable, for marble tests. */
export function seenBy<A, B, C, D, E>(
  router: Pick<StreamRouter, 'on'>,
  a: Step<Envelope, A>,
  b: Step<A, B>,
  c: Step<B, C>,
  d: Step<C, D>,
  e: Step<D, E>,
  handler: Handler<E>,
  options?: RouteOptions<E>,
): Observable<E>;
export function seenBy(router: Pick<StreamRouter, 'on'>, ...given: unknown[]): Observable<unknown> {
  const on = router.on as (...given: unknown[]) => ReturnType<AddRoute>;
  const all = given.length === 1 ? [...given, () => undefined] : given;
  const { steps, handler, options } = readRouteArguments(all);
  return new Observable((subscriber) => {
    // Without a name, so that errors name the route by its steps.
    const route = on(
      ...steps,
      (event: unknown, context: StreamContext): unknown => {
        subscriber.next(event);
        return handler(event as never, context);
      },
      options,
    );
    return () => {
      route.unsubscribe();
    };
  });
}
