import { ApplicationRef, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { expect, test } from '@jest/globals';
import { injectRequests, type RequestCard } from 'codex-rx/angular';
import { request } from 'codex-rx/testing';
import { component, configure, createStage, show, textOf } from './support/stage.js';

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
  const sent: string[] = [];
  const stage = createStage();
  const { fetch } = stage.options;
  Object.assign(stage.options, {
    fetch: (url: string, init: { method?: string; body?: string }) => {
      if (init.method !== 'POST') return fetch?.(url, init as never);
      sent.push(`${new URL(url).pathname} ${init.body ?? ''}`);
      return Promise.resolve({ status: 200, json: () => Promise.resolve({}) });
    },
  });
  configure(stage);
  const fixture = show(
    component(
      `@for (request of requests(); track request.key) {
         @if (request.kind === 'commandExecution') {
           <button (click)="request.accept()">accept</button>
           <button (click)="request.decline('no')">decline</button>
         }
       }`,
      Cards,
    ),
  );
  stage.greet();
  stage.send(command(0, 'a', 'ls'));
  await fixture.whenStable();
  const buttons = (fixture.nativeElement as HTMLElement).querySelectorAll('button');
  const [accept, decline] = buttons;
  accept?.click();
  decline?.click();
  accept?.click();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(sent).toEqual(['/api/approvals/0/decision {"decision":"accept"}']);
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
