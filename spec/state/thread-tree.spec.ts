import { describe, expect, test } from '@jest/globals';
import { forThreadTree, threadTree, type ProtocolItem, type ThreadTree } from 'codex-rx';
import { notification } from 'codex-rx/testing';
import { play, Refusal, type Answers, type VirtualStage } from './virtual.js';

const item = (id: string, rest: object) => ({ id, ...rest }) as unknown as ProtocolItem;

const said = (threadId: string, type: 'item/started' | 'item/completed', one: ProtocolItem) =>
  notification(type, { threadId, turnId: `turn-${threadId}`, item: one as never });

/** What the old tools say, of which only the completion names the child. */
const collab = (threadId: string, child: string) =>
  said(
    threadId,
    'item/completed',
    item('spawn', { type: 'collabAgentToolCall', tool: 'spawnAgent', receiverThreadIds: [child] }),
  );

const activity = (threadId: string, child: string) =>
  said(
    threadId,
    'item/started',
    item('act', {
      type: 'subAgentActivity',
      kind: 'started',
      agentThreadId: child,
      agentPath: `/root/${child}`,
    }),
  );

const text = (threadId: string, id: string) =>
  said(threadId, 'item/completed', item(id, { type: 'agentMessage', text: id, phase: null }));

const values = {
  a: text('root', 'a'),
  b: text('kid', 'b'),
  c: text('kid', 'c'),
  g: text('grandkid', 'g'),
  x: text('foreign', 'x'),
  o: collab('root', 'kid'),
  n: activity('root', 'kid'),
  m: activity('kid', 'grandkid'),
};

const child = (id: string, parentThreadId: string) => ({ id, parentThreadId, status: null });

/** A server that lists these sub-agents, and stores nothing of their turns. */
const server =
  (...lists: (readonly object[])[]): Answers =>
  (what, params) => {
    const { threadId } = params as { threadId?: string };
    if (what === 'thread/list')
      return { data: (lists.length > 1 ? lists.shift() : lists[0]) ?? [] };
    return { thread: { id: threadId, parentThreadId: null, turns: [] } };
  };

describe('the events of a tree', () => {
  const events = (diagram: string, answers: Answers = server(), options = {}) => {
    const stage = play(diagram, values, answers, ({ stream, note }) => {
      stream.events$.pipe(forThreadTree(stream, 'root', options)).subscribe({
        next: ({ threadId, payload }) => {
          const { item } = (payload as { params: { item: { id: string } } }).params;
          note(`${threadId} ${item.id}`);
        },
        complete: () => {
          note('complete');
        },
      });
    });
    return stage;
  };

  test('are those of the root, and of a child that an item has named', () => {
    expect(events('a-n-b-m-g-x').log).toEqual([
      '0 root a',
      '2 root act',
      '4 kid b',
      '6 kid act',
      '8 grandkid g',
    ]);
  });

  test('wait until an item names their thread, and keep their order', () => {
    expect(events('-b-c-x-a-o').log).toEqual(['7 root a', '9 root spawn', '9 kid b', '9 kid c']);
  });

  test('wait no longer than a second; a link that comes later lets the next ones pass', () => {
    expect(events('b 999ms -o-c').log).toEqual(['1001 root spawn', '1003 kid c']);
  });

  test('wait in a bounded number: those of the thread that waits longest go', () => {
    const { log } = events('(bcgx)-n-m', server(), { bound: 3 });
    expect(log.filter((line) => line.includes('kid'))).toEqual(['9 kid act', '9 grandkid g']);
  });

  test('come from children that the server lists, which are resumed, at first and after a gap', () => {
    const lists = [[child('grandkid', 'kid'), child('kid', 'root')]];
    const { log, asked } = events('--b-!-^-g', server(...lists));
    expect(log).toEqual(['2 kid b', '8 grandkid g']);
    expect(asked).toEqual([
      ...['0 thread/list', '1 thread/resume', '1 thread/resume'],
      ...['7 thread/list', '8 thread/resume', '8 thread/resume'],
    ]);
  });

  test('of a server that lists no sub-agents are those that items name', () => {
    const refused: Answers = () => new Refusal(-32600, 'requires experimentalApi capability');
    expect(events('n-b|', refused).log).toEqual(['0 root act', '2 kid b', '3 complete']);
  });
});

describe('the state of a tree', () => {
  const short = ({ thread, depth, link, children }: ThreadTree): string => {
    const text = thread.turns.flatMap(({ items }) => items.map(({ id }) => id)).join(',');
    const within = children.map(short).join(' ');
    return `${thread.id}@${depth}${link ? `<${link.itemId}` : ''}[${text}]${within && `(${within})`}`;
  };

  const read = ({ stream, note }: VirtualStage) =>
    threadTree(stream, 'root', { freeze: true }).subscribe({
      next: (tree) => {
        note(short(tree));
      },
      complete: () => {
        note('complete');
      },
    });

  test('has each child with the item that made it', () => {
    const { log, asked } = play('--n--m--g', values, server(), read);
    expect(log).toEqual([
      '1 root@0[]',
      '2 root@0[act]',
      '3 root@0[act](kid@1<act[])',
      '5 root@0[act](kid@1<act[act])',
      '6 root@0[act](kid@1<act[act](grandkid@2<act[]))',
      '8 root@0[act](kid@1<act[act](grandkid@2<act[g]))',
    ]);
    expect(asked.map((line) => line.split(' ')[1])).toEqual([
      ...['thread/resume', 'thread/list', 'thread/resume', 'thread/resume'],
    ]);
  });

  test('lists and resumes the children at first, and each again after a gap', () => {
    const lists = [[child('grandkid', 'kid'), child('kid', 'root')]];
    const { log, asked } = play('---!-^', values, server(...lists), read);
    expect(log.at(-1)).toBe('6 root@0[](kid@1[](grandkid@2[]))');
    expect(asked.filter((line) => line.endsWith('resume'))).toHaveLength(6);
  });

  test('keeps what has not changed', () => {
    const lists = [[child('kid', 'root'), child('grandkid', 'root')]];
    const seen: ThreadTree[] = [];
    play('----g', values, server(...lists), ({ stream }) => {
      threadTree(stream, 'root', { freeze: true }).subscribe((tree) => seen.push(tree));
    });
    const [before, after] = seen.slice(-2);
    expect(after?.children[0]).toBe(before?.children[0]);
    expect(after?.children[1]).not.toBe(before?.children[1]);
  });

  test('completes with its stream', () => {
    expect(play('---|', values, server(), read).log.at(-1)).toBe('3 complete');
  });
});
