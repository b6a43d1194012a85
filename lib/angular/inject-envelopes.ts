import { assertInInjectionContext } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { identity, Observable, type OperatorFunction as Step } from 'rxjs';
import type { Envelope } from '../envelope/index.js';
import type { Route } from '../router/index.js';
import { injectStream, nameOf, type StreamChoice } from './stream-token.js';

/** The events of the stream, behind five steps as those of `stream.on`. */
export function injectEnvelopes<A, B, C, D, E>(
  a: Step<Envelope, A>,
  b: Step<A, B>,
  c: Step<B, C>,
  d: Step<C, D>,
  e: Step<D, E>,
  choice?: StreamChoice,
): Observable<E>;
/** The events of the stream, behind four steps as those of `stream.on`. */
export function injectEnvelopes<A, B, C, D>(
  a: Step<Envelope, A>,
  b: Step<A, B>,
  c: Step<B, C>,
  d: Step<C, D>,
  choice?: StreamChoice,
): Observable<D>;
/** The events of the stream, behind three steps as those of `stream.on`. */
export function injectEnvelopes<A, B, C>(
  a: Step<Envelope, A>,
  b: Step<A, B>,
  c: Step<B, C>,
  choice?: StreamChoice,
): Observable<C>;
/** The events of the stream, behind two steps as those of `stream.on`. */
export function injectEnvelopes<A, B>(
  a: Step<Envelope, A>,
  b: Step<A, B>,
  choice?: StreamChoice,
): Observable<B>;
/**
 * The events of the stream, behind up to five steps as those of `stream.on`: for `rxMethod`,
 * notifications, statistics. It completes with the stream and with what has injected it.
 *
 * It emits outside the zone, since a stream may bring thousands of events a second: write a signal,
 * or enter the zone by yourself.
 *
 * @example
 * readonly completed$ = injectEnvelopes(ofAppServer('turn/completed'));
 */
export function injectEnvelopes<A>(a: Step<Envelope, A>, choice?: StreamChoice): Observable<A>;
/** Every event of the stream. It emits outside the zone. */
export function injectEnvelopes(choice?: StreamChoice): Observable<Envelope>;
export function injectEnvelopes(
  ...given: readonly (((source$: never) => unknown) | StreamChoice | undefined)[]
): Observable<unknown> {
  assertInInjectionContext(injectEnvelopes);
  const steps = given.filter((step) => typeof step === 'function');
  const choice = given.find((step) => typeof step === 'object');
  const stream = injectStream(nameOf(choice));
  const addRoute = stream.on as (...route: readonly unknown[]) => Route;
  const values$ = new Observable((subscriber) => {
    const handler = (value: unknown) => {
      subscriber.next(value);
    };
    const all = steps.length > 0 ? steps : [identity];
    subscriber.add(addRoute(...all, handler, { name: 'injectEnvelopes' }));
    subscriber.add(
      stream.status$.subscribe({
        complete() {
          subscriber.complete();
        },
      }),
    );
  });
  return values$.pipe(takeUntilDestroyed());
}
