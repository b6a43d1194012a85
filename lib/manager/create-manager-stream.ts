import { defer, EMPTY, firstValueFrom, map, of, Subject, switchMap, type Observable } from 'rxjs';
import { ofText, parseFrame, type Envelope } from '../envelope/index.js';
import {
  ask,
  createStream,
  frameText,
  type Ask,
  type CodexStream,
  type ConnectionControl,
  type FrameText,
} from '../stream/index.js';
import { askRest, type RestOptions } from './ask-rest.js';
import { toObservable } from '../async/index.js';
import { controlFrame, type ControlFrame } from './control.js';
import { watchHealth } from './health.js';
import { controlTypes } from './ignored-frames.js';
import type { ManagerSettings } from './manager-options.js';
import { createManagerRequests } from './manager-requests.js';
import { createSourceGaps } from './source-gaps.js';
import { unroutedFrames } from './unrouted-frames.js';

/** The stream of a codex-manager. */
export interface ManagerStream extends CodexStream {
  /** What the server says of the connection itself: `ready`, `pong` and `error`. */
  readonly control$: Observable<ControlFrame>;

  /** The only thread whose events it gets; `null`: it gets those of every thread. */
  readonly threadId: string | null;

  /**
   * Calls the REST API, with the headers of the stream: a GET, or a POST if there is a body.
   * Resolves with the parsed body; `null` if that is empty. Rejects with a `ManagerError`. A call
   * is sent once and never repeated.
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
  {
    rest,
    healthInterval,
    resync,
    overdueAfter,
    recoverSessions,
    position,
    dropsUnrouted,
    ...settings
  }: ManagerSettings,
  thread: string | null,
): ManagerStream {
  const control = new Subject<ControlFrame>();
  let threadId = thread;
  let send: ConnectionControl['send'] = () => false;
  let last: Envelope;
  /** Its frame, unless that has more than the event. */
  let lastText: string | null;
  const requests = createManagerRequests({
    rest,
    random: settings.random,
    log: settings.log,
    overdueAfter,
    recoverSessions,
    position,
    threadId: () => threadId,
    ping: () => send(settings.ping),
    recovers: resync !== false,
  });
  const sourceGaps = createSourceGaps(position);
  const recover = resync === undefined ? rest && requests.resync : resync || null;

  const stream = createStream(
    {
      threadId: () => threadId,
      unrouted: dropsUnrouted
        ? (interest) =>
            unroutedFrames(interest, (type) => controlTypes.includes(type) || requests.needOf(type))
        : undefined,
      read(text, peer) {
        const frame = parseFrame(text);
        const report = controlFrame(frame);
        if (report === null) {
          const { seq, requestKey } = Object(frame) as GatewayMembers;
          // It was replayed before.
          if (!position.advance(seq)) return null;
          const event = ofText(text, frame);
          if (seq !== undefined && sourceGaps.read(event, peer)) return null;
          requests.observe(event, requestKey);
          lastText = seq === undefined && requestKey === undefined ? text : null;
          return (last = event);
        }
        if (report.type === 'ready') {
          threadId = report.threadId;
          send = peer.send;
          position.begin(report.gateway ?? null);
          peer.ready();
        } else if (report.type === 'pong') {
          position.advance(report.seq);
          requests.ponged();
        }
        control.next(report);
        return null;
      },
      context: position.context,
      replay: position.replay,
    },
    {
      ...settings,
      upstream$: rest && healthInterval !== null ? watchHealth(rest, healthInterval) : EMPTY,
      resync(gap, signal) {
        if (gap.replay?.complete) return position.replayed(gap.replay.events);
        return sourceGaps
          .ended(gap)
          .pipe(
            switchMap((restarted) =>
              recover
                ? toObservable(() => recover(gap, signal)).pipe(
                    map((recovery) => ({ ...restarted, ...recovery })),
                  )
                : of({ recovered: [], complete: false, error: null, ...restarted }),
            ),
          );
      },
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
    ...{
      [ask]: asking satisfies Ask,
      [frameText]: ((event) => (event === last ? lastText : null)) satisfies FrameText,
    },
  };
}

/** What a gateway adds to the frame of an event. */
interface GatewayMembers {
  readonly seq?: unknown;
  readonly requestKey?: string;
}
