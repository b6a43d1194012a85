import { filter, Observable, pairwise, Subject, Subscription, take, timer } from 'rxjs';
import { excerptOf } from '../envelope/envelope-error.js';
import { EnvelopeError, type Envelope } from '../envelope/index.js';
import { createRouter, type StreamContext, type StreamRouter } from '../router/index.js';
import {
  ConnectionError,
  createConnection,
  createTurns,
  type ConnectionStatus,
  type LinkFault,
} from '../socket/index.js';
import type { ConnectionSettings } from '../socket/connection.js';
import type { CodexStream, Gap, MalformedFrame } from './codex-stream.js';

/** What a source has of its own: how it is reached, and how its frames read. */
export interface Dialect {
  /** The thread that the connection is filtered to, or `null`. */
  threadId(): string | null;
  /**
   * Reads a text frame: an event, or `null` for a frame that is none. Calls `ready` when the frame
   * says that the server is.
   *
   * @throws EnvelopeError for a frame that cannot be read.
   */
  read(text: string, ready: () => void): Envelope | null;
}

export interface StreamSettings extends Omit<ConnectionSettings, 'turns'> {
  readonly router: StreamRouter | undefined;
  readonly signal: AbortSignal | undefined;
  /** How long to stay connected after the last subscriber has left, in milliseconds. */
  readonly linger: number;
}

/** What both sources are made of: a connection, a router, and the lifetime of the two. */
export function createStream(dialect: Dialect, settings: StreamSettings): CodexStream {
  const { router = createRouter(), signal, linger } = settings;
  const dispatcher: { dispatch(event: Envelope, context: StreamContext): unknown } = router;
  const events = new Subject<Envelope>();
  const malformed = new Subject<MalformedFrame>();
  const gaps = new Subject<Gap>();
  const turns = createTurns();
  /** Ends when the stream is closed. */
  const lifetime = new Subscription();
  let subscribers = 0;
  let held = false;
  let lingering = Subscription.EMPTY;
  let closing: Promise<void> | null = null;
  let last: Envelope | null = null;
  let lastAt = 0;
  /** What had been heard when the stream was last ready, `null` if it never was. */
  let before: Pick<Gap, 'since' | 'last'> | null = null;

  const connection = createConnection(
    { ...settings, turns },
    {
      text(text, bytes, number, receivedAt) {
        let event: Envelope | null = null;
        try {
          event = dialect.read(text, ready);
        } catch (error) {
          const { reason, message, excerpt } = asEnvelopeError(error, text);
          tell({ reason, message, excerpt, bytes, connection: number, receivedAt });
        }
        lastAt = receivedAt;
        if (event === null) return;
        last = event;
        turns(() => {
          emit(event, contextOf(number, receivedAt));
        });
      },
      fault(reason, bytes, excerpt, number, receivedAt) {
        lastAt = receivedAt;
        const message = faults[reason];
        tell({
          reason,
          message,
          excerpt: excerptOf(excerpt),
          bytes,
          connection: number,
          receivedAt,
        });
      },
    },
  );

  const contextOf = (number: number, receivedAt: number): StreamContext => ({
    threadId: dialect.threadId(),
    connection: number,
    reconnects: Math.max(0, number - 1),
    receivedAt,
  });

  function emit(event: Envelope, context: StreamContext): void {
    try {
      const result = dispatcher.dispatch(event, context);
      // A router of the user's own may be async by mistake; its rejection must not end a process.
      if (result !== undefined) void Promise.resolve(result).catch(reportRouter);
    } catch (error) {
      reportRouter(error);
    }
    events.next(event);
  }

  function tell(frame: MalformedFrame): void {
    turns(() => {
      malformed.next(frame);
    });
  }

  function ready(): void {
    const resumes = before;
    connection.ready((connection, readyAt) => {
      // Announced before the first event of the new connection.
      if (resumes === null) return;
      gaps.next({ connection, ...resumes, duration: readyAt - resumes.since });
    });
  }

  function release(): void {
    subscribers--;
    if (subscribers > 0 || held) return;
    lingering = timer(linger).subscribe(() => {
      connection.rest();
    });
    lifetime.add(lingering);
  }

  function close(reason: 'closed' | 'aborted'): Promise<void> {
    if (closing === null) {
      let gone!: () => void;
      // Before the connection is closed: whoever is told of that may call close() too.
      closing = new Promise((resolve) => (gone = resolve));
      connection.close(reason, gone);
    }
    return closing;
  }

  connection.status$.pipe(pairwise()).subscribe({
    next([was, is]) {
      if (isReady(was) && !isReady(is)) before = { since: lastAt, last };
    },
    complete() {
      signal?.removeEventListener('abort', abort);
      events.complete();
      malformed.complete();
      gaps.complete();
      lifetime.unsubscribe();
    },
  });

  const abort = () => void close('aborted');
  if (signal?.aborted) abort();
  else signal?.addEventListener('abort', abort);

  const stream: CodexStream = {
    events$: new Observable((subscriber) => {
      subscribers++;
      lingering.unsubscribe();
      events.subscribe(subscriber);
      subscriber.add(release);
      connection.open();
    }),
    status$: connection.status$,
    malformed$: malformed.asObservable(),
    gaps$: gaps.asObservable(),
    router,
    on: router.on.bind(router),
    connect() {
      held = true;
      lingering.unsubscribe();
      const ready = new Promise<void>((resolve, reject) => {
        connection.status$.pipe(filter(isSettled), take(1)).subscribe((status) => {
          if (status.state !== 'closed') resolve();
          else reject(status.error ?? closedBefore(status.reason));
        });
      });
      // Whoever does not await this is told by status$, and not by an unhandledRejection.
      ready.catch(() => undefined);
      connection.open();
      return ready;
    },
    close: () => close('closed'),
    [Symbol.asyncDispose]: () => close('closed'),
  };
  return stream;
}

const faults: Record<LinkFault, string> = {
  binary: 'The frame is binary, and events are text.',
  'too-large': 'The frame is larger than "maxFrameBytes" allows.',
};

const asEnvelopeError = (error: unknown, text: string): EnvelopeError =>
  error instanceof EnvelopeError
    ? error
    : new EnvelopeError('not-an-object', text, { cause: error });

const isReady = (status: ConnectionStatus): boolean =>
  status.state === 'open' && status.phase === 'ready';

const isSettled = (status: ConnectionStatus): boolean =>
  status.state === 'closed' || isReady(status);

const closedBefore = (reason: string): ConnectionError =>
  new ConnectionError('lost', `The stream was ${reason} before it was ready.`, true);

function reportRouter(error: unknown): void {
  console.error('The router failed in dispatch, which must never throw:', error);
}
