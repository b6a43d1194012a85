import { of } from 'rxjs';
import { createConcern, createRequests, type ServerRequests } from '../requests/index.js';
import type { Envelope } from '../envelope/index.js';
import { isFleeting, type OpenRequests } from './open-requests.js';

/** The open requests of a server, and the values that people deal with. */
export interface AppServerRequests extends OpenRequests {
  readonly requests: ServerRequests;
  /** Whether a handler of `requests` has been asked for an answer. */
  isServed(request: Envelope): boolean;
  /** Answers a request: whether it was still open. */
  take(request: Envelope, answer: object): boolean;
  /** The stream is back: what comes from now on is of the new connection. */
  interrupted(): void;
}

/** Lets requests be values: what is open, answered and forgotten is told to both. */
export function createAppServerRequests(open: OpenRequests): AppServerRequests {
  const registry = createRequests({
    answers: () => true,
    send({ event }, answer) {
      const isOpen = open.answer(event, { result: answer });
      if (!isOpen) return of({ status: 'gone', uncertain: false });
      return of({ status: isFleeting(event) ? 'answered' : 'sent' });
    },
  });
  const concerns = createConcern();
  /** What was seen before the connection that there is now. */
  let before = 0;

  /** Requests that do not name their turn end with it all the same. */
  function turnEnded({ threadId }: Envelope): void {
    for (const { request } of open.list()) {
      if (!isFleeting(request) || request.threadId !== threadId) continue;
      registry.resolved(request.requestId, threadId, { cause: 'turn-ended', isOurs: 'no' });
    }
  }

  return {
    ...open,
    requests: registry.requests,
    isServed: (request) => registry.isServed(request),
    take: (request, answer) => registry.take(request, answer),
    open(event) {
      const isNew = open.open(event);
      // One that got an error while nobody was connected has ended here, and gets it now.
      if (isNew) registry.open(event);
      else registry.again(event);
      return isNew;
    },
    see(event) {
      if (!concerns(event.type)) return;
      if (event.type === 'app_server.turn.completed') turnEnded(event);
      open.see(event);
      registry.see(event);
    },
    answer(request, answer) {
      const isOpen = open.answer(request, answer);
      if (isOpen) registry.refused(request);
      return isOpen;
    },
    interrupted() {
      before = registry.mark();
      registry.interrupted();
      registry.missed(before, ({ event }) => isFleeting(event));
    },
    forget(...args) {
      open.forget(...args);
      registry.restarted(before);
    },
    settleUnseen(since, threads) {
      open.settleUnseen(since, threads);
      registry.missed(before, ({ threadId }) => threads.has(threadId));
    },
    close() {
      open.close();
      registry.close();
    },
  };
}
