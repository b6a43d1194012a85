import {
  ApplicationRef,
  createEnvironmentInjector,
  InjectionToken,
  EnvironmentInjector,
  signal,
} from '@angular/core';
import { setPostSignalSetFn, SIGNAL } from '@angular/core/primitives/signals';
import { TestBed } from '@angular/core/testing';
import { expect, test } from '@jest/globals';
import { createThreadFold, type Envelope } from 'codex-rx';
import { injectThread, provideCodex, type ThreadRef } from 'codex-rx/angular';
import { notification } from 'codex-rx/testing';
import fc from 'fast-check';
import { defer, noop, timer } from 'rxjs';
import { createFrames, FRAMES } from '../../lib/angular/frames.js';
import { application, createStage } from './support/stage.js';

const threads = ['a', 'b', 'c'] as const;
type Id = (typeof threads)[number] | null;

const id = fc.constantFrom<Id>(...threads, null);
const step = fc.oneof(
  fc.record({ kind: fc.constant('event' as const), id: fc.constantFrom(...threads) }),
  fc.record({ kind: fc.constant('create' as const), id }),
  fc.record({ kind: fc.constant('choose' as const), id, reader: fc.nat(9) }),
  fc.record({ kind: fc.constant('destroy' as const), reader: fc.nat(9) }),
  fc.record({ kind: fc.constant('frame' as const) }),
);

const turn = (threadId: string) =>
  notification('turn/started', { threadId, turn: { id: `turn-${threadId}` } });
const delta = (threadId: string, text: string) =>
  notification('item/agentMessage/delta', {
    threadId,
    turnId: `turn-${threadId}`,
    itemId: 'item',
    delta: text,
  });

const textOf = (view: { turns: readonly { items: readonly { text: string }[] }[] } | undefined) =>
  (view?.turns ?? []).flatMap(({ items }) => items.map(({ text }) => text)).join('');

/** Plays steps, and checks what its readers have. @param lasts How long to wait after them, in ms. */
const plays = (lasts: number, check: (routes: number, ids: ReadonlySet<Id>) => void) =>
  fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
    const bodies = Object.fromEntries(
      threads.map((id) => [`/api/sessions/${id}`, { thread: { id, turns: [] }, transcript: [] }]),
    );
    const stage = createStage(bodies);
    let frameCount = 0;
    const next$ = defer(() => {
      frameCount++;
      return timer(0);
    });
    TestBed.configureTestingModule({
      providers: application(
        provideCodex(() => stage.stream),
        { provide: FRAMES, useFactory: () => createFrames(next$) },
      ),
    });
    const app = TestBed.inject(ApplicationRef);
    const writes = new Map<object, number>();
    const chosen = new Set<unknown>();
    const before = setPostSignalSetFn((node) => {
      writes.set(node, (writes.get(node) ?? 0) + 1);
    });
    const frames = TestBed.inject(FRAMES);
    const parent = TestBed.inject(EnvironmentInjector);
    stage.greet();
    const heard = new Map<string, Envelope[]>(threads.map((id) => [id, []]));
    const readers: { id: ReturnType<typeof signal<Id>>; ref: ThreadRef; end: () => void }[] = [];
    const send = (event: Envelope) => {
      stage.send(event);
      const followed = readers.some((reader) => reader.id() === event.threadId);
      if (followed) heard.get(event.threadId ?? '')?.push(event);
    };
    /** The first reader of a thread opens it: its turn begins then. */
    const opened = new Set<Id>();
    const open = (id: Id) => {
      TestBed.tick();
      if (id === null || opened.has(id)) return;
      opened.add(id);
      send(turn(id));
    };
    let count = 0;
    for (const step of steps) {
      if (step.kind === 'event' && opened.has(step.id)) {
        const event = delta(step.id, `${count++},`);
        stage.send(event);
        heard.get(step.id)?.push(event);
      } else if (step.kind === 'create') {
        const id = signal<Id>(step.id);
        chosen.add((id as unknown as Record<symbol, unknown>)[SIGNAL]);
        const reader = new InjectionToken<ThreadRef>('reader');
        const injector = createEnvironmentInjector(
          [{ provide: reader, useFactory: () => injectThread(id) }],
          parent,
        );
        const ref = injector.get(reader);
        readers.push({
          id,
          ref,
          end: () => {
            injector.destroy();
          },
        });
        open(step.id);
      } else if (step.kind === 'choose' && readers.length > 0) {
        readers[step.reader % readers.length]?.id.set(step.id);
        open(step.id);
      } else if (step.kind === 'destroy' && readers.length > 0) {
        const [reader] = readers.splice(step.reader % readers.length, 1);
        reader?.end();
      } else if (step.kind === 'frame') {
        await new Promise<void>((resolve) => {
          frames.schedule(() => {
            resolve();
          });
        });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    await app.whenStable();
    setPostSignalSetFn(before);
    for (const [node, count] of writes) {
      if (!chosen.has(node)) expect(count).toBeLessThanOrEqual(frameCount);
    }
    for (const { id, ref } of readers) {
      const wanted = id();
      if (wanted === null) {
        expect(ref.value()).toBeUndefined();
        continue;
      }
      const fold = createThreadFold(wanted);
      for (const event of heard.get(wanted) ?? []) fold.push(event);
      expect(textOf(ref.value())).toBe(textOf(fold.view()));
    }
    await new Promise((resolve) => setTimeout(resolve, lasts));
    const ids = new Set(readers.map(({ id }) => id()).filter((id) => id !== null));
    check(stage.stream.router.routes?.length ?? 0, ids);
    TestBed.resetTestingModule();
  });

test('in any order of events, frames, readers and ids, a value is the fold of what its thread said', async () => {
  await fc.assert(plays(0, noop), { numRuns: 100 });
}, 120_000);

test('then, after a while, those threads are followed that have readers, and no others', async () => {
  // The wait of a thread, and that of its state.
  const check = (routes: number, ids: ReadonlySet<Id>) => {
    expect(routes).toBe(ids.size);
  };
  await fc.assert(plays(2_200, check), { numRuns: 5 });
}, 120_000);
