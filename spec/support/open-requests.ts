import type { CodexStream, ServerRequest } from '../../lib/index.js';
import type { Envelope } from '../../lib/envelope/index.js';

type WithRequests = Pick<CodexStream, 'requests'>;

const pendingOf = ({ requests }: WithRequests): readonly ServerRequest[] => {
  let pending: readonly ServerRequest[] = [];
  requests.pending$.subscribe((now) => (pending = now)).unsubscribe();
  return pending;
};

/** The requests that nothing has answered yet, as their events. */
export const unanswered = (stream: WithRequests) =>
  pendingOf(stream)
    .filter(({ state }) => state === 'open')
    .map(({ event, openedAt }) => ({ request: event, openedAt }));

const isOpen = (stream: WithRequests, event: Envelope): boolean =>
  unanswered(stream).some(({ request }) => request.requestId === event.requestId);

/** Answers a request by its event: whether it was open. */
export function answerRequest(stream: WithRequests, event: Envelope, result: object): boolean {
  const wasOpen = isOpen(stream, event);
  void stream.requests.answer(event as never, result as never);
  return wasOpen;
}

/** Refuses a request by its event: whether it was open. */
export function refuseRequest(
  stream: WithRequests,
  event: Envelope,
  message: string,
  code?: number,
) {
  const wasOpen = isOpen(stream, event);
  const error = code === undefined ? message : { message, code };
  void stream.requests.refuse(event, error);
  return wasOpen;
}
