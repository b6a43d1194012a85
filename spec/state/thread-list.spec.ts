import { describe, expect, test } from '@jest/globals';
import { connectManager, threadList, type ThreadSummary } from 'codex-rx';
import { notification, request, startFakeManager } from 'codex-rx/testing';
import { filter, firstValueFrom } from 'rxjs';
import { play, Refusal, type Answers, type VirtualStage } from './virtual.js';

const idle = { type: 'idle' };
const active = { type: 'active', activeFlags: [] };

const thread = (id: string, updatedAt: number, rest: object = {}) => ({
  id,
  name: null,
  preview: `about ${id}`,
  status: idle,
  parentThreadId: null,
  updatedAt,
  ...rest,
});

const status = (threadId: string, status: object) =>
  notification('thread/status/changed', { threadId, status: status as never });

const begun = (threadId: string, id = 'turn-1') =>
  notification('turn/started', { threadId, turn: { id } });

const ended = (threadId: string, status: string) =>
  notification('turn/completed', { threadId, turn: { id: 'turn-1', status } });

const approval = (threadId: string) =>
  request('item/commandExecution/requestApproval', { threadId, itemId: 'c', command: 'ls' });

const short = ({ id, need, parentId, requests, turn }: ThreadSummary) =>
  [
    ...(parentId ? [`${parentId}/`] : []),
    `${id}:${need}`,
    ...(turn ? [`@${turn.startedAtMs}`] : []),
    ...requests.map(({ threadId, rootThreadId }) => `?${threadId}<${rootThreadId}`),
  ].join('');

const read = ({ stream, note }: VirtualStage) =>
  threadList(stream, { freeze: true }).subscribe({
    next: (threads) => {
      note(threads.map(short).join(' '));
    },
    complete: () => {
      note('complete');
    },
  });

const listing =
  (...pages: (readonly object[])[]): Answers =>
  (what, params) => {
    const { cursor = 0, threadId } = params as { cursor?: number; threadId?: string };
    if (what === 'thread/read')
      return { thread: thread(`${threadId}`, 0, { parentThreadId: 'a' }) };
    const next = cursor + 1;
    return { data: pages[cursor], nextCursor: next < pages.length ? next : null };
  };

describe('the list of threads', () => {
  test('has every page, the latest first', () => {
    const { log, asked } = play('', {}, listing([thread('b', 2)], [thread('a', 1)]), read);
    expect(log).toEqual(['2 b:idle a:idle']);
    expect(asked).toEqual(['0 thread/list', '1 thread/list']);
  });

  test('shows those first that need somebody', () => {
    const values = {
      r: status('a', active),
      s: begun('a'),
      f: ended('b', 'failed'),
      w: approval('c'),
      e: ended('a', 'completed'),
      i: status('a', idle),
    };
    const all = listing([thread('c', 3), thread('b', 2), thread('a', 1)]);
    const { log } = play('--r--s--f--w--e--i', values, all, read);
    expect(log).toEqual([
      '1 c:idle b:idle a:idle',
      '2 a:running c:idle b:idle',
      '5 a:running@5 c:idle b:idle',
      '8 b:failed a:running@5 c:idle',
      '11 c:waiting?c<null b:failed a:running@5',
      '14 c:waiting?c<null b:failed a:running',
      '17 c:waiting?c<null b:failed a:idle',
    ]);
  });

  test('a thread waits when a sub-agent of its waits, which is looked up and never resumed', () => {
    const { log, asked } = play('--w', { w: approval('kid') }, listing([thread('a', 1)]), read);
    expect(log).toEqual(['1 a:idle', '3 a:waiting?kid<null a/kid:waiting?kid<null']);
    expect(asked).toEqual(['0 thread/list', '2 thread/read']);
  });

  test('an event that came after the call beats the list, and what was gone stays gone', () => {
    const values = {
      n: notification('thread/name/updated', { threadId: 'a', threadName: 'mine' }),
      x: notification('thread/deleted', { threadId: 'b' }),
    };
    const { log } = play('--nx', values, listing([thread('a', 1), thread('b', 0)]), (stage) => {
      threadList(stage.stream, { freeze: true }).subscribe((threads) => {
        stage.note(threads.map(({ id, title }) => `${id} ${title}`).join(', '));
      });
    });
    expect(log).toEqual(['1 a about a, b about b', '2 a mine, b about b', '3 a mine']);
  });

  test('is read again after a gap, and takes threads away that are gone', () => {
    const pages = [[thread('a', 1), thread('b', 0)], [thread('b', 5, { status: active })]];
    const answers: Answers = () => ({ data: pages.shift(), nextCursor: null });
    const { log } = play('-s-!-^', { s: status('a', active) }, answers, read);
    expect(log).toEqual(['1 a:idle b:idle', '1 a:running b:idle', '7 b:running']);
  });

  test('that cannot be read shows what events said, and is read again', () => {
    const answers: unknown[] = [new Refusal(-1, 'no'), { data: [thread('a', 1)] }];
    const { log, asked } = play('', {}, () => answers.shift(), read);
    expect(log).toEqual(['1 ', '502 a:idle']);
    expect(asked).toHaveLength(2);
  });

  test('keeps what has not changed', () => {
    const values = { s: status('a', active) };
    const seen: (readonly ThreadSummary[])[] = [];
    play('--s', values, listing([thread('a', 1), thread('b', 0)]), ({ stream }) => {
      threadList(stream, { freeze: true }).subscribe((threads) => seen.push(threads));
    });
    expect(seen).toHaveLength(2);
    expect(seen[1]?.[1]).toBe(seen[0]?.[1]);
    expect(seen[1]?.[0]).not.toBe(seen[0]?.[0]);
  });
});

test('on codex-manager, sessions of its own are in no list though their events come', async () => {
  const server = await startFakeManager();
  const stream = connectManager({ url: server.url, log: false });
  try {
    const mine = server.session();
    const hidden = server.session({ systemOwned: true });
    const threads$ = threadList(stream, { freeze: true });
    const reader = threads$.subscribe();
    expect(await firstValueFrom(threads$)).toMatchObject([{ id: mine, title: 'New chat' }]);
    server.startTurn(hidden, 'x').say('x');
    const late = server.session();
    server.startTurn(late, 'Hi').say('x');
    const all = await firstValueFrom(threads$.pipe(filter((threads) => threads.length > 1)));
    expect(all.map(({ id }) => id).sort()).toEqual([mine, late].sort());
    reader.unsubscribe();
  } finally {
    await stream.close();
    await server.close();
  }
});
