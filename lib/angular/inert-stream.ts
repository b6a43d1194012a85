import { BehaviorSubject, NEVER, Subscription } from 'rxjs';
import { AnswerError, createRequests } from '../requests/index.js';
import { createRouter } from '../router/index.js';
import type { ConnectionStatus } from '../socket/index.js';
import type { CodexStream } from '../stream/index.js';

/** The stream of an application that is rendered on a server: no socket, no timer, no events. */
export function createInertStream(): CodexStream {
  const status = new BehaviorSubject<ConnectionStatus>({ state: 'idle' });
  const router = createRouter();
  // Those of no source: none ever opens.
  const { requests } = createRequests({
    answers: () => false,
    prepare: unanswerable,
    refuse: unanswerable,
  });
  const close = (): Promise<void> => {
    status.complete();
    return Promise.resolve();
  };
  return {
    events$: NEVER,
    status$: status.asObservable(),
    malformed$: NEVER,
    gaps$: NEVER,
    router,
    on: router.on.bind(router),
    requests,
    keepOpen: () => new Subscription(),
    metrics: () => ({
      received: 0,
      bytes: 0,
      parsed: 0,
      ignored: 0,
      malformed: 0,
      dispatched: 0,
      queued: 0,
      slowest: null,
    }),
    connect: refuse,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** An initializer that awaits this fails, where it would let the render wait for ever. */
function refuse(): Promise<never> {
  const refused: Promise<never> = Promise.reject(
    new Error('codex-rx: no stream connects on a server: use afterNextRender().'),
  );
  // A caller that does not await it must not end the server.
  refused.catch(() => undefined);
  return refused;
}

const unanswerable = () => new AnswerError('unanswerable', 'On a server there are no requests.');
