import { map } from 'rxjs';
import { toObservable } from '../async/index.js';
import type { Envelope } from '../envelope/index.js';
import type { Interest, KeyCounts } from '../router/index.js';
import type { FrameFilter } from '../socket/index.js';
import type { ConnectionSettings } from '../socket/connection-contract.js';

/** A filter that follows what is wanted. */
export interface InterestFilter extends FrameFilter {
  /** The event of the last frame that it has dropped since an event was read; `null`: none. */
  lastDropped(): Envelope | null;
  /** An event was read. */
  eventRead(): void;
}

/** What a stream drops; `null` if its dialect drops nothing. */
export function interestFilter(
  make: ((interest: Interest) => InterestFilter) | undefined,
  routes: Interest | undefined,
  subscribers: KeyCounts,
  isBusy: () => boolean,
): (InterestFilter & Pick<Interest, 'causes'>) | null {
  if (!make || !routes) return null;
  const interest = joined(routes, subscribers, isBusy);
  return { ...make(interest), causes: () => interest.causes() };
}

type Request = ConnectionSettings['request'];

/** Requests that bring a filter along. */
export const withFilter = (request: Request, ignore: FrameFilter | null): Request =>
  ignore === null
    ? request
    : () => toObservable(request).pipe(map((request) => ({ ...request, ignore })));

/** What the routes and the subscribers of a stream want. */
const joined = (routes: Interest, subscribers: KeyCounts, isBusy: () => boolean): Interest => ({
  get all() {
    return subscribers.all || routes.all || isBusy();
  },
  // Both grow, and so does their sum.
  get revision() {
    return routes.revision + subscribers.revision;
  },
  wants: (type, threadId) => subscribers.wants(type, threadId) || routes.wants(type, threadId),
  threads: {
    has: (threadId) => subscribers.threads.has(threadId) || routes.threads.has(threadId),
    *[Symbol.iterator]() {
      yield* subscribers.threads;
      yield* routes.threads;
    },
  },
  causes: () => (subscribers.all ? ['events$', ...routes.causes()] : routes.causes()),
});
