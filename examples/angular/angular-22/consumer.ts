// What an application writes, compiled against each Angular that the entry is for: see .ci/angular.mjs.

import {
  Component,
  computed,
  inject,
  input,
  signal,
  type Resource,
  type Signal,
} from '@angular/core';
import type { CodexStream, ConnectionStatus, ThreadState, ThreadSummary, TurnView } from 'codex-rx';
import { connectManager, forThread, ofAppServer } from 'codex-rx';
import {
  CODEX_STREAM,
  injectCodex,
  injectEnvelopes,
  injectRequests,
  injectSend,
  injectStatus,
  injectText,
  injectThread,
  injectThreads,
  injectTurn,
  provideCodex,
  type LiveResource,
  type RequestCard,
  type Sender,
  type ThreadRef,
} from 'codex-rx/angular';
import { provideCodexTesting } from 'codex-rx/angular/testing';
import { map, type Observable } from 'rxjs';

export const providers = [
  provideCodex({ url: '/api/stream' }),
  provideCodex('build', () => connectManager({ url: 'http://127.0.0.1:3001' })),
  provideCodexTesting('-t-d-c-|', { stream: 'docs' }),
];

@Component({ selector: 'app-consumer', template: '' })
export class Consumer {
  readonly id = input.required<string>();
  readonly chosen = signal<string | null>(null);
  readonly threads = [
    injectThread('thread-1'),
    injectThread(this.id),
    injectThread(this.chosen),
    injectThread(() => this.chosen() ?? this.id(), { stream: 'build' }),
    injectThread(undefined),
  ];

  readonly thread: ThreadRef = injectThread(this.id);
  /** What takes a Resource of Angular takes a thread. */
  readonly resource: Resource<ThreadState | undefined> = this.thread;
  readonly live: LiveResource<ThreadState | undefined> = this.thread;
  // @ts-expect-error: it may have no value yet.
  readonly turns = computed(() => this.thread.value().turns);
  readonly count = computed((): number => {
    return this.thread.hasValue() ? this.thread.value().turns.length : 0;
  });
  readonly known = computed((): ThreadState | string => {
    const snapshot = this.thread.snapshot();
    if (snapshot.status === 'error') return snapshot.error.message;
    return snapshot.value ?? snapshot.status;
  });

  readonly turn: Signal<TurnView | undefined> = injectTurn({ threadId: 'a', turnId: 'b' });
  readonly text: Signal<string> = injectText(() => ({ threadId: this.id(), itemId: 'item' }));
  readonly status: Signal<ConnectionStatus> = injectStatus();
  readonly list: Signal<readonly ThreadSummary[] | undefined> = injectThreads();
  readonly requests: Signal<readonly RequestCard[]> = injectRequests({ threadId: this.id });
  readonly sender: Sender = injectSend(this.id, { whenBusy: 'queue' });
  readonly deltas$: Observable<string> = injectEnvelopes(
    forThread('thread-1'),
    ofAppServer('item/agentMessage/delta'),
    map(({ payload }) => payload.params.delta),
    { stream: 'build' },
  );
  readonly streams: CodexStream[] = [injectCodex(), injectCodex('build'), inject(CODEX_STREAM)];

  constructor() {
    // @ts-expect-error: an id is no number.
    injectThread(1);
    // @ts-expect-error: no such option.
    injectSend(this.id, { whenBussy: 'queue' });
    // @ts-expect-error: a url is missing.
    provideCodex({});
  }

  answer(card: RequestCard): unknown {
    if (card.kind === 'commandExecution') return card.accept('session');
    // @ts-expect-error: not every request can be accepted.
    return card.accept;
  }
}
