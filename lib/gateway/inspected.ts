import { merge, type Subscription } from 'rxjs';
import { createDriftReport } from '../app-server/index.js';
import type { AppServerPayload } from '../envelope/index.js';
import type { CodexStream } from '../stream/index.js';
import { unheard } from '../text/index.js';
import { Refusal } from './guard.js';

/** What the page of the inspector shows besides events. */
export interface Inspected {
  /** What the server said that this version does not list, in one line; empty if nothing. */
  readonly drift: string;
  /** How many handlers of the program have failed, and the messages of the last 100. */
  readonly handlerErrors: { readonly count: number; readonly messages: readonly string[] };
  /** A recording that is played; `null`: it is live. */
  readonly playback: PlaybackState | null;
}

/** How a recording plays. Times are milliseconds since the recording began. */
export interface PlaybackState {
  /** The number of the run: a recording that goes back begins a new one. */
  readonly run: number;
  /** Whether the events of this run come already. */
  readonly hasBegun: boolean;
  readonly position: number;
  readonly first: number;
  readonly last: number;
  /** When the recording began: milliseconds since the epoch. */
  readonly startedAt: number;
  /** How many times as fast as it was recorded. */
  readonly speed: number;
  readonly isPlaying: boolean;
}

/** What a page may ask of a recording. */
export interface PlaybackOrder {
  /** A page hears the events of this run from now on. */
  readonly begin?: number;
  readonly isPlaying?: boolean;
  readonly speed?: number;
  readonly position?: number;
}

export interface Playback {
  read(): PlaybackState;
  control(order: PlaybackOrder): void;
}

/** The routes of the inspector's page. */
export interface InspectedRoutes {
  read(): Inspected;
  /** `null`: there is nothing to control. */
  readonly control: ((body: object) => void) | null;
}

/** How many messages are kept. */
const maxMessages = 100;

/** Follows what a program has to say of a stream, as long as `lifetime` is open. */
export function inspectedRoutes(
  stream: CodexStream,
  playback: Playback | null,
  lifetime: Subscription,
): InspectedRoutes {
  let count = 0;
  let messages: readonly string[] = [];
  const errors$ = merge(unheard(stream.router.errors$), unheard(stream.requests.errors$));
  lifetime.add(
    errors$.subscribe(({ message }) => {
      count++;
      messages = [...messages.slice(1 - maxMessages), message];
    }),
  );
  const driftOf = followDrift(stream, lifetime);
  return {
    read: () => ({
      drift: driftOf(),
      handlerErrors: { count, messages },
      playback: playback?.read() ?? null,
    }),
    control:
      playback &&
      ((body) => {
        playback.control(checkedOrder(body));
      }),
  };
}

/** The report of an app-server's stream; of any other, one of what comes from now on. */
function followDrift(stream: CodexStream, lifetime: Subscription): () => string {
  const { drift } = stream as { readonly drift?: () => { readonly summary: string } };
  if (drift) return () => drift.call(stream).summary;
  const report = createDriftReport();
  lifetime.add(
    stream.events$.subscribe(({ type, payload }) => {
      const { method } = Object(payload) as Partial<AppServerPayload>;
      const isOfAppServer = type.startsWith('app_server.') && typeof method === 'string';
      if (isOfAppServer) report.observe(payload as AppServerPayload);
    }),
  );
  return () => report.read().summary;
}

/** @throws Refusal that names what is wrong. */
function checkedOrder(body: object): PlaybackOrder {
  const { begin, isPlaying, speed, position } = body as PlaybackOrder;
  const isAmount = (value: unknown) => typeof value === 'number' && value >= 0 && value < Infinity;
  check(begin === undefined || Number.isInteger(begin), 'begin', 'the number of a run');
  check(isPlaying === undefined || typeof isPlaying === 'boolean', 'isPlaying', 'true or false');
  check(speed === undefined || (isAmount(speed) && speed > 0), 'speed', 'a number above 0');
  check(position === undefined || isAmount(position), 'position', 'a number, 0 or more');
  return { begin, isPlaying, speed, position } as PlaybackOrder;
}

function check(isRight: boolean, name: string, what: string): void {
  if (!isRight) throw new Refusal(400, 'invalid_request', `"${name}" must be ${what}`);
}
