import { ApplicationRef, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { expect, test } from '@jest/globals';
import { injectRequests, provideCodex, type RequestCard } from 'codex-rx/angular';
import { request, startFakeManager } from 'codex-rx/testing';
import {
  application,
  buttonsOf,
  component,
  configure,
  createStage,
  show,
  textOf,
  until,
} from './support/stage.js';

const command = (id: number, threadId: string, text: string) =>
  request(
    'item/commandExecution/requestApproval',
    { threadId, turnId: 'turn', itemId: `item-${id}`, command: text },
    { id },
  );

class Cards {
  readonly requests = injectRequests();
}
const template = `
  @for (request of requests(); track request.key) {
    @if (request.kind === 'commandExecution') { [{{ request.command }}] }
  }`;

test('shows what waits for an answer, and no more once it is settled', async () => {
  const stage = createStage();
  configure(stage);
  const fixture = show(component(template, Cards));
  stage.greet();
  stage.send(command(0, 'a', 'ls'), command(1, 'b', 'make'));
  await fixture.whenStable();
  expect(textOf(fixture).replace(/\s+/g, ' ')).toBe('[ls] [make]');
  const [card] = fixture.componentInstance.requests();
  expect(card?.openedAt).toBeGreaterThan(0);
});

test('an answer from a template reaches the server once', async () => {
  const server = await startFakeManager();
  const connected = server.connected();
  TestBed.configureTestingModule({
    providers: application(provideCodex({ url: server.url, log: false })),
  });
  const fixture = show(
    component(
      `@for (request of requests(); track request.key) {
         @if (request.kind === 'commandExecution') {
           <button (click)="request.accept()">accept</button>
         }
       }`,
      Cards,
    ),
  );
  await connected;
  const answered = server.request(server.session(), 'item/commandExecution/requestApproval', {
    itemId: 'item-1',
    command: 'ls',
  });
  await until(() => buttonsOf(fixture).length > 0);
  const [accept] = buttonsOf(fixture);
  accept?.click();
  accept?.click();
  expect(await answered).toMatchObject({ result: { decision: 'accept' } });
  await until(() => buttonsOf(fixture).length === 0);
  await TestBed.inject(ApplicationRef).whenStable();
  const sent = server.calls.filter(({ method }) => method === 'POST');
  expect(sent.map(({ url, body }) => [url, body])).toEqual([
    ['/api/approvals/0/decision', { decision: 'accept' }],
  ]);
  await server.close();
});

test('of one thread, while there is one; a card stays the same while its request does', async () => {
  const stage = createStage();
  configure(stage);
  const id = signal<string | null>('b');
  const [all, some] = TestBed.runInInjectionContext(
    () => [injectRequests(), injectRequests({ threadId: id })] as const,
  );
  const keys = (cards: readonly RequestCard[]) => cards.map(({ requestId }) => requestId);
  stage.greet();
  stage.send(command(0, 'a', 'ls'), command(1, 'b', 'make'));
  await TestBed.inject(ApplicationRef).whenStable();
  const [before] = all();
  expect([keys(all()), keys(some())]).toEqual([[0, 1], [1]]);
  id.set(null);
  expect(keys(some())).toEqual([]);
  stage.send(command(2, 'a', 'cat'));
  await TestBed.inject(ApplicationRef).whenStable();
  id.set('a');
  expect(keys(some())).toEqual([0, 2]);
  expect(all()[0]).toBe(before);
});

test('an answer that does not count rejects for who waits, and for nobody else', async () => {
  const stage = createStage();
  configure(stage);
  const cards = TestBed.runInInjectionContext(() => injectRequests());
  stage.greet();
  stage.send(command(0, 'a', 'ls'));
  await TestBed.inject(ApplicationRef).whenStable();
  const [card] = cards();
  if (card?.kind !== 'commandExecution') throw new Error('No request.');
  await stage.stream.close();
  void card.accept();
  await expect(card.accept()).rejects.toThrow();
});
