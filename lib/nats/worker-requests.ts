import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection, Subscription as NatsSubscription } from '@nats-io/nats-core';
import { createBoundedMap } from '../bounded/index.js';
import { parseEnvelope, type Envelope } from '../envelope/index.js';
import {
  createConcern,
  createRequests,
  identityOf,
  isWeak,
  type Evidence,
  type Announced,
  type ServerRequests,
  type Settlement,
} from '../requests/index.js';
import { answerPort } from './answer-port.js';
import { bodyOf } from './body.js';
import { createClaims, type Claim } from './claims.js';
import type { ConsumerSettings } from './consumer-options.js';
import { header, textOf } from './message.js';
import type { AnswerReply } from './publisher-requests.js';
import type { Shared } from './setup.js';

/** The requests of a worker: those that it has claimed, each worked by one worker of the group. */
export interface WorkerRequests {
  readonly requests: ServerRequests;
  /** Learns from an event of a partition. */
  observe(event: Envelope, encodedKey: string): void;
  /** A request has come on the consumer of requests. */
  readonly receive: (message: JsMsg) => void;
  opened(shared: Shared): void;
  close(): void;
}

/**
 * How long to wait before a request is looked at again, in ms, after how many deliveries. One that
 * the publisher does not know for so long is given up.
 */
const pauses = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

/** The longest of them where a leader may come back, or a claim end, at any moment. */
const longestUntilAChange = 2_000;

export function createWorkerRequests(
  nc: NatsConnection,
  settings: ConsumerSettings,
  shared: () => Shared,
): WorkerRequests {
  const { names, ackWait, overdueAfter } = settings;
  /** The keys of requests in the stream, by their identities. */
  const keys = createBoundedMap<string, string>(10_000);
  const port = answerPort(nc, names, (event) => keys.get(identityOf(event)) ?? null);
  const registry = createRequests(port, overdueAfter);
  /** For answers to events that were routed here, and whose requests another worker has. */
  const routed = createRequests(port, overdueAfter);
  const claims = createClaims(settings, shared);
  const concerns = createConcern();
  const held = new Map<
    string,
    { readonly claim: Claim; message: JsMsg; readonly event: Envelope }
  >();
  /** With which delivery a publisher that leads did not know a request any more, by its key. */
  const unknownFrom = createBoundedMap<string, number>(1_000);
  let announcements: NatsSubscription | null = null;

  async function receive(message: JsMsg): Promise<void> {
    const key = decodeURIComponent(message.headers?.get(header.request) ?? '');
    const known = held.get(key);
    if (known) {
      // A copy of what is under way here, or the same once more: one of them is enough.
      if (known.message.seq === message.seq) known.message = message;
      message.nak(ackWait / 3);
      return;
    }
    const event = parseEnvelope(await bodyOf(message, shared(), names));
    const { deliveryCount } = message.info;
    const postpone = (): void => {
      message.nak(Math.min(pauses[deliveryCount - 1] ?? Infinity, longestUntilAChange));
    };
    const state = await port.ask(key);
    if (state !== 'unknown') unknownFrom.delete(key);
    if (state === 'settled') message.ack();
    else if (state === 'away') postpone();
    else if (state === 'unknown') {
      const from = Math.min(unknownFrom.get(key) ?? deliveryCount, deliveryCount);
      unknownFrom.set(key, from);
      const pause = pauses[deliveryCount - from];
      if (pause === undefined) message.ack();
      else message.nak(pause);
    } else {
      const claim = await claims.claim(key);
      if (claim === 'done') message.ack();
      else if (claim === 'taken') postpone();
      else open(key, event, message, claim);
    }
  }

  function open(key: string, event: Envelope, message: JsMsg, claim: Claim): void {
    const identity = identityOf(event);
    // A bare id that means another request now.
    if (isWeak(identity) && keys.get(identity) !== key) registry.replaced(event);
    keys.set(identity, key);
    held.set(key, { claim, message, event });
    claim.keep(() => held.get(key)?.message.working());
    registry.open(event);
    // It has ended here before: it comes once more.
    if (!pendingIdentities.has(identity)) release(key, true);
  }

  let pendingIdentities = new Set<string>();
  registry.requests.pending$.subscribe((pending) => {
    pendingIdentities = new Set(pending.map(({ event }) => identityOf(event)));
  });

  function release(key: string, isDone: boolean): void {
    const entry = held.get(key);
    if (!entry) return;
    held.delete(key);
    void entry.claim.release(isDone).then(
      () => {
        if (isDone) entry.message.ack();
        else entry.message.nak();
      },
      () => {
        entry.message.nak();
      },
    );
  }

  registry.requests.settled$.subscribe(({ request, cause }) => {
    const key = keys.get(identityOf(request.event));
    // The end of this worker says nothing of the request.
    if (key !== undefined) release(key, cause !== 'closed');
  });

  function announced(reply: AnswerReply): void {
    const event = held.get(reply.key)?.event;
    if (!event || !('outcome' in reply)) return;
    const identity = identityOf(event);
    const isIt = (request: Announced) => identityOf(request.event) === identity;
    registry.concludeAll(event.threadId, evidenceOf(reply), isIt);
  }

  return {
    requests: {
      ...registry.requests,
      answer: (request: never, answer: never, note: never) =>
        owner(request).requests.answer(request, answer, note),
      refuse: (request, error, note) => owner(request).requests.refuse(request, error, note),
      refresh: () => Promise.resolve(false),
    },
    receive(message) {
      receive(message).catch(() => {
        message.nak(1_000);
      });
    },
    observe(event, encodedKey) {
      if (encodedKey !== '') keys.set(identityOf(event), decodeURIComponent(encodedKey));
      // Requests come on their own consumer.
      else if (concerns(event.type)) registry.observe(event);
    },
    opened() {
      announcements?.unsubscribe();
      announcements = nc.subscribe(names.settled, {
        callback(error, { data }) {
          if (!error) announced(JSON.parse(textOf(data)) as AnswerReply);
        },
      });
    },
    close() {
      announcements?.unsubscribe();
      registry.close();
      routed.close();
    },
  };

  /** The registry that has a request; of an event that none has, the one that answers by events. */
  function owner(request: { readonly key: string } | Envelope): typeof registry {
    if ('key' in request) return registry;
    if (pendingIdentities.has(identityOf(request)) || registry.isServed(request)) return registry;
    routed.open(request);
    return routed;
  }
}

/** What the publisher's settlement says to a worker that has not answered. */
function evidenceOf({ outcome, cause }: Pick<Settlement, 'outcome' | 'cause'>): Evidence {
  if (outcome === 'failed') return { cause: 'refused', answeredBy: 'nobody' };
  if (outcome === 'expired') return { cause, answeredBy: 'nobody' };
  if (outcome === 'lost') return { cause, answeredBy: 'unknown' };
  return { cause };
}
