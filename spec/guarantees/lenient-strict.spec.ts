import { describe, expect, test } from '@jest/globals';
import { approvals, ofAppServer, ofPrefix, type AnswerError } from 'codex-rx';
import { envelope, marbles, notification, seenBy } from 'codex-rx/testing';
import { map, of } from 'rxjs';
import { accept } from '../support/answers.js';

type Answer = ReturnType<typeof accept>;

const thread = { threadId: 'thread-1' };

/** What a newer server may send: a method, an enum member, a field and a type of its own. */
const newer = {
  m: envelope('app_server.thread.dreamed', { params: { of: ['sheep'] } }, thread),
  e: notification('turn/completed', { turn: { status: 'dreaming' } }),
  f: notification('turn/started', { mood: 'good' } as never),
  t: envelope('dream', [1, { deep: null }]),
};

describe('10. Lenient in, strict out', () => {
  test('An unknown method, enum member, field or type passes through untouched.', () => {
    marbles(({ stream, expectEnvelopes }) => {
      const source = stream('-m-e-f-t-|', newer);
      const events = '       -m-e-f-t-|';
      const handler = '      -m-e-f-t--';
      const turns = '        ---e------';
      expectEnvelopes(source).toBe(events, newer);
      expectEnvelopes(seenBy(source, ofPrefix(''))).toBe(handler, newer);
      expectEnvelopes(seenBy(source, ofAppServer('turn/completed'))).toBe(turns, newer);
    });
  });

  const frames = [
    ['no JSON', 'hello', 'not-json'],
    ['no object', [1, 2], 'not-an-object'],
    ['no type', { payload: {} }, 'no-type'],
    ['no id for a thread', { type: 'a', threadId: 5 }, 'bad-thread-id'],
  ] as const;

  test.each(frames)('A frame with %s is reported, and is no event.', (_, frame, reason) => {
    marbles(({ stream, expectEnvelopes, expectObservable }) => {
      const source = stream('-t-b-c-|', { b: frame });
      const events = '       -t---c-|';
      const malformed = '    ---r---|';
      expectEnvelopes(source).toBe(events);
      expectObservable(source.malformed$.pipe(map((one) => one.reason))).toBe(malformed, {
        r: reason,
      });
    });
  });

  const unfit = [
    ['a word that is none', { decision: 'yes' }],
    ['a member too many', { ...accept(), because: 'I like it' }],
    ['nothing in it', {}],
  ] as const;

  test.each(unfit)('An answer with %s is not sent.', (_, answer) => {
    const faults: unknown[] = [];
    marbles(({ stream, expectAnswers, expectErrors }) => {
      const source = stream('-r-------|');
      const answers = '      ----------';
      const errors = '       -r-------|';
      const { requests } = source;
      requests.serve(approvals, () => of(answer as Answer));
      requests.errors$.subscribe(({ cause }) => faults.push((cause as AnswerError).kind));
      expectAnswers(source).toBe(answers);
      expectErrors(requests).toBe(errors);
      void source.connect();
    });
    expect(faults).toEqual(['unfit']);
  });
});
