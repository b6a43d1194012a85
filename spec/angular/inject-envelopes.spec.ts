import { NgZone } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { expect, test } from '@jest/globals';
import { forThread, ofAppServer } from 'codex-rx';
import { injectEnvelopes, injectStatus, provideCodex } from 'codex-rx/angular';
import { alphabet } from 'codex-rx/testing';
import { map, type Observable } from 'rxjs';
import { application, component, configure, createStage } from './support/stage.js';

const { t, d, D, c } = alphabet;

function record<T>(values$: Observable<T>): unknown[] {
  const log: unknown[] = [];
  values$.subscribe({ next: (value) => log.push(value), complete: () => log.push('complete') });
  return log;
}

test('brings events behind the steps of a route, to the end of the component', () => {
  const stage = createStage();
  configure(stage);
  class Counter {
    readonly deltas$ = injectEnvelopes(
      forThread('thread-1'),
      ofAppServer('item/agentMessage/delta'),
      map(({ payload }) => payload.params.delta),
    );
    readonly all$ = injectEnvelopes();
  }
  const fixture = TestBed.createComponent(component('', Counter));
  const [deltas, all] = [
    record(fixture.componentInstance.deltas$),
    record(fixture.componentInstance.all$),
  ];
  const routes = () => stage.stream.router.routes?.map(({ name }) => name);
  expect(routes()).toEqual(['injectEnvelopes', 'injectEnvelopes']);
  stage.greet();
  stage.send(t, d, D, c);
  expect(deltas).toEqual(['Hello']);
  expect(all).toHaveLength(4);
  fixture.destroy();
  stage.send(d);
  expect(deltas).toEqual(['Hello', 'complete']);
  expect(all).toHaveLength(5);
  expect(routes()).toEqual([]);
  // Too late, and without an error.
  expect(record(fixture.componentInstance.all$)).toEqual(['complete']);
});

test('completes with the stream', async () => {
  const stage = createStage();
  configure(stage);
  const log = record(TestBed.runInInjectionContext(() => injectEnvelopes()));
  await stage.stream.close();
  expect(log).toEqual(['complete']);
});

test('emits outside the zone', () => {
  const stage = createStage();
  configure(stage);
  const inZone = TestBed.inject(NgZone).run(() =>
    record(
      TestBed.runInInjectionContext(() => injectEnvelopes(map(() => NgZone.isInAngularZone()))),
    ),
  );
  stage.greet();
  stage.send(t);
  expect(inZone).toEqual([false]);
});

test('of a stream with a name', () => {
  const [one, other] = [createStage(), createStage()];
  TestBed.configureTestingModule({
    providers: application(
      provideCodex(() => one.stream),
      provideCodex('other', () => other.stream),
    ),
  });
  const log = TestBed.runInInjectionContext(() => {
    injectStatus();
    return record(
      injectEnvelopes(
        map(({ type }) => type),
        { stream: 'other' },
      ),
    );
  });
  one.greet();
  other.greet();
  one.send(t);
  other.send(c);
  expect(log).toEqual([c.type]);
});
