import {
  accept,
  decline,
  type DeclinableKind,
  type ServerRequest,
  type ServerRequests,
  type Settlement,
} from '../requests/index.js';

/** A card of what can be accepted. */
export interface Acceptable {
  /**
   * Lets it happen.
   *
   * @param scope `session`: the same is allowed again for the rest of the session.
   */
  accept(scope?: 'session'): Promise<Settlement>;
}

/** A card of what can be declined. */
export interface Declinable {
  /**
   * Says no; the agent goes on without it.
   *
   * @param why Reaches the agent where the protocol has a place for it.
   */
  decline(why?: string): Promise<Settlement>;
}

type AcceptableKind = 'commandExecution' | 'fileChange';

type CardOf<Request extends ServerRequest> = Request extends unknown
  ? Request &
      (Request['kind'] extends AcceptableKind ? Acceptable : object) &
      (Request['kind'] extends DeclinableKind ? Declinable : object)
  : never;

/**
 * What the agent asks, with the answers that a template gives: `kind` tells which there are. Their
 * promises resolve when the request is settled, and reject with an `AnswerError` if the answer did
 * not count; a template that does not wait for them is left alone.
 */
export type RequestCard = CardOf<ServerRequest>;

/** Makes the cards of requests: a card stays the same as long as its request does. */
export function createCards(requests: ServerRequests): (request: ServerRequest) => RequestCard {
  const known = new WeakMap<ServerRequest, RequestCard>();

  return (request) => {
    const card =
      known.get(request) ??
      ({
        ...request,
        accept: (scope?: 'session') => requests.answer(request, accept(request as never, scope)),
        decline: (why?: string) => requests.answer(request, decline(request as never, why)),
      } as unknown as RequestCard);
    known.set(request, card);
    return card;
  };
}
