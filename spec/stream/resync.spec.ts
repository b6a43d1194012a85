import { describe, expect, test } from '@jest/globals';
import { EMPTY, lastValueFrom, NEVER, of, Subject, throwError, toArray } from 'rxjs';
import type { Recovery } from '../../lib/requests/index.js';
import type { Gap } from '../../lib/stream/index.js';
import { recover, type Resync } from '../../lib/stream/resync.js';

const gap = {} as Gap;
const known: Recovery = { recovered: [], complete: true, error: null, restarted: true };
const boom = new Error('boom');

const recovered = (resync: Resync | null) =>
  lastValueFrom(recover(resync, gap, NEVER).pipe(toArray()));

describe('recover', () => {
  test.each<[string, Resync]>([
    ['at once', () => known],
    ['as a promise', async () => known],
    ['as an Observable, of which the first counts', () => of(known, { ...known, error: boom })],
  ])('is what the resync answers %s', async (_, resync) => {
    expect(await recovered(resync)).toEqual([known]);
  });

  test.each<[string, Resync | null, Error | null]>([
    ['no resync', null, null],
    ['one that throws', () => throwNow(), boom],
    ['one that rejects', () => Promise.reject(boom), boom],
    ['one that errors', () => throwError(() => boom), boom],
    ['one that has no answer', () => EMPTY, new Error('The resync had no answer.')],
    [
      'one that fails with what is no Error',
      () => throwError(() => 'odd'),
      new Error('The resync failed.'),
    ],
  ])('knows nothing of %s', async (_, resync, error) => {
    expect(await recovered(resync)).toEqual([{ recovered: [], complete: false, error }]);
  });

  test('gives the gap and a signal, which is aborted when the connection is lost', () => {
    const lost = new Subject();
    const given: [Gap, AbortSignal][] = [];
    const seen: Recovery[] = [];
    const resync: Resync = (...args) => {
      given.push(args);
      return NEVER;
    };
    recover(resync, gap, lost).subscribe((recovery) => seen.push(recovery));
    expect(given).toEqual([[gap, expect.any(AbortSignal)]]);
    expect(given[0]![1].aborted).toBe(false);
    expect(seen).toEqual([]);
    lost.next('anything');
    expect(given[0]![1].aborted).toBe(true);
    expect(seen).toMatchObject([
      {
        complete: false,
        error: { message: 'The connection was lost before the resync had an answer.' },
      },
    ]);
  });
});

function throwNow(): never {
  throw boom;
}
