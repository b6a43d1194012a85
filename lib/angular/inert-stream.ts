import { BehaviorSubject, NEVER, Subscription } from 'rxjs';
import type { ServerRequests } from '../requests/index.js';
import { createRouter } from '../router/index.js';
import type { ConnectionStatus } from '../socket/index.js';
import type { CodexStream } from '../stream/index.js';

/** The stream of an application that is rendered on a server: no socket, no timer, no events. */
export function createInertStream(): CodexStream {
  const status = new BehaviorSubject<ConnectionStatus>({ state: 'idle' });
  const router = createRouter();
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
    requests: inertRequests,
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
    new Error('codex-rx: on a server the stream does not connect. Use afterNextRender().'),
  );
  // A caller that does not await it must not end the server.
  refused.catch(() => undefined);
  return refused;
}

const inertRequests: ServerRequests = {
  pending$: NEVER,
  opened$: NEVER,
  settled$: NEVER,
  decisions$: NEVER,
  errors$: NEVER,
  get: () => undefined,
  answer: refuse,
  serve: () => new Subscription(),
  overdue$: NEVER,
  refuse,
  refresh: refuse,
  stats: () => ({
    opened: 0,
    late: 0,
    answered: 0,
    'answered-elsewhere': 0,
    expired: 0,
    lost: 0,
    failed: 0,
  }),
};
