import { Observable, type Subscriber } from 'rxjs';
import { EnvelopeError } from '../envelope/index.js';
import { refused, unanswered } from './call-error.js';
import type { Response } from './message.js';

/** The calls that wait for their response. */
export interface InFlight {
  /** An id that no other call of the stream has. */
  readonly newId: () => number;
  /**
   * Sends a call when it is subscribed to. Emits what comes meanwhile and its result, and
   * completes, or errors with a `CallError`. Unsubscribing gives it up: what is answered later is
   * ignored.
   */
  request(method: string, params: unknown, id?: number): Observable<unknown>;
  /** A part of the result of a call has come. */
  partial(part: unknown): void;
  /**
   * Settles the call that a response answers.
   *
   * @throws EnvelopeError if it answers none.
   */
  settle(response: Response, source: string): void;
  /** The connection is gone, and with it every answer. */
  lose(): void;
}

interface Call {
  readonly method: string;
  readonly subscriber: Subscriber<unknown>;
}

/** How many calls that were given up are remembered, so that their answers are known as such. */
const bound = 1_000;

/** @param received Learns of each result before who called does. */
export function createInFlight(
  send: (text: string) => boolean,
  received: (method: string, result: unknown) => void = () => undefined,
): InFlight {
  const calls = new Map<number, Call>();
  /** Calls that were given up, whose answers may still come. */
  const givenUp = new Set<number>();
  let lastId = 0;

  return {
    newId: () => ++lastId,

    request: (method, params, given) =>
      new Observable((subscriber) => {
        const id = given ?? ++lastId;
        if (!send(JSON.stringify({ method, id, params }))) {
          subscriber.error(unanswered('lost', method, 'There is no connection.', false));
          return;
        }
        calls.set(id, { method, subscriber });
        subscriber.add(() => {
          if (!calls.delete(id)) return;
          givenUp.add(id);
          if (givenUp.size > bound) givenUp.delete(givenUp.values().next().value as number);
        });
      }),

    partial(part) {
      const { requestId } = Object(part) as { readonly requestId?: unknown };
      calls.get(requestId as number)?.subscriber.next(part);
    },

    settle({ id, result, error }, source) {
      const call = calls.get(id as number);
      if (call === undefined) {
        if (givenUp.delete(id as number)) return;
        throw new EnvelopeError('unknown-id', source);
      }
      calls.delete(id as number);
      if (error) call.subscriber.error(refused(call.method, error));
      else {
        received(call.method, result);
        call.subscriber.next(result);
        call.subscriber.complete();
      }
    },

    lose() {
      givenUp.clear();
      const lost = [...calls.values()];
      calls.clear();
      for (const { method, subscriber } of lost) {
        subscriber.error(unanswered('lost', method, 'The connection was lost.', true));
      }
    },
  };
}
