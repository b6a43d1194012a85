// One text that is streamed, shown in different ways: what the library does, and what it should not be
// measured without. `?page=` chooses; `globalThis.counts` says what happened.

import {
  afterEveryRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  NgZone,
  provideZoneChangeDetection,
  provideZonelessChangeDetection,
  type Signal,
  type Type,
} from '@angular/core';
import { setPostSignalSetFn } from '@angular/core/primitives/signals';
import { toSignal } from '@angular/core/rxjs-interop';
import { bootstrapApplication } from '@angular/platform-browser';
import { connectManager, foldThread, ofAppServer, type ItemView, type ThreadView } from 'codex-rx';
import { injectCodex, injectThread, provideCodex } from 'codex-rx/angular';
import { animationFrameScheduler, scan } from 'rxjs';
import { AppendText } from '../src/app/append-text';

const threadId = 'thread-1';
const query = new URLSearchParams(location.search);
const page = query.get('page') ?? 'append';

const counts = { renders: 0, frames: 0, writes: 0 };
Object.assign(globalThis, { counts });

if (query.has('frameless')) globalThis.requestAnimationFrame = () => 0;
else {
  const count = () => {
    counts.frames++;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
}

const itemOf = (thread: ThreadView | undefined): ItemView | undefined => thread?.turns[0]?.items[0];

const count = () => afterEveryRender(() => counts.renders++);

const selector = 'app-page';
/** As a text is shown that comes with its own line breaks. */
const styles = 'p { white-space: pre-wrap; overflow-wrap: anywhere }';
const changeDetection = ChangeDetectionStrategy.OnPush;

/** Each event is a write, and each write shows the whole text again. */
@Component({ selector, styles, changeDetection, template: '<p>{{ text() }}</p>' })
class Naive {
  readonly text = toSignal(
    injectCodex().events$.pipe(
      ofAppServer('item/agentMessage/delta'),
      scan((text, { payload }) => text + payload.params.delta, ''),
    ),
    { initialValue: '' },
  );
  constructor() {
    count();
  }
}

/** One write a frame, the whole text again. */
@Component({ selector, styles, changeDetection, template: '<p>{{ item()?.text }}</p>' })
class Whole {
  readonly thread = injectThread(threadId);
  readonly item = computed(() => itemOf(this.thread.value()));
  constructor() {
    count();
  }
}

/** One write a frame, and only what is new is shown. */
@Component({
  selector,
  styles,
  changeDetection,
  imports: [AppendText],
  template: '@if (item(); as item) { <p [appendText]="item"></p> }',
})
class Append {
  readonly thread = injectThread(threadId);
  readonly item = computed(() => itemOf(this.thread.value()));
  constructor() {
    count();
  }
}

/** A clock of bare animation frames, which stops where there are none. */
@Component({ selector, styles, changeDetection, template: '<p>{{ item()?.text }}</p>' })
class BareFrames {
  readonly thread: Signal<ThreadView | undefined> = toSignal(
    injectCodex().events$.pipe(foldThread(threadId, { every: animationFrameScheduler })),
  );
  readonly item = computed(() => itemOf(this.thread()));
  constructor() {
    count();
  }
}

const components: Record<string, Type<unknown>> = {
  naive: Naive,
  whole: Whole,
  append: Append,
  bare: BareFrames,
  zone: Whole,
  inside: Whole,
};

const makeStream = () => connectManager({ url: new URL('/api/stream', document.baseURI) });

async function start(): Promise<void> {
  const hasZone = page === 'zone' || page === 'inside';
  if (hasZone) await import('zone.js');
  const providers = [
    hasZone ? provideZoneChangeDetection() : provideZonelessChangeDetection(),
    provideCodex(() => {
      if (page !== 'inside') return makeStream();
      // What provideCodex avoids: the socket belongs to the zone.
      return inject(NgZone).run(() => {
        const stream = makeStream();
        void stream.connect();
        return stream;
      });
    }),
  ];
  setPostSignalSetFn((node) => {
    // The signal of an input is written by the template, not by the library.
    if (!('transformFn' in node)) counts.writes++;
  });
  await bootstrapApplication(components[page] as Type<unknown>, { providers });
}

void start();
