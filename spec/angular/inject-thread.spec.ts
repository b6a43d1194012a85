import {
  ApplicationRef,
  computed,
  effect,
  Input,
  NgZone,
  signal,
  type InputSignal,
  input,
  type Signal,
} from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { describe, expect, test } from '@jest/globals';
import { injectText, injectThread, injectTurn, type ThreadRef } from 'codex-rx/angular';
import { notification } from 'codex-rx/testing';
import { component, configure, createStage, show, textOf, type Stage } from './support/stage.js';

const turnStarted = (threadId: string) =>
  notification('turn/started', { threadId, turn: { id: `turn-${threadId}` } });
const delta = (threadId: string, text: string) =>
  notification('item/agentMessage/delta', {
    threadId,
    turnId: `turn-${threadId}`,
    itemId: `item-${threadId}`,
    delta: text,
  });

/** A server that stores nothing of its threads but their names. */
const stored = (...ids: readonly string[]) =>
  Object.fromEntries(
    ids.map((id) => [
      `/api/sessions/${id}`,
      { thread: { id, name: id, turns: [] }, transcript: [] },
    ]),
  );

const said = (thread: ThreadRef): string =>
  (thread.value()?.turns ?? []).flatMap(({ items }) => items.map(({ text }) => text)).join('');

const inApp = <T>(create: () => T): T => TestBed.runInInjectionContext(create);
const stable = () => TestBed.inject(ApplicationRef).whenStable();
const later = (ms = 20) => new Promise((resolve) => setTimeout(resolve, ms));

async function shown(stage: Stage, ...frames: readonly unknown[]): Promise<void> {
  stage.send(...frames);
  await later();
  await stable();
}

function start(...ids: readonly string[]): Stage {
  const stage = createStage(stored(...ids));
  configure(stage);
  TestBed.inject(ApplicationRef);
  stage.greet();
  return stage;
}

describe('injectThread', () => {
  test('shows the text of a thread as it comes, exactly', async () => {
    const stage = start('a');
    class Transcript {
      readonly thread = injectThread('a');
    }
    const template = `
      @for (turn of thread.value()?.turns; track turn.id) {
        @for (item of turn.items; track item.id) { <p>{{ item.text }}</p> }
      }`;
    const fixture = show(component(template, Transcript));
    const { thread } = fixture.componentInstance;
    expect([thread.status(), thread.isLoading(), thread.hasValue()]).toEqual([
      'loading',
      true,
      false,
    ]);
    await shown(stage, turnStarted('a'), delta('a', 'Hel'), delta('a', 'lo'));
    expect(textOf(fixture)).toBe('Hello');
    expect([thread.status(), thread.isLoading(), thread.hasValue()]).toEqual([
      'resolved',
      false,
      true,
    ]);
    expect(thread.snapshot()).toEqual({ status: 'resolved', value: thread.value() });
  });

  test('reads an input that is required, and follows it', async () => {
    const stage = start('a', 'b');
    class Chat {
      readonly id: InputSignal<string> = input.required<string>();
      readonly thread = injectThread(this.id);
    }
    // What the compiler of Angular makes of `input.required`.
    const isRequired = Input({ isSignal: true, alias: 'id', required: true } as object) as (
      prototype: object,
      name: string,
    ) => void;
    isRequired(Chat.prototype, 'id');
    const fixture = TestBed.createComponent(component('{{ thread.value()?.name }}', Chat));
    fixture.componentRef.setInput('id', 'a');
    fixture.autoDetectChanges();
    await shown(stage, turnStarted('a'));
    expect(textOf(fixture)).toBe('a');
    fixture.componentRef.setInput('id', 'b');
    await shown(stage, turnStarted('b'));
    expect(textOf(fixture)).toBe('b');
  });

  test('an arrow may read a field that is initialized later', async () => {
    const stage = start('a');
    class Chat {
      readonly thread = injectThread(() => this.id());
      readonly id = signal('a');
    }
    const fixture = show(component('{{ thread.value()?.name }}', Chat));
    await shown(stage, turnStarted('a'));
    expect(textOf(fixture)).toBe('a');
  });

  test('has no thread without an id', async () => {
    start('a');
    const id = signal<string | null | undefined>(null);
    const thread = inApp(() => injectThread(id));
    await stable();
    expect([thread.status(), thread.value(), thread.reload()]).toEqual(['idle', undefined, false]);
    id.set('a');
    expect(thread.status()).toBe('loading');
  });

  test('never shows the old thread under a new id', async () => {
    const stage = start('a', 'b');
    const id = signal('a');
    const thread = inApp(() => injectThread(id));
    const torn: Signal<string> = (() => {
      const name = signal('');
      inApp(() => {
        effect(() => {
          name.set(thread.value()?.name ?? '');
        });
      });
      return name;
    })();
    await shown(stage, turnStarted('a'));
    expect([thread.value()?.name, torn()]).toEqual(['a', 'a']);
    id.set('b');
    expect(thread.value()).toBeUndefined();
    // A value that an effect writes is still that of the old id: what this avoids.
    expect(torn()).toBe('a');
  });

  test('what comes between the creation of a component and its first effect is in the view', async () => {
    const stage = start('a');
    const id = signal('a');
    const thread = inApp(() => injectThread(id));
    stage.send(turnStarted('a'), delta('a', 'early'));
    await later();
    await stable();
    expect(said(thread)).toBe('early');
  });

  test('three readers share one thread: 100 deltas in a task are one write of the same view', async () => {
    let reads = 0;
    const stage = createStage({
      '/api/sessions/a': () => {
        reads++;
        return { thread: { id: 'a', turns: [] }, transcript: [] };
      },
    });
    configure(stage);
    const refs = inApp(() => [1, 2, 3].map(() => injectThread('a')));
    stage.greet();
    await later();
    let writes = 0;
    const counting = computed(() => {
      writes++;
      return refs[0]?.value();
    });
    counting();
    await shown(stage, turnStarted('a'));
    counting();
    const before = writes;
    stage.send(...Array.from({ length: 100 }, () => delta('a', '.')));
    await stable();
    counting();
    expect(writes - before).toBe(1);
    expect(said(refs[2] as ThreadRef)).toBe('.'.repeat(100));
    expect(new Set(refs.map(({ value }) => value())).size).toBe(1);
    expect(reads).toBe(1);
  });

  test('what has not changed keeps its reference, and what has changed is a new object', async () => {
    const stage = start('a');
    const thread = inApp(() => injectThread('a'));
    await shown(stage, turnStarted('a'), delta('a', 'one'));
    const items = () => thread.value()?.turns[0]?.items ?? [];
    const [before] = items();
    const other = { threadId: 'a', turnId: 'turn-a', itemId: 'other', delta: 'two' };
    await shown(stage, notification('item/agentMessage/delta', other));
    expect(items()).toHaveLength(2);
    expect(items()[0]).toBe(before);
    await shown(stage, delta('a', ' more'));
    expect(items()[0]).not.toBe(before);
    expect(before?.text).toBe('one');
  });

  test('a branch that is left and entered again keeps its transcript', async () => {
    const stage = start('a');
    class Child {
      readonly thread = injectThread('a');
      readonly said = computed(() => said(this.thread));
    }
    const child = component('{{ said() }}', Child);
    class Parent {
      readonly isOne = signal(true);
    }
    const fixture = show(
      component('@if (isOne()) { A<app-child /> } @else { B<app-child /> }', Parent, [child]),
    );
    await shown(stage, turnStarted('a'), delta('a', 'hello'));
    expect(textOf(fixture)).toBe('Ahello');
    fixture.componentInstance.isOne.set(false);
    TestBed.tick();
    expect(textOf(fixture)).toBe('Bhello');
  });

  test('is followed no more a while after its last reader has left', async () => {
    const stage = start('a');
    const routes = () => stage.stream.router.routes?.length ?? 0;
    class Reader {
      readonly thread = injectThread('a');
    }
    const fixture = show(component('', Reader));
    await shown(stage, turnStarted('a'));
    expect(routes()).toBe(1);
    fixture.destroy();
    expect(routes()).toBe(1);
    // Its own wait, and that of the state.
    await later(2_200);
    expect(routes()).toBe(0);
  });

  test('after a gap it is reloading, then resolved; the value stays', async () => {
    const answer = { thread: { id: 'a', turns: [] }, transcript: [] };
    let release: (() => void) | null = null;
    let reads = 0;
    const stage = createStage({
      '/api/sessions/a': () =>
        reads++ === 0
          ? answer
          : new Promise((resolve) => {
              release = () => {
                resolve(answer);
              };
            }),
    });
    configure(stage);
    const thread = inApp(() => injectThread('a'));
    stage.greet();
    await shown(stage, turnStarted('a'), delta('a', 'one'));
    stage.cut();
    await later();
    stage.greet();
    await shown(stage, delta('a', ' two'));
    expect([thread.status(), thread.isLoading()]).toEqual(['reloading', true]);
    (release as (() => void) | null)?.();
    await shown(stage);
    expect([thread.status(), thread.isLoading()]).toEqual(['resolved', false]);
    expect(said(thread)).toBe('one two');
    expect(thread.value()?.gaps).toHaveLength(1);
  });

  test('a reload that fails is an error, and the value stays', async () => {
    let isBroken = false;
    const stage = createStage({
      '/api/sessions/a': () => {
        if (isBroken) throw new Error('unreachable');
        return { thread: { id: 'a', name: 'a', turns: [] }, transcript: [] };
      },
    });
    configure(stage);
    const thread = inApp(() => injectThread('a'));
    stage.greet();
    await shown(stage, turnStarted('a'), delta('a', 'kept'));
    isBroken = true;
    expect(thread.reload()).toBe(true);
    await later();
    await stable();
    expect(thread.status()).toBe('error');
    expect(thread.error()).toBeInstanceOf(Error);
    expect(thread.snapshot()).toEqual({ status: 'error', error: thread.error() });
    expect(said(thread)).toBe('kept');
    expect(thread.hasValue()).toBe(true);
  });

  test('an id that is none is an error, and nothing throws on read', () => {
    start();
    const thread = inApp(() => injectThread(''));
    expect(thread.value()).toBeUndefined();
    expect(thread.status()).toBe('error');
    expect(String(thread.error())).toContain('"threadId"');
    expect(thread.reload()).toBe(false);
  });

  test('in a zone, a burst of events is one change detection a frame', async () => {
    const stage = start('a');
    const thread = inApp(() => injectThread('a'));
    let detections = 0;
    class Counted {
      readonly thread = thread;
      get count() {
        detections++;
        return said(this.thread);
      }
    }
    const fixture = show(component('{{ count }}', Counted));
    await shown(stage, turnStarted('a'));
    detections = 0;
    stage.send(...Array.from({ length: 2_000 }, () => delta('a', '.')));
    await stable();
    expect(textOf(fixture)).toBe('.'.repeat(2_000));
    // In development, Angular checks each twice.
    expect(detections).toBeLessThanOrEqual(4);
    expect(NgZone.isInAngularZone()).toBe(false);
  });
});

test('injectTurn and injectText follow their thread', async () => {
  const stage = start('a');
  const [turn, text, none] = inApp(() => [
    injectTurn({ threadId: 'a', turnId: 'turn-a' }),
    injectText(() => ({ threadId: 'a', itemId: 'item-a' })),
    injectText(null),
  ]);
  expect([turn(), text(), none()]).toEqual([undefined, '', '']);
  await shown(stage, turnStarted('a'), delta('a', 'Hello'));
  expect(turn()?.status).toBe('inProgress');
  expect([text(), none()]).toEqual(['Hello', '']);
});

test('what injects a thread names itself outside an injection context', () => {
  expect(() => injectThread('a')).toThrow(/NG0203: injectThread\(\)/);
  expect(() => injectTurn(null)).toThrow(/NG0203: injectTurn\(\)/);
  expect(() => injectText(null)).toThrow(/NG0203: injectText\(\)/);
});
