import type { NatsConnection } from '@nats-io/nats-core';
import { catchError, defer, of, retry, throwError, timer, type Observable } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import {
  AnswerError,
  type Delivery,
  type RequestPort,
  type Sent,
  type ServerRequest,
} from '../requests/index.js';
import { encode } from './message.js';
import type { AnswerMessage, AnswerReply } from './publisher-requests.js';
import type { Names } from './subjects.js';

/** How long a publisher may take to carry an answer, in ms: then it gets the same key again. */
const replyTimeout = 5_000;

/** How long to wait before an answer is sent again, in ms. */
const [firstPause, longestPause] = [200, 5_000];

/** How often an answer is sent at most. A publisher that is away comes back, or a standby does. */
const attempts = 60;

/** Whether a request is open, as the publisher says; `away`: none leads. */
export type RequestState = 'open' | 'settled' | 'unknown' | 'away';

export interface AnswerPort extends RequestPort {
  ask(key: string): Promise<RequestState>;
}

/** Carries answers to the publisher that leads. */
export function answerPort(
  nc: NatsConnection,
  names: Names,
  keyOf: (event: Envelope) => string | null,
): AnswerPort {
  const send = async (message: AnswerMessage): Promise<AnswerReply> => {
    const reply = await nc.request(names.answer, encode(message), { timeout: replyTimeout });
    return reply.json();
  };

  function deliver({ method, event }: ServerRequest, what: Partial<AnswerMessage>): Delivery {
    const key = keyOf(event) ?? '';
    /** Whether a publisher may have it. */
    let isSent = false;
    const sent$: Observable<Sent> = defer(async () => {
      const wasSent = isSent;
      isSent = true;
      const reply = await send({ key, ...what }).catch((error: unknown) => {
        if (isNoResponder(error)) isSent = wasSent;
        throw error;
      });
      // Somebody else's answer is on its way: how that ends is known soon.
      if ('fault' in reply && reply.fault === 'taken') throw new Error(reply.message);
      return sentOf(reply, method);
    }).pipe(
      retry({
        delay(error: unknown, count) {
          if (count >= attempts || nc.isClosed()) return throwError(() => error as Error);
          return timer(Math.min(firstPause * 2 ** Math.min(count - 1, 10), longestPause));
        },
      }),
      catchError((cause: unknown) => {
        const message = `${method}: no publisher took the answer.`;
        const error = new AnswerError('unreachable', message, null, { cause });
        return of<Sent>({ status: 'failed', error, uncertain: isSent });
      }),
    );
    return { send: () => sent$, isKept: () => !isSent };
  }

  return {
    answers: () => true,
    prepare: (request, answer) => deliver(request, { answer }),
    refuse: (request, refusal) => deliver(request, { refusal }),
    async ask(key) {
      if (key === '') return 'unknown';
      try {
        const reply = await send({ key });
        if ('open' in reply) return 'open';
        return 'outcome' in reply ? 'settled' : 'unknown';
      } catch {
        return 'away';
      }
    },
  };
}

const isNoResponder = (error: unknown): boolean => {
  const { name, cause } = Object(error) as { name?: unknown; cause?: { name?: unknown } };
  return name === 'NoRespondersError' || cause?.name === 'NoRespondersError';
};

function sentOf(reply: AnswerReply, method: string): Sent {
  if ('outcome' in reply) {
    if (reply.outcome === 'answered') return { status: 'answered' };
    if (reply.outcome === 'answered-elsewhere') return { status: 'conflict' };
    return { status: 'gone', uncertain: false };
  }
  if (!('fault' in reply)) return { status: 'gone', uncertain: true };
  const { fault, message } = reply;
  if (fault === 'unknown' || fault === 'settled') return { status: 'gone', uncertain: false };
  const error = new AnswerError(fault, `${method}: ${message}`);
  return { status: 'failed', error, uncertain: fault === 'unreachable' };
}
