import { ApplicationRef, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  injectSend,
  injectThread,
  injectThreads,
  provideCodex,
  type Sender,
} from 'codex-rx/angular';
import { startFakeManager, type FakeManager } from 'codex-rx/testing';
import { application, component, show, textOf, until } from './support/stage.js';

let server: FakeManager;
let id: string;

beforeEach(async () => {
  server = await startFakeManager({
    async turn(turn) {
      turn.say('I will look.');
      await turn.request('item/commandExecution/requestApproval', {
        itemId: 'item-1',
        command: 'ls',
      });
      turn.say('Done.');
    },
  });
  id = server.session();
  TestBed.configureTestingModule({
    providers: application(provideCodex({ url: server.url, log: false })),
  });
});

afterEach(() => server.close());

const inApp = <T>(create: () => T): T => TestBed.runInInjectionContext(create);

test('a chat in a few lines: a message is sent, its turn is shown, and waits for an answer', async () => {
  class Chat {
    readonly id = signal(id);
    readonly thread = injectThread(this.id);
    readonly sender = injectSend(this.id);
  }
  const fixture = show(
    component(
      `{{ sender.status() }}:
       @for (turn of thread.value()?.turns; track turn.id) {
         @for (item of turn.items; track item.id) { [{{ item.text }}] }
       }`,
      Chat,
    ),
  );
  const { sender, thread } = fixture.componentInstance;
  expect(sender.status()).toBe('idle');
  const turn = sender.send('What is here?');
  await until(() => sender.status() === 'waiting');
  expect(textOf(fixture)).toContain('[I will look.]');
  const [request] = thread.value()?.requests ?? [];
  expect(request?.kind).toBe('commandExecution');
  const card = { decision: 'accept' } as const;
  await TestBed.inject(ApplicationRef).whenStable();
  const { injectCodex } = await import('codex-rx/angular');
  await inApp(() => injectCodex()).requests.answer(request as never, card as never);
  expect((await turn.ended).status).toBe('completed');
  await until(() => sender.status() === 'completed');
  expect(textOf(fixture)).toContain('[Done.]');
});

test('lists the threads, and what they need', async () => {
  const threads = inApp(() => injectThreads());
  const sender = inApp(() => injectSend(id));
  expect(threads()).toBeUndefined();
  await until(() => threads() !== undefined);
  expect(threads()?.map(({ id, need }) => [id, need])).toEqual([[id, 'idle']]);
  sender.send('Go.');
  await until(() => threads()?.[0]?.need === 'waiting');
});

test('interrupts the turn; that of another thread is not its own', async () => {
  const other = server.session();
  const chosen = signal<string | null>(null);
  const sender: Sender = inApp(() => injectSend(chosen));
  expect(() => sender.send('to nobody')).toThrow('injectSend: there is no thread yet.');
  expect(await sender.interrupt()).toBe(false);
  chosen.set(id);
  const turn = sender.send('Go.');
  await until(() => sender.status() === 'waiting');
  chosen.set(other);
  expect([sender.status(), sender.turn()]).toEqual(['idle', undefined]);
  sender.send('Go as well.');
  await until(() => sender.status() === 'waiting');
  chosen.set(id);
  expect(sender.status()).toBe('waiting');
  expect(await sender.interrupt()).toBe(true);
  expect((await turn.ended).status).toBe('interrupted');
  await until(() => sender.status() === 'interrupted');
});
