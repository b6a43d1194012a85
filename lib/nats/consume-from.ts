import type { NatsConnection } from '@nats-io/nats-core';
import { filter, firstValueFrom, merge, of, Subject, Subscription, take, timer } from 'rxjs';
import type { Observable } from 'rxjs';
import { parseEnvelope, type Envelope } from '../envelope/index.js';
import { createRouter } from '../router/index.js';
import { createStream, type CodexStream } from '../stream/index.js';
import { writeLog } from '../text/index.js';
import { bodyOf } from './body.js';
import { connectedOf } from './connected.js';
import { consumerSettings, type ConsumerOptions } from './consumer-options.js';
import { createBurials, type DeadLetter } from './dead-letters.js';
import { createLogGaps } from './log-gaps.js';
import { header } from './message.js';
import { Partition, type Delivery } from './partition.js';
import type { Reading, WorkerLag } from './reading.js';
import type { Shared } from './setup.js';
import { sourceUpstream } from './source-status.js';
import { createWorkerRequests } from './worker-requests.js';
import { workerTransport, type WorkerHost } from './worker-transport.js';

/** The events of a publisher, as a worker of a group gets them. */
export interface WorkerStream extends CodexStream {
  /** Events whose handlers failed too often: they are stored apart, and not tried any more. */
  readonly deadLetters$: Observable<DeadLetter>;

  /** How far the group is behind, as the server says. Rejects while there is no connection. */
  lag(): Promise<WorkerLag>;

  /** How many events came again though they were acknowledged: they were not handled again. */
  readonly rewound: number;
}

/**
 * Consumes the events that a publisher stores, as one of the workers of a group. What it returns is
 * a `CodexStream`: routes and requests work as on a stream of `connectManager`. An event is
 * acknowledged when the last route is done with it; until then its partition waits, and so the
 * events of a thread are handled in order, whichever worker gets them. In mode `leased` a worker
 * keeps its partitions, and acknowledges many events at once.
 *
 * The routes of its router have `key: threadId`, so that threads do not wait for each other; a
 * router that you bring has its own defaults.
 *
 * @example
 * const stream = consumeFrom(nc, { tenant: 'acme', group: 'billing' });
 * // An event may come twice: write only if `seq` is greater than what is stored.
 * stream.on(ofAppServer('turn/completed'), (event, { seq }) => save(event, seq));
 * await stream.connect();
 *
 * @throws TypeError that names the option that is wrong.
 */
export function consumeFrom(nc: NatsConnection, options: ConsumerOptions): WorkerStream {
  const settings = consumerSettings(options);
  const { names, retryDelays, onError, ackWait } = settings;
  const { log } = settings.stream;
  const partitions = new Map<number, Partition>();
  const idle = new Subject<void>();
  const getShared = () => shared as Shared;
  const burials = createBurials(nc, settings, getShared);
  const requests = createWorkerRequests(nc, settings, getShared);
  const gaps = createLogGaps();
  let shared: Shared | null = null;
  let reading: Reading | null = null;
  let hand: (text: string, bytes: number) => void = () => undefined;
  let watching = Subscription.EMPTY;
  /** What is being read. */
  let current: Delivery | null = null;

  function whenConnected(task: () => void): void {
    connectedOf(nc).pipe(filter(Boolean), take(1)).subscribe(task);
  }

  function read(delivery: Delivery, text: string): void {
    current = delivery;
    try {
      hand(text, delivery.message.data.length);
    } finally {
      current = null;
    }
  }

  function partition(number: number): Partition {
    const known = partitions.get(number);
    if (known) return known;
    const created = new Partition(number, {
      deliver(delivery) {
        const body = bodyOf(delivery.message, getShared(), names);
        if (typeof body !== 'string') {
          return body.then((text) => {
            read(delivery, text);
          });
        }
        read(delivery, body);
        return undefined;
      },
      ackWait,
      retryAfter: (deliveries) => retryDelays[deliveries - 1] ?? null,
      bury: (delivery) => burials.bury(delivery),
      whenConnected,
      onIdle() {
        idle.next();
      },
    });
    partitions.set(number, created);
    return created;
  }

  async function drained(): Promise<void> {
    const all = [...partitions.values()];
    let isConnected = false;
    connectedOf(nc)
      .pipe(take(1))
      .subscribe((is) => (isConnected = is));
    // Without a connection no event can be stored as a dead letter.
    const isDone = () =>
      all.every(({ isIdle, isHandling }) => (isConnected ? isIdle : !isHandling));
    for (const partition of all) partition.stop();
    const done$ = merge(of(null), idle).pipe(filter(isDone));
    await firstValueFrom(merge(done$, timer(settings.drainTimeout)), { defaultValue: null });
  }

  const stream = createStream(
    {
      threadId: () => null,
      opened(control) {
        gaps.opened(control);
        control.ready();
      },
      read(text) {
        const event = parseEnvelope(text);
        if (gaps.read(event)) return null;
        const key = current?.message.headers?.get(header.request) ?? '';
        if (current) current.taken = true;
        requests.observe(event, key);
        return event;
      },
      context() {
        if (current === null) return {};
        const { seq, redelivered, settled } = current;
        return {
          seq,
          redelivered,
          settled(failed) {
            settled(failed && onError === 'retry');
          },
        };
      },
    },
    {
      ...settings.stream,
      router: settings.stream.router ?? createRouter({ key: threadOf }),
      ping: '',
      openTransport: workerTransport(nc, settings, (events): WorkerHost => {
        hand = (text, bytes) => {
          events.text(text, bytes);
        };
        return {
          opened(found, opened) {
            [shared, reading] = [found, opened];
            requests.opened(found);
            watching.unsubscribe();
            watching = opened.overtaken$.subscribe(() => {
              gaps.overtaken();
            });
            if (opened.difference !== null) writeLog(log, opened.difference);
          },
          event(number, message) {
            partition(number).receive(message);
          },
          request: requests.receive,
          drained,
        };
      }),
      request: () => ({ url: `nats:${names.stream}`, headers: {}, maxFrameBytes: Infinity }),
      upstream$: sourceUpstream(() => shared),
      // What was stored meanwhile comes as ever.
      resync: () => ({ recovered: [], complete: true, error: null, restarted: false }),
    },
  );

  stream.status$.subscribe({
    complete() {
      watching.unsubscribe();
      requests.close();
      burials.complete();
      gaps.close();
    },
  });

  return {
    ...stream,
    requests: requests.requests,
    deadLetters$: burials.letters$,
    lag: async () => (await reading?.lag()) ?? { pending: 0, unacknowledged: 0 },
    get rewound() {
      return [...partitions.values()].reduce((sum, { rewound }) => sum + rewound, 0);
    },
  };
}

/** The thread of an event, or of what operators have made of it. */
const threadOf = (value: unknown): unknown => (Object(value) as Partial<Envelope>).threadId ?? null;
