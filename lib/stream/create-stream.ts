import { Subject, Subscription, timer, type Observable } from 'rxjs';
import { abortOf, createSerializer, now } from '../async/index.js';
import { EnvelopeError, type Envelope } from '../envelope/index.js';
import type { Recovery } from '../requests/index.js';
import { createRouter, type StreamContext, type StreamRouter } from '../router/index.js';
import { createConnection } from '../socket/index.js';
import type { ConnectionSettings } from '../socket/connection-contract.js';
import { isHeard, messageOf, writeLog, type StreamLog } from '../text/index.js';
import type { EventStream, Gap, MalformedFrame } from './codex-stream.js';
import type { Dialect, ConnectionControl } from './dialect.js';
import { createContexts } from './contexts.js';
import { createFrameQueue } from './frame-queue.js';
import { interestFilter, withFilter } from './interest-filter.js';
import { createListeners } from './listeners.js';
import { connectTimeoutOf, whenReady } from './readiness.js';
import { createFailureLog } from './failure-log.js';
import { asFault } from './frame-fault.js';
import { routeMetrics } from './route-metrics.js';
import { announceGap, type Resync } from './resync.js';

export interface StreamSettings extends Omit<ConnectionSettings, 'turns'> {
  readonly router: StreamRouter | undefined;
  readonly signal: AbortSignal | undefined;
  /** How long to stay connected after the last subscriber has left, in milliseconds. */
  readonly linger: number;
  readonly resync: Resync | null;
  readonly log: StreamLog | false;
  /** What the server sent by REST and cannot be read, and its size in bytes. */
  readonly unreadable$?: Observable<readonly [error: EnvelopeError, bytes: number]>;
}

/** What both sources are made of: a connection, a router, and the lifetime of the two. */
export function createStream(dialect: Dialect, settings: StreamSettings): EventStream {
  const { router = createRouter(), signal, linger, resync } = settings;
  // Not that of another stream which has the same router.
  if ('log' in router) router.log ??= settings.log;
  const dispatcher: { dispatch(event: Envelope, context: StreamContext): unknown } = router;
  const events = new Subject<Envelope>();
  const malformed = new Subject<MalformedFrame>();
  const gaps = new Subject<Gap>();
  const turns = createSerializer();
  const { log } = settings;
  const logged = new Set<string>();
  const failures = createFailureLog(log);
  /** Ends when the stream is closed. */
  const lifetime = new Subscription();
  let subscribers = 0;
  let held = false;
  let lingering = Subscription.EMPTY;
  let last: Envelope | null = null;
  /** The connection that is ready, or was last, and when it was last heard. */
  let current = 0;
  let lastAt = 0;
  const counts = { received: 0, bytes: 0, parsed: 0, ignored: 0, malformed: 0, dispatched: 0 };

  const frames = createFrameQueue((text, bytes, number, receivedAt) => {
    receive(bytes);
    let event: Envelope | null = null;
    try {
      event = dialect.read(text, peer);
      counts.parsed++;
    } catch (error) {
      reportMalformed(asFault(error, text), bytes, number, receivedAt);
    }
    if (number === current) lastAt = receivedAt;
    if (event === null) return;
    last = event;
    unrouted?.eventRead();
    const context = contextOf(number, receivedAt);
    const more = dialect.context?.();
    turns(emit, event, more ? { ...context, ...more } : context);
  });

  const contextOf = createContexts(() => dialect.threadId());
  const listeners = createListeners(events, keepOpen);
  const unrouted = interestFilter(
    dialect.unrouted,
    router.interest,
    listeners.keys,
    // A frame that is not dispatched at once may be wanted then.
    () => turns.isBusy() || frames.isBusy(),
  );

  const connection = createConnection(
    { ...settings, request: withFilter(settings.request, unrouted), turns },
    {
      opened() {
        dialect.opened?.(peer);
      },
      text: frames.push,
      ignored(bytes, number, receivedAt) {
        receive(bytes);
        counts.ignored++;
        if (number === current) lastAt = receivedAt;
      },
      fault(reason, bytes, excerpt, number, receivedAt) {
        receive(bytes);
        if (number === current) lastAt = receivedAt;
        reportMalformed(new EnvelopeError(reason, excerpt), bytes, number, receivedAt);
      },
    },
  );

  const peer: ConnectionControl = {
    ready,
    send: (text) => connection.send(text),
    gap(facts, recovery$) {
      turns(announce, { connection: current, last, ...facts }, recovery$);
    },
    malformed(error, bytes) {
      reportMalformed(error, bytes, current, now());
    },
    fail(error) {
      connection.fail(error);
    },
    yield() {
      frames.yield();
    },
  };

  function receive(bytes: number): void {
    counts.received++;
    counts.bytes += bytes;
  }

  function emit(event: Envelope, context: StreamContext): void {
    counts.dispatched++;
    try {
      const result = dispatcher.dispatch(event, context);
      // A router of the user's own may be async by mistake; its rejection must not end a process.
      if (result !== undefined) void Promise.resolve(result).catch(reportRouter);
    } catch (error) {
      reportRouter(error);
    }
    if (events.observed) events.next(event);
  }

  function reportRouter(error: unknown): void {
    writeLog(log, `dispatch failed: ${messageOf(error)}`, error);
  }

  function reportMalformed(
    error: EnvelopeError,
    bytes: number,
    connection: number,
    receivedAt: number,
  ): void {
    const { kind: reason, message, excerpt } = error;
    counts.malformed++;
    turns(() => {
      if (!isHeard(malformed) && !logged.has(reason)) {
        logged.add(reason);
        writeLog(log, message);
      }
      malformed.next({ reason, message, excerpt, bytes, connection, receivedAt });
    });
  }

  function ready(): void {
    const [isBack, since, before] = [current > 0, lastAt, unrouted?.lastDropped() ?? last];
    connection.ready((number, readyAt) => {
      current = number;
      // Announced before the first event of the new connection.
      if (!isBack) return;
      const replay = dialect.replay?.() ?? null;
      const facts = { connection: number, since, duration: readyAt - since, last: before, replay };
      announce(facts);
    });
  }

  function announce(facts: Omit<Gap, 'recovery$'>, recovery$?: Observable<Recovery>): void {
    if (recovery$) gaps.next({ ...facts, recovery$ });
    else announceGap(facts, resync, connection.status$, gaps);
  }

  function keepOpen(): Subscription {
    subscribers++;
    lingering.unsubscribe();
    connection.open();
    return new Subscription(release);
  }

  function release(): void {
    subscribers--;
    if (subscribers > 0 || held) return;
    lingering = timer(linger).subscribe(() => {
      connection.rest();
    });
    lifetime.add(lingering);
  }

  connection.status$.subscribe({
    next(status) {
      failures.observe(status);
      // What came before the end of a connection counts, unless the stream was closed.
      if (status.state === 'waiting' || (status.state === 'closed' && status.error)) frames.flush();
      else if (status.state !== 'open') frames.clear();
    },
    complete() {
      for (const subject of [events, malformed, gaps]) subject.complete();
      lifetime.unsubscribe();
    },
  });

  lifetime.add(
    settings.unreadable$?.subscribe(([error, bytes]) => {
      reportMalformed(error, bytes, current, now());
    }),
  );

  const abort = () => void connection.close('aborted');
  if (signal) lifetime.add(abortOf(signal).subscribe(abort));

  return {
    events$: listeners.events$,
    status$: connection.status$,
    malformed$: malformed.asObservable(),
    gaps$: gaps.asObservable(),
    router,
    on: router.on.bind(router),
    keepOpen,
    metrics: () => ({
      ...counts,
      ...routeMetrics(router.routes),
      ...(unrouted && { allWantedBy: unrouted.causes() }),
    }),
    connect(options = {}) {
      const timeout = connectTimeoutOf(options);
      held = true;
      lingering.unsubscribe();
      const ready = whenReady(connection.status$, timeout, failures.last);
      // A caller that does not await this has status$, and gets no unhandledRejection.
      ready.catch(() => undefined);
      connection.open();
      return ready;
    },
    close: () => connection.close('closed'),
    [Symbol.asyncDispose]: () => connection.close('closed'),
  };
}
