import { EMPTY, Subject, type Observable } from 'rxjs';
import { parseJson, toEnvelope } from '../envelope/index.js';
import { createStream, type CodexStream } from '../stream/index.js';
import { controlFrame, type ControlFrame } from './control.js';
import { watchHealth } from './health.js';
import { managerSettings, type ManagerOptions } from './manager-options.js';
import { createManagerRequests } from './manager-requests.js';
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
  const requests = createManagerRequests(rest, settings.random);

  const stream = createStream(
    {
      threadId: () => threadId,
      read(text, peer) {
        const frame = parseJson(text);
        const told = controlFrame(frame);
        if (told === null) {
          const event = toEnvelope(frame, text);
          threads.see(event);
          requests.see(event);
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
      resync: resync === undefined ? rest && (() => requests.resync(inUse())) : resync || null,
    },
  );
  requests.follow(stream, () => (resync === false ? null : threadId));
  stream.status$.subscribe({
    complete: () => {
      control.complete();
    },
  });
  return { ...stream, requests: requests.requests, control$: control.asObservable() };
}
