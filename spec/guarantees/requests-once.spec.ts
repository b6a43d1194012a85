import { describe, expect, jest, test } from '@jest/globals';
import { approvals, type AnswerError, type ServerRequest } from 'codex-rx';
import { alphabet, envelope, marbles } from 'codex-rx/testing';
import { map, NEVER, throwError, timer } from 'rxjs';
import { accept } from '../support/answers.js';

const acceptLater = () => timer(2).pipe(map(() => accept()));
const nothing = () => undefined;
const nothingYet = () => NEVER;

/** codex-manager has answered the request with an error itself. */
const { method, params } = alphabet.r.payload;
const refused = envelope(
  'server_request',
  { method, id: 0, params },
  { threadId: 'thread-1', requestId: 0 },
);

describe('9. Requests once', () => {
  test('A request is handed out once and answered once, however often it is told.', () => {
    const handler = jest.fn(acceptLater);
    marbles(({ stream, expectObservable, expectEnvelopes, expectAnswers }) => {
      const source = stream('-r-r-!-^-r-r-s-|');
      const opened = '       -r-------------|';
      const answers = '      ---a------------';
      const settled = '      ----r----------|';
      const { requests } = source;
      requests.serve(approvals, handler);
      requests.serve('item/commandExecution/requestApproval', handler);
      expectEnvelopes(requests.opened$.pipe(map(({ event }) => event))).toBe(opened);
      expectAnswers(source).toBe(answers);
      expectObservable(requests.settled$.pipe(map(({ request }) => request.event))).toBe(settled);
      void source.connect();
    });
    expect(handler).toHaveBeenCalledTimes(1);
  });

  test('Of several answers one is sent, and who gave the others is told.', async () => {
    const told: Promise<string>[] = [];
    marbles(({ stream, expectAnswers }) => {
      const source = stream('-r------|');
      const answers = '      ---a-----';
      const { requests } = source;
      const answer = (request: ServerRequest) =>
        requests.answer(request, accept()).then(
          ({ outcome }) => outcome,
          (error: unknown) => (error as AnswerError).kind,
        );
      requests.opened$.subscribe((request) => {
        for (const wait of [2, 2, 9]) timer(wait).subscribe(() => told.push(answer(request)));
      });
      expectAnswers(source).toBe(answers);
      void source.connect();
    });
    expect(await Promise.all(told)).toEqual(['answered', 'taken', 'settled']);
  });

  const outcomes = [
    ['answered', '          -r------|', ' ----o---|', acceptLater],
    ['answered-elsewhere', '-r-s----|', ' ---o----|', nothing],
    ['expired', '           -r-h----|', ' ---o----|', nothing],
    ['failed', '            -r-u----|', ' ---o----|', nothing],
    ['lost', '              -r------|', ' --------(o|)', nothing],
  ] as const;

  test.each(outcomes)('It settles visibly, once: %s.', (outcome, diagram, settled, handler) => {
    marbles(({ stream, expectObservable }) => {
      const source = stream(diagram, { u: refused });
      const { requests } = source;
      requests.serve(approvals, handler);
      expectObservable(requests.settled$.pipe(map((one) => one.outcome))).toBe(settled, {
        o: outcome,
      });
      void source.connect();
    });
  });

  const silent = [
    ['that has no answer', nothing],
    ['that never answers', () => NEVER],
    ['that throws', () => throwError(() => new Error('boom'))],
    ['that answers when the stream is closed', () => timer(20).pipe(map(() => accept()))],
  ] as const;

  test.each(silent)('Nothing is approved by default, not by a handler %s.', (_, handler) => {
    marbles(({ stream, expectAnswers }) => {
      const source = stream('-r-!-^-----|');
      const answers = '      ------------';
      source.requests.serve(approvals, handler);
      source.requests.errors$.subscribe();
      expectAnswers(source).toBe(answers);
      void source.connect();
    });
  });

  test('When its time is up, a fallback answers that grants nothing.', () => {
    marbles(({ stream, expectAnswers, expectErrors }) => {
      const source = stream('-r--R------|');
      const declined = '     ----d-------';
      const approves = '     ------------';
      const errors = '       -------R---|';
      const { requests } = source;
      const isOf = (thread: string) => (request: ServerRequest) => request.threadId === thread;
      const wrong = new TypeError('A fallback must not approve.');
      requests.serve(isOf('thread-1'), nothingYet, { timeout: 3 });
      requests.serve(isOf('thread-2'), nothingYet, { timeout: 3, fallback: () => accept() });
      expectAnswers(source, alphabet.r.requestId).toBe(declined);
      expectAnswers(source, alphabet.R.requestId).toBe(approves);
      expectErrors(requests).toBe(errors, { R: { envelope: alphabet.R, cause: wrong } });
      void source.connect();
    });
  });
});
