import { EMPTY, Subject, type Observable } from 'rxjs';
import { parseJson, toEnvelope } from '../envelope/index.js';
import { createStream, type CodexStream } from '../stream/index.js';
import { controlFrame, type ControlFrame } from './control.js';
import { watchHealth } from './health.js';
import { managerSettings, type ManagerOptions } from './manager-options.js';
import { createManagerRequests, type ManagerRequests } from './manager-requests.js';
import { pendingRequests } from './pending-requests.js';
import type { Rest } from './rest.js';
import { createThreadsInUse } from './threads-in-use.js';

/** The stream of a codex-manager. */
export interface ManagerStream extends CodexStream {
  /** What the server says of the connection itself: `ready`, `pong` and `error`. */
  readonly control$: Observable<ControlFrame>;
}

/**
 * Connects to the event stream of a codex-manager (`/api/stream`).
 *
 * @example
 * const stream = connectManager({ url: 'http://127.0.0.1:3001' });
 * stream.on(ofAppServer('item/agentMessage/delta'), (event) => {
 *   process.stdout.write(event.payload.params.delta);
 * });
 * await stream.connect();
 *
 * @throws TypeError that names the option that is wrong.
 */
export function connectManager(options: ManagerOptions): ManagerStream {
  const { rest, healthInterval, resync, ...settings } = managerSettings(options);
  const threads = createThreadsInUse();
  const control = new Subject<ControlFrame>();
  let threadId = options.threadId ?? null;
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
  return {
    ...stream,
    get requests() {
      requests ??= followRequests();
      return requests.requests;
    },
    control$: control.asObservable(),
  };
}
