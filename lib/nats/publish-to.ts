/// <reference lib="esnext.disposable" preserve="true" />
import type { NatsConnection } from '@nats-io/nats-core';
import {
  BehaviorSubject,
  filter,
  firstValueFrom,
  map,
  merge,
  Subscription,
  timer,
  type Observable,
} from 'rxjs';
import { abortOf } from '../async/index.js';
import type { CodexStream } from '../stream/index.js';
import { messageOf, writeLog } from '../text/index.js';
import { NatsError } from './nats-error.js';
import { createPublication } from './publication.js';
import { pause } from './pause.js';
import { publisherSettings, type PublisherOptions } from './publisher-options.js';
import type { PublisherStatus } from './publisher-status.js';
import { openShared } from './setup.js';
import { namesOf } from './subjects.js';

/** Publishes the events of a stream while it leads. Never errors: failure is on `status$`. */
export interface Publisher {
  /** Now, and when the role changes; what is counted twice a second. Completes at the end. */
  readonly status$: Observable<PublisherStatus>;
  readonly status: PublisherStatus;
  /**
   * Resolves when this publisher leads, or waits as a standby; rejects with a `NatsError` if it is
   * stopped before.
   */
  readonly ready: Promise<void>;
  /**
   * Publishes what waits (for 10 s at most) and gives up the lead, which a standby has at once
   * then. The stream stays open.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How often `status$` reports what is counted, in ms. */
const statusInterval = 500;

/** How long `close` waits until what is queued is stored, in ms. */
const closeTimeout = 10_000;

/**
 * Publishes the events of a stream to JetStream, and carries the answers of workers back. Of
 * several publishers of one source (each in its process) one leads; the others wait, and one of
 * them goes on without a gap where the leader has stopped.
 *
 * Subscribes to the stream at once. Reading the stream waits for nothing here.
 *
 * @example
 * const publisher = publishTo(nc, stream, { tenant: 'acme' });
 * await publisher.ready;
 *
 * @throws TypeError that names the option that is wrong.
 */
export function publishTo(
  nc: NatsConnection,
  stream: CodexStream,
  options: PublisherOptions,
): Publisher {
  const settings = publisherSettings(options);
  const { log, signal } = settings;
  const names = namesOf(settings.tenant);
  const initial = {
    role: 'starting',
    term: 0,
    queued: 0,
    inFlight: 0,
    dropped: 0,
    gaps: 0,
  } as const;
  const status = new BehaviorSubject<PublisherStatus>({ ...initial, lastSeq: 0, error: null });
  const lifetime = new Subscription();
  let closing: Promise<void> | null = null;

  const publication = createPublication(nc, stream, names, settings, (change) => {
    if (!status.closed) status.next({ ...status.value, ...change });
  });
  lifetime.add(publication.lifetime);
  lifetime.add(
    timer(statusInterval, statusInterval).subscribe(() => {
      const [before, counts] = [status.value, publication.counts()];
      const isNew = Object.entries(counts).some(([name, is]) => before[name as 'term'] !== is);
      if (isNew && before.role !== 'starting') status.next({ ...before, ...counts });
    }),
  );

  async function start(): Promise<void> {
    for (let attempt = 1; closing === null; attempt++) {
      try {
        const shared = await openShared(nc, names, settings);
        if (!lifetime.closed) publication.start(shared);
        return;
      } catch (cause) {
        const error = cause instanceof Error ? cause : new Error(messageOf(cause));
        status.next({ ...status.value, error });
        const isFinal = error instanceof NatsError && error.kind === 'partitions';
        if (attempt === 1 || isFinal) writeLog(log, error.message, error);
        if (isFinal) {
          stop(error);
          return;
        }
        await pause(Math.min(500 * attempt, 5_000));
      }
    }
  }

  function stop(error: Error | null): void {
    lifetime.unsubscribe();
    if (status.closed) return;
    status.next({ ...status.value, role: 'stopped', error });
    status.complete();
  }

  async function shutDown(): Promise<void> {
    publication.detach();
    const isIdle$ = timer(0, 20).pipe(filter(publication.isIdle));
    await firstValueFrom(merge(isIdle$, timer(closeTimeout)), { defaultValue: 0 });
    await publication.release();
    stop(null);
  }

  const close = (): Promise<void> => (closing ??= shutDown());

  if (signal) lifetime.add(abortOf(signal).subscribe(() => void close()));

  const ready = firstValueFrom(
    status.pipe(
      filter(({ role }) => role !== 'starting'),
      map(({ role, error }) => {
        if (role !== 'stopped') return;
        const message = 'The publisher was closed before it was ready.';
        throw error ?? new NatsError('closed', message);
      }),
    ),
    { defaultValue: undefined },
  );
  // A caller that does not await it has status$.
  ready.catch(() => undefined);
  void start();

  return {
    status$: status.asObservable(),
    get status() {
      const { value } = status;
      return value.role === 'stopped' ? value : { ...value, ...publication.counts() };
    },
    ready,
    close,
    [Symbol.asyncDispose]: close,
  };
}
