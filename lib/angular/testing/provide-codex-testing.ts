import {
  ApplicationRef,
  DestroyRef,
  inject,
  makeEnvironmentProviders,
  NgZone,
  PendingTasks,
  type EnvironmentProviders,
} from '@angular/core';
import { timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { CodexStream } from '../../stream/index.js';
// Not by way of its index, which brings servers that only Node can run.
import { alphabet } from '../../testing/marble/alphabet.js';
import type { Values } from '../../testing/marble/letters.js';
import { limitOf } from '../../testing/marble/marbles.js';
import { playStream, type MarbleStreamOptions } from '../../testing/marble/stream.js';
import { createFrames, FRAMES } from '../frames.js';
import { provideStream } from '../provide-codex.js';
import type { StreamChoice } from '../stream-token.js';

/** The options of `provideCodexTesting`. */
export interface CodexTestingOptions extends StreamChoice, MarbleStreamOptions {
  /**
   * What the letters of the diagram mean.
   *
   * @default those of the `alphabet` of `codex-rx/testing`
   */
  readonly values?: Values;
}

/**
 * Provides a stream for tests, and writes signals as soon as time advances, real or virtual,
 * without animation frames.
 *
 * @param source A stream, such as that of `marbles`, which stays open; or a diagram as for
 *   `stream` of `marbles`, which is played once, in virtual time, after the test has created its
 *   component: `whenStable()` waits for its end.
 * @example
 * TestBed.configureTestingModule({ providers: [provideCodexTesting('-t-i-d-d-o-c-|')] });
 * const fixture = TestBed.createComponent(Chat);
 * await fixture.whenStable();
 * expect(fixture.nativeElement.textContent).toContain('HelloHello');
 */
export function provideCodexTesting(
  source: CodexStream | string,
  { stream: name, values, ...options }: CodexTestingOptions = {},
): EnvironmentProviders {
  return makeEnvironmentProviders([
    { provide: FRAMES, useFactory: () => createFrames(timer(0)) },
    provideStream(name, () => {
      if (typeof source === 'string') return playDiagram(source, values, options);
      source.connect().catch(() => undefined);
      return source;
    }),
  ]);
}

function playDiagram(
  diagram: string,
  values: Values | undefined,
  options: MarbleStreamOptions,
): CodexStream {
  const { stream, steps } = playStream(diagram, values, options, alphabet);
  const application = inject(ApplicationRef);
  const done = inject(PendingTasks).add();

  function play(): void {
    // Inputs are set and effects have run.
    application.tick();
    const scheduler = new TestScheduler(() => undefined);
    const limit = limitOf(scheduler);
    scheduler.run(() => {
      void stream.connect();
      for (const { frame, play } of steps) scheduler.schedule(play, frame);
      limit(() => {
        scheduler.flush();
      });
    });
    done();
  }

  // Not a timer of RxJS: what these schedule while one of them runs waits for its end.
  const start = inject(NgZone).runOutsideAngular(() => setTimeout(play));
  inject(DestroyRef).onDestroy(() => {
    clearTimeout(start);
    done();
    void stream.close();
  });
  return stream;
}
