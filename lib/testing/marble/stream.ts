import type { Observable } from 'rxjs';
import { envelopeSchema, type Envelope } from '../../envelope/index.js';
import type { ManagerOptions, ManagerStream } from '../../manager/index.js';
import { createManagerStream } from '../../manager/create-manager-stream.js';
import { managerSettings } from '../../manager/manager-options.js';
import { amounts, mustBe } from '../../options/index.js';
import { parse, type Entry } from './log.js';
import { createMarbleRest, type SentAnswer } from './rest.js';
import { createMarbleServer } from './server.js';
import { createMarbleSessions, type SentMessage } from './sessions.js';
import { meaningsOf, valuesOf, type Values } from './letters.js';

type Given = 'url' | 'transport' | 'fetch' | 'headers' | 'health' | 'maxFrameBytes';

/** Options of a stream that a diagram plays. */
export interface MarbleStreamOptions extends Omit<ManagerOptions, Given> {
  /**
   * When to ping. Pings never end, and so neither does the test: close the stream.
   *
   * @default false
   */
  readonly heartbeat?: NonNullable<ManagerOptions['heartbeat']>;
  /**
   * For the jitter of reconnections.
   *
   * @default always 0, it reconnects at once
   */
  readonly random?: () => number;
  /**
   * How long the server takes to reply to an answer, or to what is asked of it, in ms.
   *
   * @default 1
   */
  readonly roundTrip?: number;
  /**
   * The HTTP status of the reply to an answer, such as 409 or 503; `null`: as the real server, 200
   * or, for what is not pending, 404.
   *
   * @default `null`
   */
  readonly reply?: (answer: SentAnswer) => number | null;
}

/** A stream that a diagram plays. */
export interface MarbleStream extends ManagerStream {
  /** Each answer that comes to the server, whatever its reply is. */
  readonly answers$: Observable<SentAnswer>;
  /** Each message that comes to the server, to start a turn or to steer one. */
  readonly messages$: Observable<SentMessage>;
}

/** A stream, and the steps that play it. */
export interface PlayedStream {
  readonly stream: MarbleStream;
  readonly steps: readonly { readonly frame: number; readonly play: () => void }[];
  /** Whether it was ever connected. */
  readonly wasConnected: () => boolean;
}

/** Letters for the marks that RxJS uses otherwise. */
const [lost, back] = ['\u0001', '\u0002'];

/** The real stream of a codex-manager, over a connection that a diagram plays in virtual time. */
export function playStream(
  diagram: string,
  values: Values | undefined,
  options: MarbleStreamOptions,
  meanings: Values,
): PlayedStream {
  const { reply = () => null, roundTrip: wanted, ...given } = options;
  const { roundTrip } = amounts('', { roundTrip: wanted }, { roundTrip: 1 });
  mustBe(typeof reply === 'function', 'reply', 'a function');
  const server = createMarbleServer(given.threadId ?? null);
  const requests = createMarbleRest({ roundTrip, reply, isAway: server.isAway });
  const sessions = createMarbleSessions(roundTrip, server.isAway, nextTurnId);
  const settings = managerSettings({
    heartbeat: false,
    random: () => 0,
    ...given,
    // It would ask without end.
    health: false,
    url: 'ws://marbles',
    transport: server.open,
  });
  const stream = createManagerStream(
    { ...settings, rest: (path, json) => sessions.rest(path, json) ?? requests.rest(path, json) },
    given.threadId ?? null,
  );

  const entries = parse(diagram.replaceAll('!', lost).replaceAll('^', back));
  const letters = entries.filter(({ kind }) => kind === 'next').map(({ value }) => value as string);
  const events = letters.filter((letter) => letter !== lost && letter !== back);
  // A `?` is sent as it is: it is not JSON.
  const known = valuesOf(events, diagram, values, meaningsOf({ '?': '?' }, meanings));
  const comesBack = (from: number) =>
    entries.slice(from).find(({ value }) => value === lost || value === back)?.value === back;
  if (comesBack(0)) server.leave();

  /** A turn that is sent is the next one that the diagram begins in its thread. */
  let played = -1;
  function nextTurnId(threadId: string): string | undefined {
    for (const { value } of entries.slice(played + 1)) {
      const { type, turnId, ...event } = Object(known[value as string]) as Partial<Envelope>;
      const isNext = type === 'app_server.turn.started' && event.threadId === threadId;
      if (isNext && typeof turnId === 'string') return turnId;
    }
    return undefined;
  }

  const stepOf = ({ frame, kind, value }: Entry, index: number) => {
    switch (kind) {
      case 'complete':
        return { frame, play: () => void stream.close() };
      case 'error':
        return { frame, play: server.refuse };
      default:
        if (value === back) return { frame, play: server.comeBack };
        if (value === lost)
          return { frame, play: comesBack(index + 1) ? server.leave : server.cut };
        return {
          frame,
          play() {
            played = index;
            const frame = known[value as string];
            const read = envelopeSchema.safeParse(frame);
            if (read.success) {
              requests.observe(read.data);
              sessions.observe(read.data);
            }
            server.send(frame);
          },
        };
    }
  };

  return {
    stream: Object.assign(stream, { answers$: requests.answers$, messages$: sessions.messages$ }),
    steps: entries.map(stepOf),
    wasConnected: () => events.length === 0 || server.wasConnected(),
  };
}
