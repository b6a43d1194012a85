import { inject, InjectionToken, NgZone, PLATFORM_ID, signal, type Signal } from '@angular/core';
import { auditTime, defer, map, noop, type Observable } from 'rxjs';
import type { ConnectionStatus } from '../socket/index.js';
import { threadList, threadState, type ThreadState, type ThreadSummary } from '../state/index.js';
import type { CodexStream } from '../stream/index.js';
import { FRAMES } from './frames.js';
import { injectLifetime } from './inject-lifetime.js';
import { createLive, type Live } from './live.js';
import { createCards, type RequestCard } from './request-card.js';
import { injectStream } from './stream-token.js';

/** What an application shows of one stream: its readers share it. */
export interface StreamSignals {
  readonly status: Signal<ConnectionStatus>;
  readonly requests: Live<readonly RequestCard[]>;
  readonly threads: Live<readonly ThreadSummary[] | undefined>;
  thread(threadId: string): Live<ThreadState | undefined>;
}

/** The signals of each stream, once in an application. */
const STREAM_SIGNALS = /* @__PURE__ */ new InjectionToken<(stream: CodexStream) => StreamSignals>(
  'codex-rx signals',
  { providedIn: 'root', factory: createRegistry },
);

export const injectSignals = (name?: string): StreamSignals =>
  inject(STREAM_SIGNALS)(injectStream(name));

function createRegistry(): (stream: CodexStream) => StreamSignals {
  const known = new WeakMap<CodexStream, StreamSignals>();
  const zone = inject(NgZone);
  const frames = inject(FRAMES);
  const isServer = injectIsServer();
  const lifetime = injectLifetime();

  function live<T>(initial: T, values$: Observable<T>, onRest?: () => void): Live<T> {
    // What is rendered on a server is what a page shows before its first frame.
    if (isServer) return { value: signal(initial), failure: signal(null), retain: () => noop };
    return createLive({ initial, values$, zone, lifetime, onRest });
  }

  function create(stream: CodexStream): StreamSignals {
    const { status$, requests } = stream;
    const threads = new Map<string, Live<ThreadState | undefined>>();
    const status = live<ConnectionStatus>({ state: 'idle' }, status$.pipe(auditTime(0, frames)));
    const cardOf = createCards(requests);
    const cards$ = requests.pending$.pipe(
      auditTime(0, frames),
      map((pending) => pending.map(cardOf)),
    );
    status.retain();

    function createThread(threadId: string): Live<ThreadState | undefined> {
      const states = () => threadState(stream, threadId, { every: frames });
      const values = live<ThreadState | undefined>(undefined, defer(states), () => {
        if (threads.get(threadId) === thread) threads.delete(threadId);
      });
      const thread = {
        ...values,
        reload: () => !isServer && !values.failure() && states().refresh(),
      };
      threads.set(threadId, thread);
      return thread;
    }

    return {
      status: status.value,
      requests: live<readonly RequestCard[]>([], cards$),
      threads: live<readonly ThreadSummary[] | undefined>(
        undefined,
        defer(() => threadList(stream, { every: frames })),
      ),
      thread: (threadId) => threads.get(threadId) ?? createThread(threadId),
    };
  }

  return (stream) => {
    const signals = known.get(stream) ?? create(stream);
    known.set(stream, signals);
    return signals;
  };
}

/** Whether the application is rendered on a server. */
export const injectIsServer = (): boolean => (inject(PLATFORM_ID) as unknown) === 'server';
