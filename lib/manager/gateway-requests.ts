import { catchError, defer, map, of, retry, timer, type Observable } from 'rxjs';
import { toEnvelope, type Envelope } from '../envelope/index.js';
import { backoff } from '../socket/backoff.js';
import type { Recovery } from '../requests/index.js';
import type { Rest } from './rest.js';

/** How often a gateway is asked that cannot say. */
const attempts = 4;

/** The most that a wait can be before it is asked again, in ms: at first, and ever. */
const [base, cap] = [500, 8_000];

/** A request as a gateway lists it. */
export interface ListedRequest {
  readonly key: string;
  readonly event: Envelope;
}

/**
 * Asks a gateway for all that is pending, in one list.
 *
 * @param asking Called before each question: what it returns gets the list.
 */
export function gatewayRequests(
  rest: Rest,
  threadId: string | null,
  random: () => number,
  asking: () => (listed: readonly ListedRequest[]) => void,
): Observable<Recovery> {
  const query = threadId === null ? '' : `?threadId=${encodeURIComponent(threadId)}`;
  const path = `/api/requests${query}`;
  return defer(() => {
    const reconcile = asking();
    return rest(path).pipe(
      map(({ status, body }): Recovery => {
        const { data } = Object(body) as { data?: unknown };
        if (status !== 200 || !Array.isArray(data)) {
          throw new Error(`GET ${path}: HTTP status ${status}.`);
        }
        const listed = (data as ListedRequest[]).map(({ key, event }) => ({
          key,
          event: toEnvelope(event),
        }));
        reconcile(listed);
        return { recovered: listed.map(({ event }) => event), complete: true, error: null };
      }),
    );
  }).pipe(
    retry({
      count: attempts - 1,
      delay: (_, failures) => timer(backoff(failures + 1, base, cap, random)),
    }),
    catchError((error: unknown) => of({ recovered: [], complete: false, error: error as Error })),
  );
}
