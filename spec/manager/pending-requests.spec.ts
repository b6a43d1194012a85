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
    expect(await lastValueFrom(pendingRequests(rest, { ...once, threads: ['a', 'b/'] }))).toEqual({
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
      skipped: 0,
    });
  });

  test('without a thread nothing is asked, and that is all', async () => {
    const rest: Rest = () => throwError(() => new Error('asked'));
    expect(await lastValueFrom(pendingRequests(rest, { ...once, threads: [] }))).toEqual({
      recovered: [],
      complete: true,
      error: null,
      skipped: 0,
    });
  });

  test.each([403, 404, 410])('a session with HTTP status %i waits for nothing', async (status) => {
    const rest: Rest = () => of({ status, body: {} });
    expect(await lastValueFrom(pendingRequests(rest, { ...once, threads: ['a'] }))).toMatchObject({
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
      'a server that does not want to say',
      { status: 401, body: null },
      'GET /api/sessions/a/approvals: HTTP status 401.',
    ],
    ['no list', { status: 200, body: {} }, 'HTTP status 200 without data.'],
  ])('%s is told, and the others are asked all the same', async (_, answer, message) => {
    const rest = answering({
      '/api/sessions/a/approvals': answer,
      '/api/sessions/a/tool-calls': data(call),
    });
    const { recovered, complete, error } = await lastValueFrom(
      pendingRequests(rest, { ...once, threads: ['a'] }),
    );
    expect(recovered.at(-1)?.requestId).toBe('4');
    expect(complete).toBe(false);
    expect(error?.message).toContain(message);
  });

  test.each<[string, Observable<RestAnswer>, number]>([
    ['fails', of({ status: 503, body: {} }), 4],
    ['does not answer', throwError(() => new Error('cut')), 4],
    ['asks to come later', of({ status: 429, body: {} }), 4],
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
      pendingRequests(rest, { ...patience, threads: ['a'] }).subscribe(({ complete }) =>
        told.push(complete),
      );
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
      pendingRequests(rest, { ...patience, threads: ['a'] }).subscribe((recovery) =>
        told.push(recovery),
      );
    });
    expect(told).toMatchObject([{ recovered: [{ requestId: '0' }], complete: true, error: null }]);
  });

  test('four questions are under way at once', () => {
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
      pendingRequests(rest, { ...once, threads: ['a', 'b', 'c', 'd', 'e'] }).subscribe();
    });
    expect(most).toBe(4);
  });

  describe('in the sessions that the server lists', () => {
    const sessions = (count: number, from = 0) =>
      Array.from({ length: count }, (_, i) => ({ sessionId: `s${from + i}` }));
    const listing =
      (pages: Readonly<Record<string, object>>, asked: string[] = []): Rest =>
      (path) => {
        asked.push(path);
        const [, query] = path.split('/api/sessions?limit=100');
        return of(query === undefined ? nothing : { status: 200, body: pages[query] });
      };
    const all = { ...once, threads: [], lists: ['approvals'], sessions: 200 };

    test('are asked the newest first, page by page, each once', async () => {
      const asked: string[] = [];
      const rest = listing(
        {
          '': { data: sessions(2), nextCursor: 'a&b' },
          '&cursor=a%26b': { data: [...sessions(1, 1), {}, null, ...sessions(1, 7)] },
        },
        asked,
      );
      const recovery = await lastValueFrom(pendingRequests(rest, { ...all, threads: ['s7'] }));
      expect(asked.filter((path) => path.endsWith('approvals'))).toEqual([
        '/api/sessions/s7/approvals',
        '/api/sessions/s0/approvals',
        '/api/sessions/s1/approvals',
      ]);
      // Of a known thread everything is asked, of the others what is wanted.
      expect(asked.filter((path) => path.endsWith('tool-calls'))).toHaveLength(1);
      expect(recovery).toMatchObject({ complete: true, skipped: 0 });
    });

    test('are 200, and the others are counted', async () => {
      const asked: string[] = [];
      const rest = listing(
        {
          '': { data: sessions(100), nextCursor: '1' },
          '&cursor=1': { data: sessions(100, 100), nextCursor: '2' },
          '&cursor=2': { data: sessions(1, 200), nextCursor: null },
        },
        asked,
      );
      expect(await lastValueFrom(pendingRequests(rest, all))).toEqual({
        recovered: [],
        complete: false,
        error: null,
        skipped: 1,
      });
      expect(asked.filter((path) => path.endsWith('approvals'))).toHaveLength(200);
    });

    test.each(['sessions', 'lists'])('are not listed where no %s are wanted', async (name) => {
      const asked: string[] = [];
      const none = { ...all, [name]: name === 'lists' ? [] : 0 };
      await lastValueFrom(pendingRequests(listing({}, asked), none));
      expect(asked).toEqual([]);
    });

    test('have an end, even if their list has none', async () => {
      let pages = 0;
      const rest: Rest = (path) =>
        path.includes('?')
          ? of({ status: 200, body: { data: sessions(1, ++pages), nextCursor: 'more' } })
          : of(nothing);
      const recovery = await lastValueFrom(pendingRequests(rest, all));
      expect([pages, recovery.recovered]).toEqual([100, []]);
    });

    test('that cannot be listed are an error', async () => {
      const rest: Rest = () => of({ status: 500, body: {} });
      const { complete, error } = await lastValueFrom(pendingRequests(rest, all));
      expect([complete, error?.message]).toEqual([
        false,
        'GET /api/sessions?limit=100: HTTP status 500.',
      ]);
    });
  });
});
