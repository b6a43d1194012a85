import { describe, expect, test } from '@jest/globals';
import { delay, lastValueFrom, of, throwError, timer, type Observable } from 'rxjs';
import { marbles } from 'codex-rx/testing';
import { pendingRequests } from '../../lib/manager/pending-requests.js';
import type { Rest, RestAnswer } from '../../lib/manager/rest.js';

const approval = { approvalId: '0', threadId: 'a', turnId: 'u', status: 'pending' };
const call = { requestId: '4', threadId: 'a', turnId: 'u', callId: 'c', status: 'pending' };
const question = { requestId: '5', threadId: 'b', turnId: 'v', questions: [], status: 'pending' };

const nothing: RestAnswer = { status: 200, body: { data: [] } };

const answering =
  (answers: Readonly<Record<string, RestAnswer>>): Rest =>
  (path) =>
    of(answers[path] ?? nothing);

const data = (...data: unknown[]): RestAnswer => ({ status: 200, body: { data } });

const once = { attempts: 1, random: () => 0 };

describe('pendingRequests', () => {
  test('are the events that would have told them', async () => {
    const rest = answering({
      '/api/sessions/a/approvals': data(approval),
      '/api/sessions/a/tool-calls': data(call),
      '/api/sessions/b%2F/tool-input': data(question),
    });
    const ids = { turnId: 'u', threadId: 'a' };
    expect(await lastValueFrom(pendingRequests(rest, ['a', 'b/'], once))).toEqual({
      recovered: [
        { type: 'approval', ...ids, requestId: '0', payload: approval },
        { type: 'tool_call_requested', ...ids, requestId: '4', payload: call },
        {
          type: 'tool_user_input_requested',
          threadId: 'b/',
          turnId: 'v',
          requestId: '5',
          payload: question,
        },
      ],
      complete: true,
      error: null,
    });
  });

  test('without a thread nothing is asked, and that is all', async () => {
    const rest: Rest = () => throwError(() => new Error('asked'));
    expect(await lastValueFrom(pendingRequests(rest, [], once))).toEqual({
      recovered: [],
      complete: true,
      error: null,
    });
  });

  test.each([403, 410])('a session with HTTP status %i waits for nothing', async (status) => {
    const rest: Rest = () => of({ status, body: {} });
    expect(await lastValueFrom(pendingRequests(rest, ['a'], once))).toMatchObject({
      complete: true,
    });
  });

  test.each<[string, RestAnswer, string]>([
    [
      'a failing server',
      { status: 500, body: {} },
      'GET /api/sessions/a/approvals: HTTP status 500.',
    ],
    [
      'no such route',
      { status: 404, body: null },
      'GET /api/sessions/a/approvals: HTTP status 404.',
    ],
    ['no list', { status: 200, body: {} }, 'HTTP status 200 without data.'],
  ])('%s is told, and the others are asked all the same', async (_, answer, message) => {
    const rest = answering({
      '/api/sessions/a/approvals': answer,
      '/api/sessions/a/tool-calls': data(call),
    });
    const { recovered, complete, error } = await lastValueFrom(pendingRequests(rest, ['a'], once));
    expect(recovered.at(-1)?.requestId).toBe('4');
    expect(complete).toBe(false);
    expect(error?.message).toContain(message);
  });

  test.each<[string, Observable<RestAnswer>, number]>([
    ['fails', of({ status: 503, body: {} }), 4],
    ['does not answer', throwError(() => new Error('cut')), 4],
    ['asks to come later', of({ status: 429, body: {} }), 4],
    ['knows no such list', of({ status: 404, body: {} }), 1],
    ['does not want to say', of({ status: 401, body: {} }), 1],
  ])('a server that %s', (_, answer$, times) => {
    let asked = 0;
    marbles(() => {
      const rest: Rest = (path) => {
        if (!path.endsWith('tool-calls')) return of(nothing);
        asked++;
        return answer$;
      };
      const told: boolean[] = [];
      const patience = { random: () => 0.9 };
      pendingRequests(rest, ['a'], patience).subscribe(({ complete }) => told.push(complete));
      timer(449).subscribe(() => expect(asked).toBe(1));
      timer(10_000).subscribe(() => expect(told).toEqual([false]));
    });
    expect(asked).toBe(times);
  });

  test('a list that comes at the second attempt is what counts', () => {
    let asked = 0;
    const told: unknown[] = [];
    marbles(() => {
      const rest: Rest = (path) => {
        if (!path.endsWith('approvals')) return of(nothing);
        return asked++ === 0 ? throwError(() => new Error('cut')) : of(data(approval));
      };
      const patience = { random: () => 0.5 };
      pendingRequests(rest, ['a'], patience).subscribe((recovery) => told.push(recovery));
    });
    expect(told).toMatchObject([{ recovered: [{ requestId: '0' }], complete: true, error: null }]);
  });

  test('six questions are under way at once', () => {
    let open = 0;
    let most = 0;
    marbles(() => {
      const rest: Rest = () => {
        most = Math.max(most, ++open);
        return of(nothing).pipe(delay(5), (answer$) => {
          answer$.subscribe(() => open--);
          return answer$;
        });
      };
      pendingRequests(rest, ['a', 'b', 'c', 'd', 'e'], once).subscribe();
    });
    expect(most).toBe(6);
  });
});
