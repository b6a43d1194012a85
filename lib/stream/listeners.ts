import { filter, Observable, type Subject, type Subscription } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import { matched, type Matcher, type MatchedSource } from '../match/index.js';
import { compileSource, createKeyCounts, type KeyCounts } from '../router/index.js';

/** The subscribers of `events$`, and what they want. */
export interface Listeners {
  readonly events$: Observable<Envelope>;
  readonly keys: KeyCounts;
}

/**
 * A subscriber of `events$` wants every event, and one behind a matcher that is first in the pipe
 * what that matches.
 */
export function createListeners(
  events: Subject<Envelope>,
  keepOpen: () => Subscription,
): Listeners {
  const keys = createKeyCounts();

  function listen(matchers: readonly Matcher[]): Observable<Envelope> & MatchedSource {
    const { key } = compileSource(matchers);
    const heard$ = new Observable<Envelope>((subscriber) => {
      let filtered$: Observable<Envelope> = events;
      for (const matcher of matchers)
        filtered$ = filtered$.pipe(filter((event) => matcher.test(event)));
      filtered$.subscribe(subscriber);
      keys.add(key);
      subscriber.add(() => {
        keys.remove(key);
      });
      subscriber.add(keepOpen());
    });
    return Object.assign(heard$, {
      [matched]: (matcher: Matcher) => listen([...matchers, matcher]),
    });
  }

  return { events$: listen([]), keys };
}
