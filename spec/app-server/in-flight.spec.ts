import { beforeEach, describe, expect, test } from '@jest/globals';
import { EnvelopeError } from 'codex-rx';
import { createInFlight, type InFlight } from '../../lib/app-server/in-flight.js';

let sent: { id: number; method: string; params?: unknown }[];
let isOpen: boolean;
let inFlight: InFlight;
let log: unknown[];

beforeEach(() => {
  [sent, log, isOpen] = [[], [], true];
  inFlight = createInFlight((text) => {
    if (isOpen) sent.push(JSON.parse(text) as (typeof sent)[number]);
    return isOpen;
  });
});

/** Sends a call, and logs what becomes of it. */
const request = (name: string, params?: unknown) =>
  inFlight.request(name, params).subscribe({
    next: (result) => log.push([name, result]),
    complete: () => log.push([name, 'complete']),
    error: (error: unknown) => log.push([name, error]),
  });

const settle = (response: Parameters<InFlight['settle']>[0]) => {
  inFlight.settle(response, JSON.stringify(response));
};

describe('calls in flight', () => {
  test('are sent with ids that count from 1, once for each subscriber', () => {
    const call$ = inFlight.request('a', { x: 1 });
    expect(sent).toEqual([]);
    call$.subscribe();
    call$.subscribe();
    request('b');
    expect(sent).toEqual([
      { method: 'a', id: 1, params: { x: 1 } },
      { method: 'a', id: 2, params: { x: 1 } },
      { method: 'b', id: 3 },
    ]);
  });

  test('settle with what answers them, in any order', () => {
    request('a');
    request('b');
    request('c');
    settle({ id: 2, result: 'two' });
    settle({ id: 1, error: { code: -32600, message: 'No.', data: [5] } });
    settle({ id: 3, result: null });
    expect(log).toEqual([
      ['b', 'two'],
      ['b', 'complete'],
      [
        'a',
        expect.objectContaining({
          name: 'CallError',
          kind: 'refused',
          method: 'a',
          code: -32600,
          data: [5],
          message: 'a: No. (code -32600)',
          outcomeUnknown: false,
        }),
      ],
      ['c', null],
      ['c', 'complete'],
    ]);
  });

  test('take an error that is null for none', () => {
    request('a');
    settle({ id: 1, result: 5, error: null });
    expect(log).toEqual([
      ['a', 5],
      ['a', 'complete'],
    ]);
  });

  test.each([
    ['an id that was never used', { id: 9, result: 0 }],
    ['an id in text', { id: '1', result: 0 }],
  ])('a response to %s is reported, and settles nothing', (_, response) => {
    request('a');
    expect(() => {
      settle(response);
    }).toThrow(EnvelopeError);
    expect(() => {
      settle(response);
    }).toThrow('unknown-id');
    expect(log).toEqual([]);
  });

  test('the same response twice settles once, and is reported', () => {
    request('a');
    settle({ id: 1, result: 5 });
    expect(() => {
      settle({ id: 1, result: 6 });
    }).toThrow('unknown-id');
    expect(log).toHaveLength(2);
  });

  test('that were given up are answered without a word, once', () => {
    request('a').unsubscribe();
    settle({ id: 1, result: 5 });
    expect(() => {
      settle({ id: 1, result: 5 });
    }).toThrow('unknown-id');
    expect(log).toEqual([]);
  });

  test('that were given up are not remembered without end', () => {
    for (let i = 0; i < 1_001; i++) request('a').unsubscribe();
    expect(() => {
      settle({ id: 1, result: 5 });
    }).toThrow('unknown-id');
    settle({ id: 2, result: 5 });
    settle({ id: 1_001, result: 5 });
  });

  test('fail with the connection, and one that asks again in its distress is no more lost than sent', () => {
    inFlight.request('a', null).subscribe({
      error: (error: unknown) => {
        log.push(error);
        isOpen = false;
        request('again');
      },
    });
    request('b').unsubscribe();
    inFlight.lose();
    expect(log).toEqual([
      expect.objectContaining({ kind: 'lost', method: 'a', outcomeUnknown: true }),
      ['again', expect.objectContaining({ kind: 'lost', outcomeUnknown: false })],
    ]);
    inFlight.lose();
    expect(log).toHaveLength(2);
    // What belonged to the lost connection is not awaited on the next one.
    expect(() => {
      settle({ id: 2, result: 5 });
    }).toThrow('unknown-id');
  });
});
