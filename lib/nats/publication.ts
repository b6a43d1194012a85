import type { NatsConnection } from '@nats-io/nats-core';
import { asapScheduler, filter, map, mergeMap, noop, observeOn, Subscription, timer } from 'rxjs';
import { now } from '../async/index.js';
import type { ConnectionStatus } from '../socket/index.js';
import type { CodexStream } from '../stream/index.js';
import { messageOf, writeLog } from '../text/index.js';
import { createAppender } from './appender.js';
import { createChain, type Linked } from './chain.js';
import { connectedOf, flushed } from './connected.js';
import { leaseOf, type Lease } from './lease.js';
import { createOutbox, type Outbox } from './outbox.js';
import { pause } from './pause.js';
import { findPlace, type Place } from './place.js';
import type { PublisherSettings } from './publisher-options.js';
import { publisherRequests } from './publisher-requests.js';
import type { PublisherStatus } from './publisher-status.js';
import { createRing, ringBounds } from './ring.js';
import type { SharedByPublishers } from './setup.js';
import { writeSourceStatus } from './source-status.js';
import { doesStandbyHave, serveAsStandby } from './standbys.js';
import type { Names } from './subjects.js';
import { wireTo } from './wire.js';

/** Follows a stream, and publishes it under the terms for which this process leads. */
export interface Publication {
  start(shared: SharedByPublishers): void;
  /** Takes no more events. */
  detach(): void;
  readonly isIdle: () => boolean;
  /** What waits and was dropped, now. */
  readonly counts: () => Partial<PublisherStatus>;
  /** Gives up the lead. */
  release(): Promise<void>;
  readonly lifetime: Subscription;
}

export function createPublication(
  nc: NatsConnection,
  stream: CodexStream,
  names: Names,
  settings: PublisherSettings,
  report: (change: Partial<PublisherStatus>) => void,
): Publication {
  const { partitions, seed, ttl, log } = settings;
  const id = globalThis.crypto.randomUUID();
  const lifetime = new Subscription();
  const source = new Subscription();
  const chain = createChain(JSON.stringify([partitions, seed]));
  const ring = createRing(ringBounds(ttl));
  const requests = publisherRequests(nc, names, id, stream.requests);
  /** The terms under which this process has led. */
  const terms = new Set([0]);
  let leasing = Subscription.EMPTY;
  let leading = Subscription.EMPTY;
  let standingBy = Subscription.EMPTY;
  let shared: SharedByPublishers | null = null;
  let term = 0;
  /** Whether events go to the outbox: they do while it is not known that another one leads. */
  let isPublishing = false;
  let hasStoodBy = false;
  let takeovers = 0;
  let giveUp: () => void = noop;
  let sourceState: ConnectionStatus = { state: 'idle' };
  let lastSeq = 0;
  let failure: Error | null = null;

  const outbox: Outbox = createOutbox(
    {
      connected$: connectedOf(nc),
      publish: (message, expected) => wire().publish(message, expected),
      position: () => wire().position(),
    },
    settings.outbox,
    {
      stored(_, seq) {
        if (seq > 0) lastSeq = seq;
        failure = null;
      },
      fenced: standBy,
      displaced() {
        void takeOver(term);
      },
      failed(cause) {
        failure = cause instanceof Error ? cause : new Error(messageOf(cause));
      },
    },
  );
  const wire = () => wireTo(nc, shared as SharedByPublishers, names);
  const maxPayload = () => nc.info?.max_payload ?? 2 ** 20;
  const appender = createAppender(outbox, names, partitions, chain.last, maxPayload);

  const counts = (): Partial<PublisherStatus> => {
    const { queued, inFlight } = outbox.state();
    return { queued, inFlight, ...appender.counts, lastSeq, error: failure };
  };

  const append = (linked: Linked): void => {
    appender.append(linked, requests.keyOf(linked));
  };

  function standBy(): void {
    takeovers++;
    leading.unsubscribe();
    outbox.stop();
    isPublishing = false;
    hasStoodBy = true;
    if (!settings.standby) ring.clear();
    if (standingBy.closed) {
      standingBy = serveAsStandby(nc, names, (place) => ring.behind(place) !== null);
    }
    report({ role: 'standby', ...counts() });
  }

  function leaseChanged(lease: Lease): void {
    if (lease.holder === 'other') standBy();
    else if (lease.holder === 'me') {
      giveUp = lease.giveUp;
      void takeOver(lease.term);
    } else {
      // Perhaps NATS is away: what waits is kept until it is known that another one leads.
      takeovers++;
      leading.unsubscribe();
      outbox.pause();
      if (terms.has(term) && term > 0) report({ role: 'standby' });
    }
  }

  async function takeOver(newTerm: number): Promise<void> {
    const { jsm } = shared as SharedByPublishers;
    const number = ++takeovers;
    leading.unsubscribe();
    standingBy.unsubscribe();
    outbox.pause();
    term = newTerm;
    for (let attempt = 1; number === takeovers; attempt++) {
      try {
        const place = await findPlace(wire(), jsm, names);
        if (number !== takeovers) return;
        appender.resume(place.gaps);
        const isMine = isPublishing && terms.has(place.term);
        const isLost = !isMine && place.storedAt !== null && ring.behind(place.chain) === null;
        const isLeft = isLost && (await doesStandbyHave(nc, names, place.chain));
        if (number !== takeovers) return;
        if (isLeft) giveUp();
        else begin(place, isMine);
        return;
      } catch (error) {
        if (attempt === 1) writeLog(log, `taking over failed: ${messageOf(error)}`, error);
        await pause(Math.min(100 * attempt, 2_000));
      }
    }
  }

  function begin({ last, chain, storedAt }: Place, isMine: boolean): void {
    if (isMine) outbox.start(term, last);
    else {
      outbox.stop();
      outbox.start(term, last);
      // An empty stream misses nothing of what this process has heard.
      const behind = storedAt === null ? ring.all() : ring.behind(chain);
      if (behind === null) {
        const since = storedAt as number;
        appender.gap({ reason: 'takeover', since, duration: Math.max(0, now() - since) });
        for (const { event } of requests.open()) append({ event, chain: null, size: 0 });
      }
      for (const linked of behind ?? []) append(linked);
    }
    isPublishing = true;
    terms.add(term);
    leading = new Subscription();
    leading.add(requests.serve());
    leading.add(timer(0, ttl / 3).subscribe(() => void writeStatus()));
    report({ role: 'leader', term, ...counts() });
  }

  const writeStatus = (state?: 'stopped') => writeSourceStatus(shared, sourceState, term, state);

  source.add(
    stream.status$.subscribe((next) => {
      sourceState = next;
      if (!leading.closed) void writeStatus();
    }),
  );
  source.add(
    stream.gaps$
      .pipe(
        mergeMap(({ since, duration, recovery$ }) => {
          chain.reset();
          ring.clear();
          const gap = isPublishing ? appender.gap({ reason: 'source', since, duration }) : 0;
          return recovery$.pipe(map((recovery) => ({ gap, recovery })));
        }),
      )
      .subscribe(({ gap, recovery }) => {
        if (gap > 0 && isPublishing) appender.recovered(gap, recovery);
      }),
  );
  source.add(
    stream.requests.opened$
      .pipe(
        observeOn(asapScheduler),
        // On no event: a list of pending ones has brought it.
        filter((request) => isPublishing && !requests.isKnown(request)),
      )
      .subscribe(({ event }) => {
        append({ event, chain: null, size: 0 });
      }),
  );
  // Last: what the stream announces before an event has been heard then.
  source.add(
    stream.events$.subscribe((event) => {
      const linked = chain.add(event);
      // A standby has to know the keys too.
      requests.keyOf(linked);
      if (settings.standby || !hasStoodBy) ring.push(linked);
      if (isPublishing) append(linked);
    }),
  );
  lifetime.add(source);
  lifetime.add(requests.lifetime);
  lifetime.add(() => {
    leasing.unsubscribe();
    leading.unsubscribe();
    standingBy.unsubscribe();
    outbox.stop();
  });

  return {
    lifetime,
    start(opened) {
      shared = opened;
      const place = { bucket: opened.lead, key: 'leader', id, ttl, connected$: connectedOf(nc) };
      leasing = leaseOf(place).subscribe(leaseChanged);
    },
    detach() {
      source.unsubscribe();
    },
    counts,
    isIdle: () => !isPublishing || outbox.state().queued === 0 || nc.isClosed(),
    async release() {
      const isGone = nc.isClosed() || nc.info === undefined;
      if (!leading.closed && !isGone) await writeStatus('stopped');
      leasing.unsubscribe();
      if (isGone) return;
      // Lets the release be sent before the caller closes its connection.
      await flushed(nc);
    },
  };
}
