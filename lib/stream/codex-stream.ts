/// <reference lib="esnext.disposable" preserve="true" />
import type { Observable, Subscription } from 'rxjs';
import type { Envelope, EnvelopeFault } from '../envelope/index.js';
import type { Recovery, ServerRequests } from '../requests/index.js';
import type { StreamRouter } from '../router/index.js';
import type { ConnectionStatus } from '../socket/index.js';
import type { ConnectOptions } from './readiness.js';

/** A frame that could not be read. The stream went on. */
export interface MalformedFrame {
  readonly reason: EnvelopeFault;
  /** What was wrong, in a sentence. */
  readonly message: string;
  /** How the frame begins, 200 characters at most. */
  readonly excerpt: string;
  /** The size of the frame in bytes (in a browser: UTF-16 units). */
  readonly bytes: number;
  /** The number of the connection that brought it. */
  readonly connection: number;
  /** When it came: milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** What a server that numbers its events replays after a gap. */
export interface GapReplay {
  /** How many events follow on `events$`, in order; a stream with a filter gets fewer. */
  readonly events: number;
  /** Whether that is all that was missed. */
  readonly complete: boolean;
  /**
   * Why it is not: the `log` of the server has forgotten the oldest of it; the server has begun
   * another numbering (`epoch`), or has not got that far (`future`); or its own source was away
   * (`source`).
   */
  readonly reason: 'log' | 'epoch' | 'future' | 'source' | null;
}

/**
 * A time for which nothing was heard. Neither codex-manager nor app-server numbers or replays its
 * events, so what happened meanwhile was missed. A gateway does: see `replay`.
 */
export interface Gap {
  /** The number of the connection that ends the gap. */
  readonly connection: number;
  /** When the last frame before it came: milliseconds since the epoch. */
  readonly since: number;
  /** How long it lasted, in milliseconds. */
  readonly duration: number;
  /** The last event before it, if there was one. */
  readonly last: Envelope | null;
  /** What the server replays of it; `null`: this server replays nothing. */
  readonly replay: GapReplay | null;
  /**
   * What the `resync` of the stream has learned of it: one value, then it completes. A late
   * subscriber gets the value too.
   */
  readonly recovery$: Observable<Recovery>;
}

/** What a stream has done so far. Counts never go back. */
export interface StreamMetrics {
  /** Frames that came in. */
  readonly received: number;
  /** Their size, in bytes (in a browser: UTF-16 units). */
  readonly bytes: number;
  /** Frames that were read: events, and what the server says of the connection itself. */
  readonly parsed: number;
  /** Frames that `ignore` dropped unread. */
  readonly ignored: number;
  /** Frames that could not be read, each reported on `malformed$`. */
  readonly malformed: number;
  /** Events that were handed to the router and to the subscribers. */
  readonly dispatched: number;
  /** Events that wait in the queues of the router's routes now. */
  readonly queued: number;
  /** The route whose handler took longest, and how long, in ms: see `RouteStats.slowest`. */
  readonly slowest: { readonly route: string; readonly ms: number } | null;
  /**
   * With `ignore: 'unrouted'`: what wants every event now, so that no frame is dropped: `events$`,
   * `router.unhandled$`, or `route "<name>"`.
   */
  readonly allWantedBy?: readonly string[];
}

/**
 * The events of a Codex agent, from either source. It never errors: failure is data, on `status$`,
 * `malformed$`, `gaps$` and on `errors$` of the router.
 *
 * It connects on `connect()` or with the first subscriber of `events$`. Without `connect()` it
 * disconnects a moment (`linger`) after the last subscriber has left, and connects again with the
 * next.
 */
export interface CodexStream {
  /**
   * Every event, as it comes (hot). The router has seen an event before the subscribers do.
   * Completes when the stream is closed.
   */
  readonly events$: Observable<Envelope>;

  /** The state of the connection: now, and whenever it changes. Completes after `closed`. */
  readonly status$: Observable<ConnectionStatus>;

  /** Frames that could not be read, each with the reason. */
  readonly malformed$: Observable<MalformedFrame>;

  /** One gap for each time that the stream has come back, before its first new event. */
  readonly gaps$: Observable<Gap>;

  /** What runs the handlers: your own, if it was given as an option. */
  readonly router: StreamRouter;

  /** Registers a handler with the router. To miss nothing, register first and then connect. */
  readonly on: StreamRouter['on'];

  /**
   * What the agent asks of its client, and the way to answer. Look at it before you connect:
   * requests of codex-manager are followed from the first look on.
   */
  readonly requests: ServerRequests;

  /** Counters: a snapshot. */
  metrics(): StreamMetrics;

  /**
   * Opens the stream and keeps it open until the result is unsubscribed, as a subscriber of
   * `events$` does, for code that hears its events by routes.
   */
  keepOpen(): Subscription;

  /**
   * Connects, and stays connected until the stream is closed. Resolves when the connection is
   * ready; rejects with a `ConnectionError` if the stream is closed before, or not ready within the
   * `timeout`.
   */
  connect(options?: ConnectOptions): Promise<void>;

  /** Closes the stream for good. Resolves when its socket is closed. */
  close(): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}

/** A stream before its source has given it `requests`. */
export type EventStream = Omit<CodexStream, 'requests'>;
