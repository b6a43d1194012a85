import { defer, EMPTY, filter, fromEvent, map, merge, type Observable } from 'rxjs';

/**
 * What a platform says of its network. It may be early, late or wrong, so nothing is taken from it
 * but the occasion to look: `offline` and all others to probe a connection, and all others to try
 * again now.
 */
export type NetworkHint = 'online' | 'offline' | 'visible';

interface HintTarget {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** As much of a browser as is used: no DOM types leak out of this library. */
interface Platform extends Partial<HintTarget> {
  readonly document?: HintTarget & { readonly visibilityState: string };
}

/** The hints of a browser, a page or a worker of it; none elsewhere. */
export const networkHints = (
  platform: Platform = globalThis as Platform,
): Observable<NetworkHint> =>
  defer(() => {
    const { document } = platform;
    if (typeof platform.addEventListener !== 'function') return EMPTY;
    const reported = (['online', 'offline'] as const).map((hint) =>
      fromEvent(platform as HintTarget, hint).pipe(map(() => hint)),
    );
    if (document === undefined) return merge(...reported);
    const visible$ = fromEvent(document, 'visibilitychange').pipe(
      filter(() => document.visibilityState === 'visible'),
      map(() => 'visible' as const),
    );
    return merge(...reported, visible$);
  });
