import { describe, expect, test } from '@jest/globals';
import { lastValueFrom, of, Subject, throwError, type Observable } from 'rxjs';
import { createThreads, resumeThreads, type Request } from '../../lib/app-server/threads.js';

describe('the threads that a client follows', () => {
  test.each(['thread/start', 'thread/resume', 'thread/fork'])(
    '%s adds the one of its result',
    (method) => {
      const threads = createThreads();
      threads.called(method, { threadId: 'asked' }, { thread: { id: 'told' } });
      threads.called(method, {}, { thread: { id: 'told' } });
      expect([...threads]).toEqual(['told']);
    },
  );

  test.each(['thread/unsubscribe', 'thread/archive', 'thread/delete'])(
    '%s takes away the one of its params',
    (method) => {
      const threads = createThreads();
      for (const id of ['a', 'b']) threads.called('thread/start', {}, { thread: { id } });
      threads.called(method, { threadId: 'a' }, {});
      expect([...threads]).toEqual(['b']);
      threads.remove('b');
      threads.remove('c');
      expect([...threads]).toEqual([]);
    },
  );

  test('other calls, and results that are odd, change nothing', () => {
    const threads = createThreads();
    threads.called('thread/read', { threadId: 'a' }, { thread: { id: 'a' } });
    for (const result of [null, undefined, 5, {}, { thread: null }, { thread: { id: 5 } }]) {
      threads.called('thread/start', null, result);
      threads.called('thread/unsubscribe', result, null);
    }
    expect([...threads]).toEqual([]);
  });
});

/** What a server answers, by method and thread; and what it was asked, in order. */
function serve(answers: Record<string, unknown>): { request: Request; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    request(method, params) {
      const asking = params as { threadId?: string; cursor?: string };
      const key = [method, asking.threadId ?? asking.cursor].filter(Boolean).join(' ');
      asked.push(key);
      const answer = answers[key];
      if (answer instanceof Error) return throwError(() => answer);
      return answer instanceof Subject ? (answer as Observable<unknown>) : of(answer);
    },
  };
}

const list = 'thread/loaded/list';
const resume = (ids: string[], request: Request, resumed: string[] = []) =>
  lastValueFrom(
    resumeThreads(request, ids, {
      restarted: () => resumed.push('restarted'),
      resumed: (id) => resumed.push(id),
    }),
  );

describe('resumeThreads', () => {
  test('asks nothing if there are none', async () => {
    const { request, asked } = serve({});
    expect(await resume([], request)).toEqual({
      recovered: [],
      complete: true,
      error: null,
      restarted: null,
    });
    expect(asked).toEqual([]);
  });

  test('resumes each, without its turns, and knows that the server is the same', async () => {
    const sent: unknown[] = [];
    const { request } = serve({ [list]: { data: ['a'], nextCursor: null } });
    const resumed: string[] = [];
    const recovery = await resume(
      ['a', 'b'],
      (method, params) => {
        sent.push([method, params]);
        return request(method, params);
      },
      resumed,
    );
    expect(recovery).toEqual({ recovered: [], complete: true, error: null, restarted: false });
    expect(sent).toEqual([
      [list, {}],
      ['thread/resume', { threadId: 'a', excludeTurns: true }],
      ['thread/resume', { threadId: 'b', excludeTurns: true }],
    ]);
    expect(resumed).toEqual(['a', 'b']);
  });

  test('a server that has none of them loaded began anew', async () => {
    for (const data of [[], ['x']]) {
      const { request } = serve({ [list]: { data, nextCursor: null } });
      const told: string[] = [];
      expect(await resume(['a', 'b'], request, told)).toMatchObject({ restarted: true });
      expect(told).toEqual(['restarted', 'a', 'b']);
    }
  });

  test('reads the list page by page, and takes an odd one for empty', async () => {
    const { request, asked } = serve({
      [list]: { data: ['x'], nextCursor: 'two' },
      [`${list} two`]: { data: null, nextCursor: 'three' },
      [`${list} three`]: { data: ['a'] },
    });
    expect(await resume(['a'], request)).toMatchObject({ restarted: false });
    expect(asked).toEqual([list, `${list} two`, `${list} three`, 'thread/resume a']);
  });

  test('does not know whether a server that does not list them began anew', async () => {
    const { request, asked } = serve({ [list]: new Error('unknown variant') });
    expect(await resume(['a'], request)).toMatchObject({ restarted: null, complete: true });
    expect(asked).toEqual([list, 'thread/resume a']);
  });

  test('one that cannot be resumed does not keep the others from it, and the first error is told', async () => {
    const [first, second] = [new Error('first'), new Error('second')];
    const { request } = serve({
      [list]: { data: ['b'] },
      'thread/resume a': first,
      'thread/resume c': second,
    });
    const resumed: string[] = [];
    expect(await resume(['a', 'b', 'c'], request, resumed)).toEqual({
      recovered: [],
      complete: false,
      error: first,
      restarted: false,
    });
    expect(resumed).toEqual(['b']);
  });

  test('resumes four at once, and no more', () => {
    const answers = new Map(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => [id, new Subject()]));
    const { request, asked } = serve({
      [list]: { data: ['a'] },
      ...Object.fromEntries([...answers].map(([id, answer]) => [`thread/resume ${id}`, answer])),
    });
    let isDone = false;
    const told = { restarted: () => undefined, resumed: () => undefined };
    resumeThreads(request, answers.keys(), told).subscribe(() => {
      isDone = true;
    });
    const counts: number[] = [asked.length - 1];
    for (const answer of answers.values()) {
      answer.next({});
      answer.complete();
      counts.push(asked.length - 1);
    }
    expect(counts).toEqual([4, 5, 6, 6, 6, 6, 6]);
    expect(isDone).toBe(true);
  });
});
