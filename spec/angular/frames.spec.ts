import { ApplicationRef, computed, effect, NgZone } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { injectStatus, provideCodex } from 'codex-rx/angular';
import { auditTime, noop, Subscription, type SchedulerLike } from 'rxjs';
import { createFrames, FRAMES } from '../../lib/angular/frames.js';
import { application, component, configure, createStage, show, textOf } from './support/stage.js';

class Shown {
  readonly status = injectStatus();
}
const template = '{{ status().state }}';

describe('the frames of an application', () => {
  test('whenStable() waits until what came is shown', async () => {
    const stage = createStage();
    configure(stage);
    const fixture = show(component(template, Shown));
    stage.greet();
    await fixture.whenStable();
    expect(textOf(fixture)).toBe('open');
  });

  test('with a clock of bare animation frames it does not: nothing is shown yet', async () => {
    const bare: SchedulerLike = {
      now: Date.now,
      schedule(work, _delay, state) {
        const id = requestAnimationFrame(() => {
          work.call(undefined as never, state as never);
        });
        return new Subscription(() => {
          cancelAnimationFrame(id);
        });
      },
    };
    const stage = createStage();
    TestBed.configureTestingModule({
      providers: application(
        provideCodex(() => stage.stream),
        { provide: FRAMES, useValue: bare },
      ),
    });
    const fixture = show(component(template, Shown));
    stage.greet();
    await fixture.whenStable();
    expect(textOf(fixture)).not.toBe('open');
  });

  test('what changes many times in a frame is written once', async () => {
    const stage = createStage();
    configure(stage);
    const status = TestBed.runInInjectionContext(() => injectStatus());
    const seen: string[] = [];
    TestBed.runInInjectionContext(() => {
      effect(() => seen.push(status().state));
    });
    TestBed.tick();
    stage.greet();
    await TestBed.inject(ApplicationRef).whenStable();
    // Connecting, opened and ready came in between.
    expect(seen).toEqual(['idle', 'open']);
  });

  test('actions that wait for the same frame run together, in order, and each once', () => {
    TestBed.configureTestingModule({ providers: application() });
    const frames = TestBed.inject(FRAMES);
    const ran: string[] = [];
    const done = new Promise<void>((resolve) => {
      frames.schedule(() => ran.push('a'));
      frames.schedule(() => ran.push('never')).unsubscribe();
      frames.schedule(() => {
        ran.push('b');
        frames.schedule(() => {
          ran.push('next frame');
          resolve();
        });
      });
    });
    expect(ran).toEqual([]);
    return done.then(() => {
      expect(ran).toEqual(['a', 'b', 'next frame']);
    });
  });

  test('frames run outside the zone', async () => {
    TestBed.configureTestingModule({ providers: application() });
    const frames = TestBed.inject(FRAMES);
    const inZone = await new Promise<boolean>((resolve) => {
      TestBed.inject(NgZone).run(() => {
        frames.schedule(() => {
          resolve(NgZone.isInAngularZone());
        });
      });
    });
    expect(inZone).toBe(false);
  });

  test('after the end of the application nothing is written, and nothing waits', async () => {
    const stage = createStage();
    configure(stage);
    const status = TestBed.runInInjectionContext(() => injectStatus());
    const frames = TestBed.inject(FRAMES);
    stage.greet();
    let writes = 0;
    frames.schedule(() => writes++);
    TestBed.resetTestingModule();
    expect(frames.schedule(() => writes++).closed).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(writes).toBe(0);
    expect(status().state).toBe('idle');
  });
});

describe('in a page without frames', () => {
  const { requestAnimationFrame } = globalThis;
  beforeEach(() => {
    globalThis.requestAnimationFrame = () => 0;
  });
  afterEach(() => {
    globalThis.requestAnimationFrame = requestAnimationFrame;
    Object.defineProperty(document, 'hidden', { value: false, configurable: true });
  });

  test.each([
    ['covered by another window', false],
    ['hidden', true],
  ])('that is %s, a timer writes', async (_, hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    const stage = createStage();
    configure(stage);
    const status = TestBed.runInInjectionContext(() => injectStatus());
    const state = computed(() => status().state);
    stage.greet();
    await TestBed.inject(ApplicationRef).whenStable();
    expect(state()).toBe('open');
  });
});

test('a scheduler of frames is one for the operators of RxJS', async () => {
  TestBed.configureTestingModule({ providers: application() });
  const frames = TestBed.inject(FRAMES);
  expect(frames.now()).toBeGreaterThan(0);
  const stage = createStage();
  const values: string[] = [];
  stage.stream.status$.pipe(auditTime(0, frames)).subscribe(({ state }) => values.push(state));
  stage.stream.connect().catch(noop);
  await TestBed.inject(ApplicationRef).whenStable();
  expect(values).toEqual(['connecting']);
  await stage.stream.close();
  expect(createFrames).toBeDefined();
});
