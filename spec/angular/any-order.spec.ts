import {
  ApplicationRef,
  createEnvironmentInjector,
  InjectionToken,
  EnvironmentInjector,
  signal,
} from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { expect, test } from '@jest/globals';
import { createThreadFold, type Envelope } from 'codex-rx';
import { injectThread, type ThreadRef } from 'codex-rx/angular';
import { notification } from 'codex-rx/testing';
import fc from 'fast-check';
import { FRAMES } from '../../lib/angular/frames.js';
import { configure, createStage } from './support/stage.js';

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

test('in any order of events, frames, readers and ids, a value is the fold of what its thread said', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const bodies = Object.fromEntries(
        threads.map((id) => [`/api/sessions/${id}`, { thread: { id, turns: [] }, transcript: [] }]),
      );
      const stage = createStage(bodies);
      configure(stage);
      const application = TestBed.inject(ApplicationRef);
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
      await application.whenStable();
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
      TestBed.resetTestingModule();
    }),
    { numRuns: 100 },
  );
}, 120_000);
