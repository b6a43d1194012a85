import {
  DiscardPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/nats-core';
import { filter, firstValueFrom, merge, Subject, Subscription, timer } from 'rxjs';
import type { Log, LogEntry } from '../gateway/index.js';
import { messageOf as causeOf, writeLog } from '../text/index.js';
import { connectedOf, flushed } from './connected.js';
import { entryOf, messageOf, placeholder, type LogMessage } from './log-entries.js';
import { logSettings, type JetStreamLogOptions, type LogSettings } from './log-options.js';
import { createLogTail } from './log-tail.js';
import { NatsError } from './nats-error.js';
import { createOutbox } from './outbox.js';
import { inParts } from './parts.js';
import { pause } from './pause.js';
import { ensureStream } from './setup.js';
import { sha256 } from './sha256.js';
import { wireTo } from './wire.js';

/** A log of the events of one source that outlives the process: `feedLog` writes it. */
export interface JetStreamLog extends Log {
  /** Messages that wait for the server, and records that were dropped, now. */
  readonly counts: { readonly queued: number; readonly dropped: number };
  /**
   * Resolves when the log takes no more records: it was closed, or another process has opened it or
   * the stream was made anew (`replaced`). `appended$` completes then: a gateway cuts clients off.
   */
  readonly ended: Promise<'replaced' | 'closed'>;
  /** Stores what waits, for 10 s at most. The connection stays open. */
  close(): Promise<void>;
}

/** How often it is looked what the server has removed, in ms. */
const removalInterval = 10_000;

/** How long `close` waits until what is queued is stored, in ms. */
const closeTimeout = 10_000;

/** How many messages are asked for at once. */
const maxReads = 64;

/** How often a log is opened in vain while others open it too, or write. */
const maxAttempts = 20;

const wrongSequence = 10071;

/**
 * Opens a log that is stored in NATS JetStream: when the process of a gateway is back, its clients
 * get what they missed, by the same numbers. One process writes a log: the last one that has opened
 * it. Rejects with a `NatsError` if the server cannot be reached or refuses it.
 *
 * What the server has not stored yet has no number, and no client sees it.
 *
 * @example
 * const log = await jetStreamLog(nc, { tenant: 'acme' });
 * const gateway = await serveGateway(feedLog(stream, log));
 *
 * @throws TypeError that names the option that is wrong. The promise rejects with it.
 */
export async function jetStreamLog(
  nc: NatsConnection,
  options: JetStreamLogOptions,
): Promise<JetStreamLog> {
  const settings = logSettings(options);
  const { names } = settings;
  try {
    const jsm = await jetstreamManager(nc);
    await ensureStream(jsm, streamOf(settings));
    const { created } = await jsm.streams.info(names.stream);
    // Numbers begin anew in a stream that was made anew.
    return await openLog(nc, jsm, settings, sha256(`${names.stream} ${created}`).slice(0, 12));
  } catch (cause) {
    if (cause instanceof NatsError) throw cause;
    const message = `${names.stream} could not be opened: ${causeOf(cause)}`;
    throw new NatsError('setup', message, { cause });
  }
}

const streamOf = ({ names, maxAge, maxBytes, replicas }: LogSettings) => ({
  name: names.stream,
  subjects: [names.all],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.Old,
  num_replicas: replicas,
  allow_direct: true,
  max_age: nanos(maxAge),
  max_bytes: maxBytes,
  duplicate_window: nanos(Math.min(120_000, maxAge)),
});

async function openLog(
  nc: NatsConnection,
  jsm: JetStreamManager,
  settings: LogSettings,
  epoch: string,
): Promise<JetStreamLog> {
  const { names } = settings;
  const wire = wireTo(nc, { js: jetstream(nc), jsm }, names);
  const connected$ = connectedOf(nc);
  const appended = new Subject<void>();
  const resumed = new Subject<void>();
  const lifetime = new Subscription();
  const tail = createLogTail();
  // The first message of a stream opens it, so entry n is its message n + 1.
  let [first, last, term] = [1, 0, 0];
  let dropped = 0;
  let isDropping = false;
  let end: (why: 'replaced' | 'closed') => void = () => undefined;
  const ended = new Promise<'replaced' | 'closed'>((resolve) => {
    end = resolve;
  });

  const outbox = createOutbox<LogMessage>(wire, settings.outbox, {
    stored({ record }) {
      last++;
      tail.push(record ? { ...record, seq: last } : placeholder(last));
      // Not sooner, since the gap takes room too.
      if (isDropping && outbox.state().queued <= settings.outbox.bound / 2) {
        isDropping = false;
        resumed.next();
      }
      appended.next();
    },
    fenced() {
      stop('replaced');
    },
    displaced() {
      announce().catch(() => {
        stop('replaced');
      });
    },
    failed: () => undefined,
  });

  function stop(why: 'replaced' | 'closed'): void {
    if (lifetime.closed) return;
    lifetime.unsubscribe();
    outbox.stop();
    if (why === 'replaced') {
      writeLog(settings.log, `${names.stream} is written by another process from now on.`);
    }
    end(why);
    appended.complete();
    resumed.complete();
  }

  /** Begins to write: who has written it before is refused from now on. */
  async function announce(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const before = await wire.position();
      // Numbers never go back: the stream was made anew.
      if (before.last < last) throw new NatsError('setup', `${names.stream} was made anew.`);
      const next = before.last + 1;
      const opening = { subject: names.opened, payload: new Uint8Array(), headers: {} };
      const message = { ...opening, durable: true, parts: 0, events: 0, term: next, number: 0 };
      try {
        await wire.publish(message, before.last);
        [term, last] = [next, before.last];
        outbox.start(term, term);
        return;
      } catch (error) {
        const { code } = Object(error) as { code?: unknown };
        if (code !== wrongSequence || attempt === maxAttempts) throw error as Error;
        await pause(10 * attempt);
      }
    }
  }

  async function findFirst(): Promise<void> {
    const { state } = await jsm.streams.info(names.stream);
    first = Math.max(1, first, state.first_seq - 1);
    // While it has nothing to write, a log would not notice that another one writes.
    if (outbox.state().queued > 0 || state.last_seq - 1 <= last) return;
    const { term: newest } = await wire.position();
    if (newest > term) stop('replaced');
  }

  async function load(seq: number): Promise<LogEntry | null> {
    const query = { seq: seq + 1 };
    const direct = await jsm.direct.getMessage(names.stream, query);
    // What answers directly may be a replica that is behind.
    const message = direct ?? (await jsm.streams.getMessage(names.stream, query));
    return message && entryOf(seq, message, jsm, names);
  }

  async function read(from: number, max: number): Promise<readonly LogEntry[]> {
    await firstValueFrom(connected$.pipe(filter(Boolean)), { defaultValue: false });
    const count = Math.min(max, maxReads, last - from + 1);
    const found = await Promise.all(Array.from({ length: count }, (_, at) => load(from + at)));
    if (found.includes(null)) await findFirst();
    if (from < first) return [];
    // In between there is what a thread was forgotten of.
    return found.map((entry, at) => entry ?? placeholder(from + at));
  }

  await announce();
  await findFirst();
  lifetime.add(
    timer(removalInterval, removalInterval).subscribe(() => {
      findFirst().catch(() => undefined);
    }),
  );

  return {
    epoch,
    get first() {
      return Math.min(first, last + 1);
    },
    get last() {
      return last;
    },
    append(record) {
      if (lifetime.closed) return;
      if (isDropping || outbox.isFull()) {
        isDropping = true;
        dropped++;
        return;
      }
      const message = messageOf(record, names);
      const part = message.subject.replace('.entry.', '.part.');
      const maxPayload = nc.info?.max_payload ?? 2 ** 20;
      for (const piece of inParts(message, part, maxPayload)) outbox.push(piece);
    },
    read(from, max) {
      return tail.read(from, max) ?? read(from, max);
    },
    appended$: appended.asObservable(),
    resumed$: resumed.asObservable(),
    get counts() {
      return { queued: outbox.state().queued, dropped };
    },
    ended,
    async close() {
      const isIdle$ = timer(0, 20).pipe(filter(() => outbox.state().queued === 0));
      await firstValueFrom(merge(isIdle$, timer(closeTimeout)), { defaultValue: 0 });
      stop('closed');
      if (nc.info !== undefined) await flushed(nc);
    },
  };
}
