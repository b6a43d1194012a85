import { describe, expect, test } from '@jest/globals';
import { startTurn, type StartTurnOptions, type Turn, type TurnOutcome } from 'codex-rx';
import { notification } from 'codex-rx/testing';
import { asyncScheduler, repeat, retry, timer } from 'rxjs';
import { onAppServer, onManager, threadId, type Answers } from './turn-stage.js';

type End = readonly [string, string, boolean | null, number] | null;

/** What came of a turn: its end, and what the server was sent. */
interface Started {
  readonly end: End;
  readonly sent: readonly string[];
  readonly activities: readonly string[];
  readonly turnId: string | null;
}

function collect(turn: Turn) {
  const activities: string[] = [];
  let end: End = null;
  let error: TurnOutcome['error'] = null;
  turn.view$.subscribe(({ activity, outcome }) => {
    if (activities.at(-1) !== activity) activities.push(activity);
    if (!outcome) return;
    end = [outcome.status, outcome.by, outcome.delivered, asyncScheduler.now()];
    ({ error } = outcome);
  });
  return { activities, read: () => ({ end, error, turnId: turn.turnId, activities }) };
}

const mine = { input: 'Hi', clientUserMessageId: 'mine' };

const said = (clientId: string | null, turnId: string) =>
  notification('item/completed', {
    threadId,
    turnId,
    item: { type: 'userMessage', id: `user-${clientId}`, clientId, content: [] } as never,
  });

/** Messages of clients: ours in the turns 1 and 2, and that of another. */
const messages = {
  u: said('mine', 'turn-1'),
  U: said('mine', 'turn-2'),
  q: said('theirs', 'turn-1'),
};

/** Starts a turn on app-server. The thread is idle, and the reply names `turn-1`, if nothing else is said. */
function startOnAppServer(
  diagram: string,
  answers: Partial<Record<'resume' | 'start' | 'steer' | 'read', unknown>> = {},
  options: StartTurnOptions = {},
  at = 0,
): Started {
  const { resume = thread('idle'), start = { turn: { id: 'turn-1' } }, read = resume } = answers;
  const says: Answers = (what, params) => {
    if (what === 'turn/start') return start;
    const isRead = what === 'thread/resume' && !('excludeTurns' in params);
    const answer = isRead ? read : resume;
    return typeof answer === 'function' ? (answer as () => unknown)() : answer;
  };
  let result = (): Omit<Started, 'sent'> => ({ end: null, activities: [], turnId: null });
  const asked = onAppServer(
    diagram,
    says,
    (stream) => {
      timer(at).subscribe(() => {
        const turn = startTurn(stream, { threadId, ...mine }, options);
        result = collect(turn).read;
      });
    },
    messages,
  );
  return { ...result(), sent: asked.filter((question) => question.includes('turn/')) };
}

const thread = (type: string, turns: readonly object[] = []) => ({
  thread: { id: threadId, status: { type }, turns },
});

const turnWith = (id: string, status: string, clientId?: string) => ({
  id,
  status,
  items: clientId === undefined ? [] : [{ type: 'userMessage', id: 'u', clientId, content: [] }],
});

const lost = Object.assign(new Error('The connection was lost.'), { outcomeUnknown: true });
const refusal = Object.assign(new Error('no'), { kind: 'refused', code: -32603 });

describe('a message to codex app-server', () => {
  test.each<[string, string, Parameters<typeof startOnAppServer>[1], End]>([
    ['is delivered when it is in the turn', '---tudozc', {}, ['completed', 'event', true, 8]],
    ['is heard before the reply', '-tuc', {}, ['completed', 'event', true, 3]],
    ['is not delivered to a turn without it', '---tdozc', {}, ['incomplete', 'event', false, 7]],
    ['is not delivered to the turn of another', '---tqdozc', {}, ['incomplete', 'event', false, 8]],
    ['fails with its turn', '---tuyef', {}, ['failed', 'event', true, 7]],
    [
      'is found where it is, whatever the reply says',
      '---tu 5ms c',
      { start: { turn: { id: 'turn-7' } } },
      ['completed', 'event', true, 10],
    ],
    [
      'is found in the turn that runs, whatever was announced',
      '---tTuc',
      { start: { turn: { id: 'turn-2' } } },
      ['completed', 'event', true, 6],
    ],
    [
      'is sent to a thread that is not stored',
      '---tuc',
      { resume: refusal },
      ['completed', 'event', true, 5],
    ],
    ['is refused by the server', '-----', { start: refusal }, ['incomplete', 'send', false, 2]],
    [
      'is not sent to a busy thread',
      '-----',
      { resume: thread('active') },
      ['incomplete', 'send', false, 1],
    ],
    [
      'is found after its reply was lost',
      '-----',
      { start: lost, read: thread('idle', [turnWith('turn-1', 'completed', 'mine')]) },
      ['completed', 'reconciled', true, 3],
    ],
    [
      'is not delivered if it is nowhere after its reply was lost',
      '-----',
      { start: lost },
      ['incomplete', 'send', false, 1004],
    ],
    [
      'is heard after its reply was lost',
      '------tuc',
      { start: lost },
      ['completed', 'event', true, 8],
    ],
    [
      'is looked for when a gap hides it',
      '---t!u^c',
      { read: thread('idle', [turnWith('turn-1', 'completed', 'mine')]) },
      ['completed', 'event', true, 8],
    ],
    [
      'is not known to be delivered when the stream is closed',
      '---t|',
      {},
      ['incomplete', 'closed', null, 4],
    ],
  ])('%s', (_, diagram, answers, end) => {
    expect(startOnAppServer(diagram, answers).end).toEqual(end);
  });

  test('is sent once, whatever is done with its view', () => {
    let views = 0;
    const asked = onAppServer(
      '-----tu-c',
      (what) => (what === 'turn/start' ? { turn: { id: 'turn-1' } } : thread('idle')),
      (stream) => {
        const { view$ } = startTurn(stream, { threadId, ...mine });
        for (let n = 0; n < 3; n++) view$.pipe(retry(2), repeat(2)).subscribe(() => views++);
      },
      messages,
    );
    expect(views).toBeGreaterThan(10);
    expect(asked).toEqual(['0 thread/resume', '1 turn/start']);
  });
});

/** A session of codex-manager: how its thread is, its turns, and what the agent has said in them. */
const session = (
  type: string,
  turns: Readonly<Record<string, string>> = {},
  said: readonly string[] = [],
) => ({
  thread: {
    id: threadId,
    status: { type },
    turns: Object.entries(turns).map(([id, status]) => ({ id, status })),
  },
  transcript: said.map((turnId) => ({
    type: 'agentMessage',
    messageId: `message of ${turnId}`,
    turnId,
    content: 'Hello.',
    status: 'complete',
  })),
});

const path = `/api/sessions/${threadId}`;

describe('a message to codex-manager', () => {
  const gone = Object.assign(new Error('unreadable'), { status: 502 });
  const conflict = Object.assign(new Error('no'), { kind: 'refused', status: 409 });

  test.each<
    [
      string,
      string,
      { readonly look?: unknown; readonly read?: unknown; readonly send?: unknown },
      End,
    ]
  >([
    ['ends with its turn', '---tmoc', {}, ['completed', 'event', null, 6]],
    ['may start before the reply says so', '-tmoc', {}, ['completed', 'event', null, 4]],
    ['fails with its turn', '---tyef', {}, ['failed', 'event', null, 6]],
    [
      'ends as it reads after an idle, if it was answered',
      '---tm-z',
      { read: session('idle', { 'turn-1': 'completed' }, ['turn-1']) },
      ['completed', 'reconciled', null, 1007],
    ],
    [
      'is incomplete if it reads as completed without an answer: it may have failed',
      '---t-z',
      { read: session('idle', { 'turn-1': 'completed' }) },
      ['incomplete', 'reconciled', null, 1006],
    ],
    [
      'is not sent to a busy thread',
      '-----',
      { look: session('active') },
      ['incomplete', 'send', false, 1],
    ],
    ['is refused by the server', '-----', { send: conflict }, ['incomplete', 'send', false, 2]],
    [
      'is perhaps sent if the reply is lost',
      '-----',
      { send: gone },
      ['incomplete', 'send', null, 2],
    ],
  ])('%s', (_, diagram, { look = session('idle'), read = look, send }, end) => {
    let result = (): Omit<Started, 'sent'> => ({ end: null, activities: [], turnId: null });
    let looks = 0;
    const asked = onManager(
      diagram,
      (what) => {
        if (what === `${path}/messages`) return send ?? { turnId: 'turn-1' };
        return looks++ === 0 ? look : read;
      },
      (stream) => {
        result = collect(startTurn(stream, { threadId, input: 'Hi' })).read;
      },
    );
    expect(result().end).toEqual(end);
    expect(asked.filter((question) => question.includes('/messages')).length).toBeLessThan(2);
  });

  test('is never found under an id that was announced while another turn ran', () => {
    let id: string | null = null;
    onManager(
      '---tmT-c',
      (what) => (what === `${path}/messages` ? { turnId: 'turn-2' } : session('idle')),
      (stream) => {
        const turn = startTurn(stream, { threadId, input: 'Hi' });
        turn.view$.subscribe(() => (id = turn.turnId));
      },
    );
    expect(id).toBe('turn-1');
  });
});
