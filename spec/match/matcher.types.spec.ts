import { describe, test } from '@jest/globals';
import {
  forRequest,
  forThread,
  forTurn,
  matching,
  ofAppServer,
  ofPrefix,
  ofTurnStarted,
  ofType,
  type AppServerEvent,
  type Envelope,
  type Matcher,
} from 'codex-rx';
import { expectTypeOf } from 'expect-type';
import { EMPTY, type MonoTypeOperatorFunction, type Observable, type OperatorFunction } from 'rxjs';
import type { Narrow } from '../../lib/match/matcher.js';

const events$: Observable<Envelope> = EMPTY;
type Started = AppServerEvent<'item/started'>;
type Delta = AppServerEvent<'item/agentMessage/delta'>;

describe('matchers in one pipe', () => {
  test('give the same type in whatever order they stand', () => {
    const [method, thread, turn] = [ofAppServer('item/started'), forThread('t1'), forTurn('u1')];
    expectTypeOf(events$.pipe(method, thread, turn)).toEqualTypeOf<Observable<Started>>();
    expectTypeOf(events$.pipe(thread, method, turn)).toEqualTypeOf<Observable<Started>>();
    expectTypeOf(events$.pipe(turn, thread, method)).toEqualTypeOf<Observable<Started>>();
  });

  test('narrow further what was narrowed before, and widen nothing', () => {
    const either = events$.pipe(ofAppServer('item/started', 'item/agentMessage/delta'));
    expectTypeOf(either.pipe(ofType('app_server.item.started'))).toEqualTypeOf<
      Observable<Started>
    >();
    expectTypeOf(either.pipe(ofAppServer())).toEqualTypeOf<Observable<Started | Delta>>();
    expectTypeOf(either.pipe(ofPrefix('app_server.item.'))).toEqualTypeOf<
      Observable<Started | Delta>
    >();
    expectTypeOf(events$.pipe(ofAppServer(), ofAppServer('item/started'))).toEqualTypeOf<
      Observable<Started>
    >();
  });

  test('give never only where no event can pass', () => {
    expectTypeOf(events$.pipe(ofType('a'), ofType('b'))).toEqualTypeOf<Observable<never>>();
  });
});

describe('forThread, forTurn and forRequest', () => {
  test('keep the type of the event', () => {
    const typed$ = events$.pipe(ofAppServer('item/started'));
    const [thread, turn, request] = [forThread('t1'), forTurn('u1', 'u2'), forRequest(0, '1')];
    expectTypeOf(request).toEqualTypeOf<Matcher>();
    expectTypeOf(typed$.pipe(thread)).toEqualTypeOf<Observable<Started>>();
    expectTypeOf(typed$.pipe(turn)).toEqualTypeOf<Observable<Started>>();
    expectTypeOf(typed$.pipe(request)).toEqualTypeOf<Observable<Started>>();
  });

  test('make a string of the id that they look for', () => {
    type OfThread = Envelope<string, unknown, string>;
    expectTypeOf(events$.pipe(forThread('t1'))).toEqualTypeOf<Observable<OfThread>>();
    type OfTurn = Envelope<string, unknown, string | null, string>;
    expectTypeOf(events$.pipe(forTurn('u1'))).toEqualTypeOf<Observable<OfTurn>>();
    events$.pipe(ofType('approval'), forThread('t1')).subscribe((event) => {
      expectTypeOf(event.threadId).toBeString();
      expectTypeOf(event.type).toEqualTypeOf<'approval'>();
    });
  });

  test('want at least one id, and no array', () => {
    const misuses = [
      // @ts-expect-error no id is given
      () => forThread(),
      // @ts-expect-error that is not an id
      () => forThread(undefined),
      // @ts-expect-error threads have names, not numbers
      () => forThread(5),
      // @ts-expect-error an array of them
      () => forThread(['t1']),
      // @ts-expect-error a list that may be empty
      (ids: string[]) => forThread(...ids),
      // @ts-expect-error no id is given
      () => forTurn(),
      // @ts-expect-error null, as of an event without a request
      () => forRequest(null),
    ];
    expectTypeOf(misuses).toBeArray();
  });
});

describe('ofTurnStarted', () => {
  test('gives the start of a turn', () => {
    expectTypeOf(ofTurnStarted()).toEqualTypeOf<Matcher<AppServerEvent<'turn/started'>>>();
  });
});

describe('matching', () => {
  test('narrows by a type predicate, and otherwise not', () => {
    const isStarted = (event: Envelope): event is Started =>
      event.type === 'app_server.item.started';
    expectTypeOf(events$.pipe(matching(isStarted))).toEqualTypeOf<Observable<Started>>();
    expectTypeOf(matching((event) => event.threadId === null)).toEqualTypeOf<Matcher>();
    const typed$ = events$.pipe(ofAppServer('item/started'));
    expectTypeOf(typed$.pipe(matching(() => true))).toEqualTypeOf<Observable<Started>>();
  });

  test('wants a function that says yes or no', () => {
    const misuses = [
      // @ts-expect-error no guard is given
      () => matching(),
      // @ts-expect-error a promise is always truthy
      () => matching(async () => true),
    ];
    expectTypeOf(misuses).toBeArray();
  });
});

describe('Matcher', () => {
  test('is an operator of RxJS', () => {
    expectTypeOf<Matcher>().toExtend<MonoTypeOperatorFunction<Envelope>>();
    expectTypeOf<Matcher<Started>>().toExtend<OperatorFunction<Envelope, Started>>();
  });

  test('that is more certain fits where any is asked for', () => {
    expectTypeOf<Matcher<Started>>().toExtend<Matcher>();
    expectTypeOf<Matcher>().not.toExtend<Matcher<Started>>();
    expectTypeOf<Matcher<Delta>>().not.toExtend<Matcher<Started>>();
  });
});

describe('Narrow', () => {
  test('keeps the narrower of two types, member by member', () => {
    expectTypeOf<Narrow<Envelope, Started>>().toEqualTypeOf<Started>();
    expectTypeOf<Narrow<Started, Envelope>>().toEqualTypeOf<Started>();
    expectTypeOf<Narrow<Started | Delta, Started>>().toEqualTypeOf<Started>();
    expectTypeOf<Narrow<Envelope, Started | Delta>>().toEqualTypeOf<Started | Delta>();
    expectTypeOf<Narrow<Started, Delta>>().toBeNever();
    expectTypeOf<Narrow<Envelope, Envelope>>().toEqualTypeOf<Envelope>();
  });
});
