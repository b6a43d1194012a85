import { defer, EMPTY, firstValueFrom, Subject, type Observable } from 'rxjs';
import { parseJson, toEnvelope } from '../envelope/index.js';
import {
  ask,
  createStream,
  type Ask,
  type CodexStream,
  type ConnectionControl,
} from '../stream/index.js';
import { askRest, type RestOptions } from './ask-rest.js';
import { controlFrame, type ControlFrame } from './control.js';
import { watchHealth } from './health.js';
import type { ManagerSettings } from './manager-options.js';
import { createManagerRequests } from './manager-requests.js';

/** The stream of a codex-manager. */
export interface ManagerStream extends CodexStream {
  /** What the server says of the connection itself: `ready`, `pong` and `error`. */
  readonly control$: Observable<ControlFrame>;

  /** The thread whose events alone it gets; `null`: those of every thread. */
  readonly threadId: string | null;

  /**
   * Asks the REST API beside the stream, with its headers: a GET, or a POST if there is a body.
   * Resolves with the parsed body; `null` if that is empty. It is asked once: what it does may not
   * bear to be done twice.
   *
   * @example
   * await stream.rest(`/api/sessions/${threadId}/interrupt`, {});
   *
   * Rejects with a `ManagerError` if the status is not 2xx, the body cannot be read, or no answer
   * came in time.
   */
  rest(path: string, body?: object, options?: RestOptions): Promise<unknown>;
}

/**
 * The stream of a codex-manager, of settings that are in order.
 *
 * @param thread The thread that it is filtered to until the server says; `null`: every thread.
 */
export function createManagerStream(
  { rest, healthInterval, resync, overdueAfter, recoverSessions, ...settings }: ManagerSettings,
  thread: string | null,
): ManagerStream {
  const control = new Subject<ControlFrame>();
  let threadId = thread;
  let send: ConnectionControl['send'] = () => false;
  const requests = createManagerRequests({
    rest,
    random: settings.random,
    log: settings.log,
    overdueAfter,
    recoverSessions,
    threadId: () => threadId,
    ping: () => send(settings.ping),
    recovers: resync !== false,
  });

  const stream = createStream(
    {
      threadId: () => threadId,
      read(text, peer) {
        const frame = parseJson(text);
        const report = controlFrame(frame);
        if (report === null) {
          const event = toEnvelope(frame, text);
          requests.observe(event);
          return event;
        }
        if (report.type === 'ready') {
          threadId = report.threadId;
          send = peer.send;
          peer.ready();
        } else if (report.type === 'pong') requests.ponged();
        control.next(report);
        return null;
      },
    },
    {
      ...settings,
      upstream$: rest && healthInterval !== null ? watchHealth(rest, healthInterval) : EMPTY,
      resync: resync === undefined ? rest && requests.resync : resync || null,
    },
  );

  requests.follow(stream);

  stream.status$.subscribe({
    complete: () => {
      control.complete();
    },
  });
  const asking = askRest(rest);

  return {
    ...stream,
    gaps$: defer(() => {
      requests.wanted();
      return stream.gaps$;
    }),
    requests: requests.requests,
    control$: control.asObservable(),
    get threadId() {
      return threadId;
    },
    rest: (...asked) => firstValueFrom(asking(...asked), { defaultValue: null }),
    ...{ [ask]: asking satisfies Ask },
  };
}
