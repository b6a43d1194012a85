import type { Handler, RouteOptions, RouteStep, StreamRouter } from 'codex-rx';
import { Observable } from 'rxjs';

/** What a handler sees, for marble tests. The route stands while somebody is subscribed. */
export const seenBy = (
  router: StreamRouter,
  steps: readonly [RouteStep, ...RouteStep[]],
  handler: Handler<unknown> = () => undefined,
  options: RouteOptions = {},
): Observable<unknown> =>
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
