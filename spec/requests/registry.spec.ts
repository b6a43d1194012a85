import { describe, expect, test } from '@jest/globals';
import { marbles } from 'codex-rx/testing';
import { of, timer, type Observable } from 'rxjs';
import { AnswerError, toolResult } from '../../lib/requests/index.js';
import {
  ask,
  byHand,
  call,
  command,
  itemEnded,
  onItsWay,
  resolved,
  stage,
  told,
  turnEnded,
  underWay,
} from './stage.js';
import { accept, cancel, decline } from '../support/answers.js';

const kindOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'settled',
    (error: unknown) => (error as AnswerError).kind,
  );

describe('a server request', () => {
  test('is a plain value that tells what it is', () => {
    const { observe, opened } = stage();
    observe(
      command(0, { approvalId: 'a', command: 'ls', availableDecisions: ['accept', { x: 1 }] }),
    );
    expect(opened).toEqual([
      {
        key: '["0","t","u","item 0",null,"a"]',
        kind: 'commandExecution',
        method: 'item/commandExecution/requestApproval',
        requestId: 0,
        threadId: 't',
        turnId: 'u',
        itemId: 'item 0',
        params: expect.objectContaining({ command: 'ls' }),
        openedAt: expect.any(Number),
        event: expect.objectContaining({ requestId: 0 }),
        answerable: true,
        availableDecisions: ['accept', { x: 1 }],
        command: 'ls',
        cwd: null,
        reason: null,
        state: 'open',
      },
    ]);
    expect(JSON.parse(JSON.stringify(opened[0]))).toEqual(opened[0]);
  });

  test.each([
    ['item/commandExecution/requestApproval', 'commandExecution'],
    ['execCommandApproval', 'commandExecution'],
    ['item/fileChange/requestApproval', 'fileChange'],
    ['applyPatchApproval', 'fileChange'],
    ['item/permissions/requestApproval', 'permissions'],
    ['item/tool/requestUserInput', 'userInput'],
    ['mcpServer/elicitation/request', 'elicitation'],
    ['item/tool/call', 'dynamicToolCall'],
    ['currentTime/read', 'currentTime'],
    ['of/tomorrow', 'other'],
  ])('by the method %s is of the kind %s', (method, kind) => {
    const { observe, opened } = stage();
    observe(ask(method, 0));
    expect(opened[0]!.kind).toBe(kind);
  });

  test('knows the files that it would change from the start of its item, or from its params', () => {
    const { observe, opened } = stage();
    const changes = [{ path: '/a', kind: { type: 'update', move_path: '/b' }, diff: '' }];
    const unreadable = { id: 'k', type: 'fileChange', changes: [...changes, { path: 5 }] };
    observe(
      told('item/started', { threadId: 't', item: { id: 'i', type: 'fileChange', changes } }),
    );
    observe(told('item/started', { threadId: 't', item: { id: 'j', type: 'commandExecution' } }));
    observe(told('item/started', { threadId: 't', item: unreadable }));
    for (let i = 0; i < 98; i++) {
      const item = { id: `x${i}`, type: 'fileChange', changes: [] };
      observe(told('item/started', { threadId: 't', item }));
    }
    observe(ask('item/fileChange/requestApproval', 0, { itemId: 'i' }));
    observe(ask('item/fileChange/requestApproval', 1, { itemId: 'j' }));
    observe(ask('applyPatchApproval', 2, { callId: 'i', fileChanges: { '/c': {} } }));
    const item = { id: 'one too many', type: 'fileChange', changes: [] };
    observe(told('item/started', { threadId: 't', item }));
    observe(ask('item/fileChange/requestApproval', 3, { itemId: 'i' }));
    observe(ask('item/fileChange/requestApproval', 4, { itemId: 'k' }));
    const paths = opened.map((request) => request.kind === 'fileChange' && request.paths);
    expect(paths).toEqual([['/a', '/b'], null, ['/c'], null, null]);
  });

  test('opens once, however often it is told, and in whatever shape its id has', () => {
    const { observe, opened, pending, requests } = stage();
    observe(command(0));
    observe(command(0));
    observe(command('0'));
    expect(opened).toHaveLength(1);
    expect(pending).toEqual([[], [0]]);
    expect(requests.get(opened[0]!.key)).toBe(opened[0]);
    expect(requests.get('other')).toBeUndefined();
  });

  test('with the same id, but of another thread, turn, item, call or approval, is another', () => {
    const { observe, opened } = stage();
    observe(command(0));
    for (const params of [
      { threadId: 't2' },
      { turnId: 'u2' },
      { itemId: 'i2' },
      { callId: 'c' },
      { approvalId: 'a' },
    ]) {
      observe(command(0, params));
    }
    expect(new Set(opened.map(({ key }) => key)).size).toBe(6);
  });

  test('of no turn is told from others of its id by what it asks', () => {
    const { observe, opened } = stage();
    const weak = (params: object) =>
      ask('mcpServer/elicitation/request', 0, { turnId: null, ...params });
    for (const message of ['a', 'b', 'a']) observe(weak({ message }));
    observe(weak({ message: 'a', itemId: 'i' }));
    expect(opened).toHaveLength(3);
    expect(new Set(opened.map(({ key }) => key)).size).toBe(3);
  });

  test('must say that it is a request, and have an id', () => {
    const { observe, open, opened } = stage();
    const { payload, ...event } = command(0);
    observe({ ...event, payload: { ...payload, signalType: 'notification' } });
    observe({ ...event, payload: null });
    open({ ...event, payload, requestId: null });
    expect(opened).toEqual([]);
  });

  test('that is settled is not opened again by a late copy', () => {
    const { observe, opened } = stage();
    observe(command(0));
    observe(resolved(0));
    observe(command(0));
    expect(opened).toHaveLength(1);
  });

  test('is remembered for as long as a thousand others', () => {
    const { observe, opened } = stage();
    for (let id = 0; id <= 1_000; id++) {
      observe(command(id));
      observe(resolved(id));
    }
    observe(command(1));
    observe(command(0));
    expect(opened).toHaveLength(1_002);
  });
});

describe('an answer', () => {
  test('that the server takes settles the request as answered', async () => {
    const { observe, opened, requests, sent, settled, pending, decisions } = stage();
    observe(command(0));
    const settlement = await requests.answer(opened[0]!, accept(), { by: 'me', why: 'it is fine' });
    expect(sent).toEqual([{ request: opened[0], answer: { decision: 'accept' } }]);
    expect(settlement).toEqual({
      request: { ...opened[0], state: 'answering' },
      outcome: 'answered',
      cause: 'accepted',
      answer: { decision: 'accept' },
      by: 'me',
      settledAt: expect.any(Number),
      waited: expect.any(Number),
    });
    expect(settled).toEqual([settlement]);
    expect(pending).toEqual([[], [0], [0], []]);
    expect(decisions).toEqual([[0, { decision: 'accept' }, 'me', 'it is fine']]);
  });

  test('may be given to the event of a request', async () => {
    const { observe, requests, decisions } = stage();
    observe(call(0));
    await requests.answer(call(0) as never, toolResult('x'));
    expect(decisions).toMatchObject([[0, toolResult('x'), 'answer', null]]);
  });

  test('counts once: a second is refused while the first is under way, and afterwards', async () => {
    const reply = byHand();
    const { observe, opened, requests, sent } = stage(() => reply);
    observe(command(0));
    const first = requests.answer(opened[0]!, accept());
    expect(await kindOf(requests.answer(opened[0]!, decline()))).toBe('taken');
    reply.next({ status: 'answered' });
    expect((await first).outcome).toBe('answered');
    expect(await kindOf(requests.answer(opened[0]!, decline()))).toBe('settled');
    expect(sent).toHaveLength(1);
  });

  test('to what nobody has seen is refused', async () => {
    const { requests } = stage();
    expect(await kindOf(requests.answer(command(0) as never, accept()))).toBe('unknown');
  });

  test('to what the source cannot answer is refused', async () => {
    const { observe, opened, requests, sent } = stage();
    observe(ask('unanswerable', 0));
    expect(opened[0]!.answerable).toBe(false);
    expect(await kindOf(requests.answer(opened[0]!, {} as never))).toBe('unanswerable');
    expect(sent).toEqual([]);
  });

  test('that does not fit is refused before it is sent, says why, and leaves the request open', async () => {
    const { observe, opened, requests, sent, pending } = stage();
    observe(command(0));
    const answer = requests.answer(opened[0]!, { decision: 'yes' } as never);
    await expect(answer).rejects.toThrow(
      'item/commandExecution/requestApproval: answer.decision must be one of accept, acceptForSession, decline, cancel',
    );
    expect(sent).toEqual([]);
    expect(pending.at(-1)).toEqual([0]);
    expect((await requests.answer(opened[0]!, decline())).outcome).toBe('answered');
  });

  test('that only the source refuses is not sent either', async () => {
    const prepare = () => new AnswerError('too-large', 'too large');
    const { observe, opened, requests, sent } = stage(undefined, { prepare });
    observe(command(0));
    expect(await kindOf(requests.answer(opened[0]!, accept()))).toBe('too-large');
    expect(sent).toEqual([]);
    const fine = stage();
    fine.observe(command(0));
    expect(await kindOf(fine.requests.answer(fine.opened[0]!, accept()))).toBe('settled');
  });

  test('that was not taken leaves the request open, and another may be given', async () => {
    const error = new AnswerError('refused', 'no', 400);
    let attempts = 0;
    const { observe, opened, requests, ends } = stage(() =>
      of(attempts++ ? { status: 'answered' } : { status: 'failed', error, uncertain: false }),
    );
    observe(command(0));
    await expect(requests.answer(opened[0]!, accept())).rejects.toBe(error);
    expect(requests.get(opened[0]!.key)?.state).toBe('open');
    await requests.answer(opened[0]!, decline());
    expect(ends()).toEqual(['0 answered accepted']);
  });

  test('that nobody awaits is no unhandledRejection', async () => {
    const { requests } = stage();
    void requests.answer(command(0) as never, accept());
    await new Promise((resolve) => setImmediate(resolve));
  });

  test('may be given by the event of its request', async () => {
    const { requests, observe, ends, refused } = stage();
    observe(command(0));
    observe(command(1));
    void requests.answer(command(0) as never, accept());
    expect(await kindOf(requests.answer(command(0) as never, accept()))).toBe('settled');
    expect(await kindOf(requests.answer(command(1) as never, {} as never))).toBe('unfit');
    refused(command(1));
    expect(ends()).toEqual(['0 answered accepted', '1 failed refused']);
  });

  test('may be an error, which is for this request, and for no other with the same id', () => {
    const { observe, ends, refused, pending } = stage();
    observe(command(0));
    observe(command(0, { turnId: 'new' }));
    refused(command(0, { turnId: 'new' }));
    refused(command(0, { turnId: 'other' }));
    expect(ends()).toEqual(['0 failed refused']);
    expect(pending.at(-1)).toEqual([0]);
  });
});

describe('a request is settled', () => {
  test.each<[string, ReturnType<typeof told>, string]>([
    ['by somebody else', resolved(0), 'answered-elsewhere resolved'],
    ['by an interrupt', turnEnded(), 'expired turn-ended'],
    ['by the end of its turn', turnEnded('completed'), 'expired turn-ended'],
    ['by the end of its thread', told('thread/closed', { threadId: 't' }), 'expired thread-ended'],
    [
      'by the loss of its thread',
      told('thread/deleted', { threadId: 't' }),
      'expired thread-ended',
    ],
  ])('%s', (_, event, end) => {
    const { observe, ends, pending } = stage();
    observe(command(0));
    observe(event);
    observe(event);
    expect(ends()).toEqual([`0 ${end}`]);
    expect(pending.at(-1)).toEqual([]);
  });

  test.each<[string, ReturnType<typeof told>]>([
    ['another id', resolved(1)],
    ['another thread', resolved(0, 't2')],
    ['another turn', turnEnded('interrupted', 'u2')],
    ['no turn', told('turn/completed', { threadId: 't' })],
    ['an item, for it is no tool call', itemEnded('item 0')],
    ['no thread', told('thread/closed', {})],
    ['nothing', { ...itemEnded('item 0'), payload: null }],
    ['a delta', told('item/agentMessage/delta', { threadId: 't' })],
  ])('not by the end of %s', (_, event) => {
    const { observe, ends } = stage();
    observe(command(0));
    observe(event);
    expect(ends()).toEqual([]);
  });

  test.each([
    ['completed', null, 'answered-elsewhere'],
    ['failed', [{ type: 'inputText', text: 'it failed' }], 'answered-elsewhere'],
    ['failed', [], 'expired'],
    ['failed', null, 'expired'],
  ])(
    'by the end of its item, %s with %j: nothing resolves a tool call',
    (status, content, outcome) => {
      const { observe, ends } = stage();
      observe(call(0));
      observe(itemEnded('call 0', status, content));
      expect(ends()).toEqual([`0 ${outcome} item-completed`]);
    },
  );

  test.each<[string, ReturnType<typeof told>, string]>([
    ['resolved', resolved(0), 'answered resolved'],
    ['its item has ended', itemEnded('call 0'), 'answered item-completed'],
    ['its item has failed', itemEnded('call 0', 'failed'), 'answered item-completed'],
    ['its turn has ended well', turnEnded('completed'), 'answered turn-ended'],
    ['interrupted all the same', turnEnded(), 'expired turn-ended'],
  ])('as answered when an answer is on its way: %s', (_, event, end) => {
    const { observe, opened, requests, ends } = stage(onItsWay);
    observe(call(0));
    void requests.answer(opened[0]!, toolResult('x') as never);
    expect(ends()).toEqual([]);
    observe(event);
    expect(ends()).toEqual([`0 ${end}`]);
  });

  test.each<[string, object, string]>([
    ['ends the turn', cancel(), 'answered turn-ended'],
    ['does not', decline(), 'expired turn-ended'],
  ])('by the interrupt of its turn, if an answer on its way %s', (_, answer, end) => {
    const { observe, opened, requests, ends } = stage(onItsWay);
    observe(command(0));
    void requests.answer(opened[0]!, answer as never);
    observe(turnEnded());
    expect(ends()).toEqual([`0 ${end}`]);
  });

  test.each<[string, Parameters<ReturnType<typeof byHand>['next']>[0], string]>([
    ['taken', { status: 'answered' }, 'answered accepted'],
    ['a conflict', { status: 'conflict' }, 'answered-elsewhere conflict'],
    ['gone', { status: 'gone', uncertain: false }, 'answered-elsewhere resolved'],
    ['gone at the second attempt', { status: 'gone', uncertain: true }, 'lost resolved'],
    [
      'unreachable',
      { status: 'failed', error: new AnswerError('unreachable', ''), uncertain: true },
      'lost resolved',
    ],
    ['on its way', { status: 'sent' }, 'answered resolved'],
  ])('by the reply to its answer, if an event came first: %s', (_, sent, end) => {
    const reply = byHand();
    const { observe, opened, requests, ends } = stage(() => reply);
    observe(command(0));
    void requests.answer(opened[0]!, accept());
    observe(resolved(0));
    observe(turnEnded());
    expect(ends()).toEqual([]);
    reply.next(sent);
    expect(ends()).toEqual([`0 ${end}`]);
  });

  test('as lost if the server has forgotten it, and nobody says why', () => {
    const { observe, opened, requests, ends } = stage(() =>
      of({ status: 'gone', uncertain: false }),
    );
    observe(command(0));
    void requests.answer(opened[0]!, accept());
    expect(ends()).toEqual(['0 lost gone']);
  });

  test.each<[string, boolean, string]>([
    ['this answer', true, '0 answered resolved'],
    ['another', false, '0 answered-elsewhere resolved'],
  ])('as an event says that it was %s, where no reply came', (_, answeredBy, end) => {
    const error = new AnswerError('unreachable', '');
    const { observe, opened, requests, ends, resolved } = stage(() =>
      of({ status: 'failed', error, uncertain: true }),
    );
    observe(command(0));
    void requests.answer(opened[0]!, accept());
    resolved('0', 't', { cause: 'resolved', answeredBy: () => answeredBy });
    expect(ends()).toEqual([end]);
  });

  test('two seconds after an event has told its end, if the reply does not come', () => {
    marbles(() => {
      const { observe, opened, requests, ends } = stage(underWay);
      observe(command(0));
      void requests.answer(opened[0]!, cancel());
      timer(10).subscribe(() => observe(turnEnded()));
      timer(2_009).subscribe(() => expect(ends()).toEqual([]));
      timer(2_011).subscribe(() => expect(ends()).toEqual(['0 expired turn-ended']));
    });
  });
});

describe('after a gap', () => {
  const all = () => true;

  test('what was not seen again was settled meanwhile, and what was seen is open', () => {
    const { observe, revision, dropUnseen, opened, requests, ends, pending } = stage(onItsWay);
    for (const id of [0, 1, 2]) observe(command(id));
    void requests.answer(opened[2]!, accept());
    const before = revision();
    observe(command(1));
    dropUnseen(before, all);
    expect(ends()).toEqual(['0 lost missed', '2 lost missed']);
    expect(pending.at(-1)).toEqual([1]);
  });

  test('a reply that is still out is waited for', () => {
    const { observe, revision, dropUnseen, opened, requests, ends } = stage(underWay);
    observe(command(0));
    void requests.answer(opened[0]!, accept());
    dropUnseen(revision(), all);
    expect(ends()).toEqual([]);
  });

  test.each<[string, Parameters<ReturnType<typeof byHand>['next']>[0], string]>([
    ['taken', { status: 'answered' }, '0 answered accepted'],
    [
      'unreachable',
      { status: 'failed', error: new AnswerError('unreachable', ''), uncertain: false },
      '0 lost missed',
    ],
  ])('a reply that comes late still counts: %s', (_, sent, end) => {
    const reply = byHand();
    const { observe, revision, dropUnseen, opened, requests, ends, pending } = stage(() => reply);
    observe(command(0));
    void requests.answer(opened[0]!, accept());
    dropUnseen(revision(), all);
    reply.next(sent);
    expect(ends()).toEqual([end]);
    expect(pending.at(-1)).toEqual([]);
  });

  test('a reply that does not come is waited for two seconds', () => {
    marbles(() => {
      const { observe, revision, dropUnseen, opened, requests, ends } = stage(underWay);
      observe(command(0));
      void requests.answer(opened[0]!, accept());
      dropUnseen(revision(), all);
      timer(1_999).subscribe(() => expect(ends()).toEqual([]));
      timer(2_001).subscribe(() => expect(ends()).toEqual(['0 lost missed']));
    });
  });

  test('a list opens what nobody was there to hear, and ends the rest of what it lists', () => {
    const { observe, revision, reconcile, pending, ends } = stage();
    observe(command(0));
    observe(call(1));
    const before = revision();
    observe(command(2));
    reconcile(before, [command(3)], ({ kind }) => kind === 'commandExecution');
    expect(pending.at(-1)).toEqual([1, 2, 3]);
    expect(ends()).toEqual(['0 lost missed']);
  });

  test('a list that is older than an event opens nothing that has ended', () => {
    const { observe, revision, reconcile, opened } = stage();
    const before = revision();
    observe(resolved(0));
    observe(turnEnded('completed', 'u2'));
    reconcile(before, [command(0), command(1, { turnId: 'u2' })], () => false);
    expect(opened).toEqual([]);
    reconcile(revision(), [command(0)], () => false);
    expect(opened).toHaveLength(1);
  });

  test('an event does not say how that ended which was not seen again', () => {
    const { observe, interrupted, ends } = stage();
    for (const id of [0, 1, 2]) observe(command(id));
    interrupted();
    observe(command(1));
    observe(resolved(0));
    observe(turnEnded());
    expect(ends()).toEqual(['0 lost resolved', '1 expired turn-ended', '2 lost turn-ended']);
  });

  test('an answer does not count for another with the same id', () => {
    const { observe, interrupted, opened, requests, ends } = stage(onItsWay);
    observe(command(0));
    void requests.answer(opened[0]!, accept());
    interrupted();
    observe(command(0, { turnId: 'new' }));
    observe(resolved(0));
    expect(ends()).toEqual(['0 lost resolved', '0 answered-elsewhere resolved']);
  });

  test('what is known by nothing but its id may mean another', () => {
    const { observe, interrupted, opened } = stage();
    const weak = () => ask('attestation/generate', 0, { threadId: null, turnId: null });
    observe(weak());
    observe(told('serverRequest/resolved', { requestId: 0 }));
    observe(weak());
    expect(opened).toHaveLength(1);
    interrupted();
    observe(weak());
    expect(opened).toHaveLength(2);
    expect(opened[1]!.key).not.toBe(opened[0]!.key);
  });
});

test('a restart loses what was open before, and its ids mean others afterwards', async () => {
  const { observe, revision, restarted, opened, ends, requests } = stage(underWay);
  observe(command(0));
  observe(command(1));
  const answer = requests.answer(opened[0]!, accept());
  const before = revision();
  observe(command(2, { turnId: 'new' }));
  restarted(before);
  expect(ends()).toEqual(['0 lost restarted', '1 lost restarted']);
  expect((await answer).outcome).toBe('lost');
  observe(command(0));
  expect(opened).toHaveLength(4);
});

test('the end of the stream loses what is open, and completes everything', () => {
  const { observe, close, ends, requests, pending, opened } = stage();
  const ended: string[] = [];
  const { pending$, opened$, settled$, decisions$, errors$ } = requests;
  for (const [name, source] of Object.entries({
    pending$,
    opened$,
    settled$,
    decisions$,
    errors$,
  })) {
    (source as Observable<unknown>).subscribe({ complete: () => ended.push(name) });
  }
  observe(command(0));
  close();
  close();
  observe(command(1));
  expect(ends()).toEqual(['0 lost closed']);
  expect(pending.at(-1)).toEqual([]);
  expect(opened).toHaveLength(1);
  expect(ended).toEqual(['pending$', 'opened$', 'settled$', 'decisions$', 'errors$']);
});

test('observers observe changes in the order in which they came, whatever they do meanwhile', () => {
  const { observe, requests, ends } = stage();
  const seen: string[] = [];
  requests.opened$.subscribe((request) => void requests.answer(request as never, accept()));
  requests.opened$.subscribe(() => seen.push('opened'));
  requests.settled$.subscribe(() => seen.push('settled'));
  observe(command(0));
  expect(seen).toEqual(['opened', 'settled']);
  expect(ends()).toEqual(['0 answered accepted']);
});

test('counts what became of requests', async () => {
  const { observe, opened, requests } = stage();
  observe(command(0));
  observe(command(1));
  await requests.answer(opened[0]!, accept());
  observe(resolved(1));
  expect(requests.stats()).toEqual({
    opened: 2,
    answered: 1,
    'answered-elsewhere': 1,
    expired: 0,
    lost: 0,
    failed: 0,
    late: 0,
    recovery: null,
  });
});

test('asks its source what is pending, if that can be asked', async () => {
  const asked: unknown[] = [];
  const { requests } = stage(undefined, {
    refresh(threads) {
      asked.push(threads);
      return of(true);
    },
  });
  expect(await requests.refresh('a', 'b')).toBe(true);
  expect(asked).toEqual([['a', 'b']]);
  expect(await stage().requests.refresh('a')).toBe(false);
});
