import {
  defaultIfEmpty,
  defer,
  EMPTY,
  firstValueFrom,
  map,
  Subject,
  take,
  type Observable,
} from 'rxjs';
import { parseJson, toEnvelope } from '../envelope/index.js';
import { ask, createStream, type Ask, type CodexStream } from '../stream/index.js';
import { controlFrame, type ControlFrame } from './control.js';
import { watchHealth } from './health.js';
import { ManagerError } from './manager-error.js';
import type { ManagerSettings } from './manager-options.js';
import { createManagerRequests, type ManagerRequests } from './manager-requests.js';
import { pendingRequests } from './pending-requests.js';
import type { Rest } from './rest.js';
import { createThreadsInUse } from './threads-in-use.js';

/** The stream of a codex-manager. */
export interface ManagerStream extends CodexStream {
  /** What the server says of the connection itself: `ready`, `pong` and `error`. */
  readonly control$: Observable<ControlFrame>;

  /**
   * Asks the REST API beside the stream, with its headers: a GET, or a POST if there is a body.
   * Resolves with the parsed body. It is asked once: what it does may not bear to be done twice.
   *
   * @example
   * await stream.rest(`/api/sessions/${threadId}/interrupt`, {});
   *
   * Rejects with a `ManagerError` if the status is not 2xx, and with another Error if no answer came
   * within 10 s.
   */
  rest(path: string, body?: object): Promise<unknown>;
}

/**
 * The stream of a codex-manager, of settings that are in order.
 *
 * @param thread The thread that it is filtered to until the server says; `null`: every thread.
 */
export function createManagerStream(
  { rest, healthInterval, resync, ...settings }: ManagerSettings,
  thread: string | null,
): ManagerStream {
  const threads = createThreadsInUse();
  const control = new Subject<ControlFrame>();
  let threadId = thread;
  const inUse = () => (threadId === null ? threads : [threadId]);
  /** Followed from the first look on: most events then cost nothing more. */
  let requests: ManagerRequests | null = null;

  const askPending = () =>
    requests?.resync(inUse()) ?? pendingRequests(rest as Rest, inUse(), settings);

  const stream = createStream(
    {
      threadId: () => threadId,
      read(text, peer) {
        const frame = parseJson(text);
        const told = controlFrame(frame);
        if (told === null) {
          const event = toEnvelope(frame, text);
          threads.see(event);
          requests?.see(event);
          return event;
        }
        if (told.type === 'ready') {
          threadId = told.threadId;
          peer.ready();
        }
        control.next(told);
        return null;
      },
    },
    {
      ...settings,
      upstream$: rest && healthInterval !== null ? watchHealth(rest, healthInterval) : EMPTY,
      resync: resync === undefined ? rest && askPending : resync || null,
    },
  );

  function followRequests(): ManagerRequests {
    const followed = createManagerRequests(rest, settings.random);
    followed.follow(stream, () => (resync === false ? null : threadId));
    return followed;
  }

  stream.status$.subscribe({
    complete: () => {
      control.complete();
    },
  });
  const asking: Ask = (path, body) =>
    defer(() => {
      if (!rest) throw new TypeError('This stream asks nothing by REST: it has no "fetch".');
      return rest(path, body && JSON.stringify(body));
    }).pipe(
      take(1),
      defaultIfEmpty(null),
      map((answer) => {
        if (answer && answer.status >= 200 && answer.status < 300) return answer.body;
        throw new ManagerError(path, answer?.status ?? 0, answer?.body ?? null);
      }),
    );

  return {
    ...stream,
    get requests() {
      requests ??= followRequests();
      return requests.requests;
    },
    control$: control.asObservable(),
    rest: (path, body) => firstValueFrom(asking(path, body), { defaultValue: null }),
    ...{ [ask]: asking },
  };
}
