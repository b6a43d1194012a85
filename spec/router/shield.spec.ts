import { describe, expect, jest, test } from '@jest/globals';
import { marbles } from 'codex-rx/testing';
import {
  finalize,
  firstValueFrom,
  lastValueFrom,
  map,
  Observable,
  of,
  Subject,
  throwError,
  timer,
  UnsubscriptionError,
} from 'rxjs';
import { shield, watch } from '../../lib/router/shield.js';

const boom = (): never => {
  throw new Error('boom');
};

function shielded(source: Observable<unknown>) {
  const caught = jest.fn();
  return { caught, source$: shield(source, caught) };
}

const letters = { a: 'a', b: 'b', c: 'c' };

describe('shield', () => {
  test('passes everything on, subscriptions too', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-b-c-|', letters);
      const subs = ['       ^------!', '^------!', '^--!', '^--!'];
      const expected = '    -a-b-c-|';
      const until = '       ^--!';
      const { source$, caught } = shielded(source);
      expectObservable(source$).toBe(expected);
      expectObservable(source$.pipe(map((value) => value))).toBe(expected);
      expectObservable(source$, until).toBe('-a-');
      expectObservable(source$.pipe(map((value) => value)), until).toBe('-a-');
      expectSubscriptions(source.subscriptions).toBe(subs);
      expect(caught).not.toHaveBeenCalled();
    });
  });

  test('passes an error on to who listens for it', () => {
    const { source$, caught } = shielded(throwError(() => 'x'));
    const error = jest.fn();
    source$.subscribe({ error });
    source$.pipe(map(String)).subscribe({ error });
    expect(error.mock.calls).toEqual([['x'], ['x']]);
    expect(caught).not.toHaveBeenCalled();
  });

  test('catches an error that nobody listens for', () => {
    const { source$, caught } = shielded(throwError(() => 'x'));
    source$.subscribe();
    source$.pipe(map(String)).subscribe(() => undefined);
    expect(caught.mock.calls).toEqual([['x'], ['x']]);
  });

  test('catches what observers throw, each on its own, and goes on', () => {
    const source = new Subject<unknown>();
    const { source$, caught } = shielded(source);
    const seen: unknown[] = [];
    source$.subscribe(boom);
    source$.subscribe({ next: boom, complete: boom });
    source$.pipe(map(String)).subscribe(boom);
    source$.subscribe((value) => seen.push(value));
    source.next(1);
    source.next(2);
    expect(seen).toEqual([1, 2]);
    expect(caught).toHaveBeenCalledTimes(6);
    source.complete();
    expect(caught).toHaveBeenCalledTimes(7);
  });

  test('catches what an error callback throws', () => {
    const { source$, caught } = shielded(throwError(() => 'x'));
    source$.subscribe({ error: boom });
    expect(caught.mock.calls).toEqual([[new Error('boom')]]);
  });

  test('takes the three callbacks of RxJS 6, and an observer that has a `this`', () => {
    const { source$ } = shielded(of(1));
    const callbacks = [jest.fn(), jest.fn(), jest.fn()] as const;
    const { subscribe } = source$ as unknown as { subscribe(...callbacks: unknown[]): void };
    subscribe.apply(source$, [...callbacks]);
    expect(callbacks.map(({ mock }) => mock.calls)).toEqual([[[1]], [], [[]]]);
    const subject = new Subject<unknown>();
    const last = lastValueFrom(subject);
    source$.subscribe(subject);
    return expect(last).resolves.toBe(1);
  });

  test('works with what RxJS makes of an Observable', async () => {
    const { source$ } = shielded(of(1, 2));
    await expect(firstValueFrom(source$)).resolves.toBe(1);
    expect(source$.pipe((source) => (source === source$) as never)).toBe(true);
    const seen: unknown[] = [];
    await source$.forEach((value) => seen.push(value));
    expect(seen).toEqual([1, 2]);
  });
});

describe('watch', () => {
  test('subscribes, and unsubscribes', () => {
    marbles(({ cold, flush, expectSubscriptions }) => {
      const source = cold('-a-b-c-|', letters);
      const subs = '       ^---!';
      const seen: unknown[] = [];
      const subscription = watch(source, { next: (value) => seen.push(value) }, boom);
      timer(4).subscribe(() => {
        subscription.unsubscribe();
      });
      expectSubscriptions(source.subscriptions).toBe(subs);
      flush();
      expect(seen).toEqual(['a', 'b']);
    });
  });

  test.each<[string, (source: Subject<unknown>, unsubscribe: () => void) => void]>([
    ['is unsubscribed from', (_, unsubscribe) => unsubscribe()],
    ['completes', (source) => source.complete()],
    ['errors', (source) => source.error('x')],
  ])('catches what a teardown throws when its Observable %s', (_, end) => {
    const caught: unknown[] = [];
    const source = new Subject<unknown>();
    const source$ = source.pipe(finalize(boom));
    const subscription = watch(source$, { error: () => undefined }, (error) => caught.push(error));
    end(source, () => {
      subscription.unsubscribe();
    });
    expect(caught).toEqual([expect.any(UnsubscriptionError)]);
    expect(subscription.closed).toBe(true);
  });

  test('catches what is thrown while it subscribes', () => {
    const caught: unknown[] = [];
    const source$ = new Observable((subscriber) => {
      subscriber.complete();
      return boom;
    });
    const subscription = watch(source$, {}, (error) => caught.push(error));
    expect(caught).toEqual([new Error('boom')]);
    expect(subscription.closed).toBe(true);
  });
});
