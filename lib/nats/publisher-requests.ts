import type { NatsConnection } from '@nats-io/nats-core';
import { filter, Subscription, type Observable } from 'rxjs';
import { createBoundedMap } from '../bounded/index.js';
import {
  AnswerError,
  identityOf,
  isWeak,
  type AnswerTo,
  type RequestRefusal,
  type ServerRequest,
  type ServerRequests,
  type Settlement,
} from '../requests/index.js';
import { messageOf } from '../text/index.js';
import type { Linked } from './chain.js';
import { encode, textOf } from './message.js';
import type { Names } from './subjects.js';

/** What a worker sends: an answer, an error, or with neither the question whether it is open. */
export interface AnswerMessage {
  readonly key: string;
  readonly answer?: object;
  readonly refusal?: RequestRefusal;
  readonly by?: string;
}

/** What a publisher replies, and announces of every request. */
export type AnswerReply =
  | { readonly key: string; readonly open: true }
  | {
      readonly key: string;
      readonly outcome: Settlement['outcome'];
      readonly cause: Settlement['cause'];
    }
  | { readonly key: string; readonly fault: AnswerError['kind']; readonly message: string };

/** The requests of a publisher's stream, by keys that every publisher of the source would use. */
export interface PublisherRequests {
  /** The key of the request that an event announces; `null` if it announces none. */
  keyOf(linked: Linked): string | null;
  /** Whether the request has a key. */
  isKnown(request: ServerRequest): boolean;
  /** The requests that are open. */
  readonly open: () => readonly ServerRequest[];
  /** Takes answers, and announces ends, until it is unsubscribed. */
  serve(): Subscription;
  /** Ends with the publisher. */
  readonly lifetime: Subscription;
}

/** How many requests are remembered. */
const maxRemembered = 10_000;

export function publisherRequests(
  nc: NatsConnection,
  names: Names,
  id: string,
  requests: ServerRequests,
): PublisherRequests {
  /** Keys of the registry by keys in the stream, and the other way round. */
  const registryKeys = createBoundedMap<string, string>(maxRemembered);
  const keys = createBoundedMap<string, string>(maxRemembered);
  const replies = createBoundedMap<string, AnswerReply>(maxRemembered);
  const answering = new Map<string, Promise<AnswerReply>>();
  let open: readonly ServerRequest[] = [];
  const lifetime = requests.pending$.subscribe((pending) => {
    open = pending;
  });

  function note(key: string, registryKey: string): string {
    keys.set(registryKey, key);
    registryKeys.set(key, registryKey);
    return key;
  }

  function replyTo(message: AnswerMessage): Promise<AnswerReply> {
    const { key, answer, refusal } = message;
    const known = replies.get(key);
    if (known) return Promise.resolve(known);
    if (!answer && !refusal) return Promise.resolve(stateOf(key));
    const under = answering.get(key);
    if (under) return under;
    const replying = settle(message).finally(() => answering.delete(key));
    answering.set(key, replying);
    return replying;
  }

  function stateOf(key: string): AnswerReply {
    if (requests.get(registryKeys.get(key) ?? key)) return { key, open: true };
    return { key, fault: 'unknown', message: 'No such request is open here.' };
  }

  async function settle({
    key,
    answer,
    refusal,
    by = 'worker',
  }: AnswerMessage): Promise<AnswerReply> {
    const request = requests.get(registryKeys.get(key) ?? key);
    if (!request) return { key, fault: 'unknown', message: 'No such request is open here.' };
    try {
      const settlement = refusal
        ? requests.refuse(request, refusal, { by })
        : requests.answer(request, answer as AnswerTo<ServerRequest>, { by });
      const { outcome, cause } = await settlement;
      return { key, outcome, cause };
    } catch (error) {
      const fault = error instanceof AnswerError ? error.kind : 'unfit';
      return { key, fault, message: messageOf(error) };
    }
  }

  lifetime.add(
    requests.settled$.subscribe(({ request, outcome, cause }) => {
      const key = keys.get(request.key);
      if (key !== undefined) replies.set(key, { key, outcome, cause });
    }),
  );

  return {
    lifetime,
    isKnown: ({ key }) => keys.has(key),
    open: () => open,
    keyOf({ event, chain }) {
      if (event.requestId === null || !event.type.startsWith('app_server.request.')) return null;
      const identity = identityOf(event);
      const request = open.find((candidate) => identityOf(candidate.event) === identity);
      if (!request) return null;
      const known = keys.get(request.key);
      if (known !== undefined) return known;
      // A bare id means another request in the next process: what came before it tells them apart.
      return note(isWeak(identity) ? `${chain ?? id} ${identity}` : identity, request.key);
    },
    serve() {
      const serving = new Subscription();
      const subscription = nc.subscribe(names.answer, {
        callback(error, message) {
          if (error) return;
          const sent = readMessage(message.data);
          if (sent === null) return;
          replyTo(sent)
            .then((reply) => message.respond(encode(reply)))
            // The connection is closed: a worker that hears nothing asks again.
            .catch(() => undefined);
        },
      });
      serving.add(() => {
        subscription.unsubscribe();
      });
      serving.add(
        announced(requests.settled$).subscribe(({ request, outcome, cause }) => {
          const key = keys.get(request.key);
          if (key === undefined || nc.isClosed()) return;
          nc.publish(names.settled, encode({ key, outcome, cause } satisfies AnswerReply));
        }),
      );
      return serving;
    },
  };
}

const announced = (settled$: Observable<Settlement>): Observable<Settlement> =>
  // The end of this process says nothing of the request.
  settled$.pipe(filter(({ cause }) => cause !== 'closed'));

function readMessage(data: Uint8Array): AnswerMessage | null {
  try {
    const { key, answer, refusal, by } = Object(JSON.parse(textOf(data))) as Record<
      string,
      unknown
    >;
    if (typeof key !== 'string') return null;
    return { key, answer, refusal, by: typeof by === 'string' ? by : 'worker' } as AnswerMessage;
  } catch {
    return null;
  }
}
