import { describe, test } from '@jest/globals';
import type { AppServerEvent, CodexStream, Envelope, ManagerStream } from 'codex-rx';
import { alphabet, marbles, type MarbleSource } from 'codex-rx/testing';
import { expectTypeOf } from 'expect-type';
import { EMPTY, of } from 'rxjs';

describe('a marble test', () => {
  test('make sources of events, or of what the values are', () => {
    marbles(({ hot, cold }) => {
      expectTypeOf(hot('-t-|')).toEqualTypeOf<MarbleSource<Envelope>>();
      expectTypeOf(cold('-a|', { a: 1 })).toEqualTypeOf<MarbleSource<number>>();
      expectTypeOf(cold('-0|', ['a'])).toEqualTypeOf<MarbleSource<string>>();
      expectTypeOf(hot<Envelope>('-a|', { a: alphabet.t })).toEqualTypeOf<MarbleSource<Envelope>>();
    });
  });

  test('make streams that can be used as any other', () => {
    marbles(({ stream }) => {
      expectTypeOf(stream('-')).toExtend<ManagerStream>();
      expectTypeOf(stream('-')).toExtend<CodexStream>();
      // @ts-expect-error where it connects to is no question
      void stream('-', {}, { url: 'ws://127.0.0.1' });
    });
  });

  test('expect events of events, and answers of streams that a diagram plays', () => {
    marbles(({ stream, expectEnvelopes, expectErrors, expectAnswers }) => {
      expectEnvelopes(of(alphabet.t)).toBe('(t|)');
      expectEnvelopes(EMPTY).toBe('|');
      expectTypeOf(() => {
        // @ts-expect-error numbers are no events
        expectEnvelopes(of(1));
        // @ts-expect-error a number is no event
        expectEnvelopes(EMPTY).toBe('|', { a: 1 });
        // @ts-expect-error no failure has it
        expectErrors(EMPTY).toBe('|', { a: { name: 'save' } });
        // @ts-expect-error no server tells
        expectAnswers({} as CodexStream);
        expectAnswers(stream('-'));
      }).toBeFunction();
    });
  });

  test('know the letters of the alphabet', () => {
    expectTypeOf(alphabet.t).toEqualTypeOf<AppServerEvent<'turn/started'>>();
    expectTypeOf(alphabet.C).toEqualTypeOf<AppServerEvent<'turn/completed'>>();
    // @ts-expect-error it has no meaning
    expectTypeOf(alphabet.z).toBeAny();
  });

  test('return what the test returns', () => {
    expectTypeOf(marbles(() => 5)).toEqualTypeOf<number>();
  });
});
