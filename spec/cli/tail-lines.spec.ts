import { describe, expect, test } from '@jest/globals';
import { createThreadFold, type ItemView, type ServerRequest, type TurnView } from 'codex-rx';
import {
  completedLine,
  endedLine,
  runningLine,
  settledLine,
  waitingLine,
} from '../../lib/cli/tail-lines.js';

const [threadId, turnId] = ['thread-1', 'turn-1'];

function folded(...events: readonly (readonly [type: string, params: object])[]): TurnView {
  const fold = createThreadFold(threadId, { freeze: true });
  for (const [type, params] of events) {
    const payload = { params: { threadId, turnId, ...params } };
    fold.push({ type: `app_server.${type}`, threadId, turnId, requestId: null, payload });
  }
  return fold.view().turns[0]!;
}

const itemOf = (turn: TurnView): ItemView => turn.items[0]!;

const started = (item: object, ...more: readonly (readonly [string, object])[]): ItemView =>
  itemOf(folded(['item.started', { item: { id: 'i', ...item } }], ...more));

const completed = (item: object): ItemView =>
  itemOf(folded(['item.completed', { item: { id: 'i', ...item } }]));

const delta = (kind: string, text: string) =>
  [`item.${kind}`, { itemId: 'i', delta: text, summaryIndex: 0 }] as const;

describe('an item that goes on', () => {
  const output = delta('command_execution.output_delta', 'one\ntwo\u001b[2J\n');
  test.each<[string, ItemView, unknown]>([
    ['a message of which nothing is there', started({ type: 'agentMessage' }), null],
    [
      'a message',
      started({ type: 'agentMessage' }, delta('agent_message.delta', 'Hello')),
      ['cyan', '‹', 'Hello'],
    ],
    ['thought of which nothing is there', started({ type: 'reasoning' }), ['dim', '∴', 'thinking']],
    [
      'thought, by its last line',
      started({ type: 'reasoning' }, delta('reasoning.summary_text_delta', 'First.\nThen.')),
      ['dim', '∴', 'Then.'],
    ],
    [
      'a command without output',
      started({ type: 'commandExecution', command: 'ls' }),
      ['yellow', '$', 'ls  running 1 min 5 s'],
    ],
    [
      'a command, by the last line of its output',
      started({ type: 'commandExecution', command: 'ls' }, output),
      ['yellow', '$', 'ls  running 1 min 5 s  two\\u001b[2J'],
    ],
    [
      'what only a delta has named',
      itemOf(folded(delta('command_execution.output_delta', 'out'))),
      ['dim', '…', 'out'],
    ],
    [
      'a tool',
      started({ type: 'mcpToolCall', tool: 'read\u202e', status: 'inProgress' }),
      ['yellow', '⚙', 'read\\u202e  inProgress  1 min 5 s'],
    ],
    ['what is not known', started({ type: 'invented' }), null],
  ])('%s', (_, item, line) => {
    expect(runningLine(item, 65_000)).toEqual(line);
  });
});

describe('an item that is over', () => {
  const command = { type: 'commandExecution', command: 'ls', aggregatedOutput: 'a\n' };
  const agent = { type: 'subAgentActivity', kind: 'started' };
  test.each<[string, ItemView, unknown]>([
    [
      'what the user said, with an image',
      completed({
        type: 'userMessage',
        content: [{ type: 'text', text: 'Look.' }, { type: 'image' }],
      }),
      ['bold', '›', 'Look.\n[image]'],
    ],
    ['a plan', completed({ type: 'plan', text: '1. Look.' }), ['cyan', '‹', '1. Look.']],
    [
      'a message that was cut off with its turn',
      itemOf(
        folded(
          ['item.started', { item: { id: 'i', type: 'agentMessage' } }],
          delta('agent_message.delta', 'I wi'),
          ['turn.completed', { turn: { id: turnId, status: 'interrupted', items: [] } }],
        ),
      ),
      ['cyan', '‹', 'I wi\n(cut off)'],
    ],
    [
      'a command that did what it should',
      completed({ ...command, status: 'completed', exitCode: 0, durationMs: 1_500 }),
      ['green', '$', 'ls  completed, 1.5 s\na'],
    ],
    [
      'a command that failed',
      completed({ ...command, status: 'failed', exitCode: 2 }),
      ['red', '$', 'ls  failed with 2, 12 s\na'],
    ],
    [
      'a change that was made',
      completed({
        type: 'fileChange',
        status: 'completed',
        changes: [{ path: '/a\u001b' }, { path: '/b' }],
      }),
      ['green', '±', '/a\\u001b, /b  completed'],
    ],
    [
      'a change that was declined',
      completed({ type: 'fileChange', status: 'declined', changes: [] }),
      ['red', '±', '  declined'],
    ],
    [
      'a sub-agent by its path',
      completed({ ...agent, agentPath: '/root/tests', agentThreadId: 'thread-2' }),
      ['magenta', '↳', 'sub-agent /root/tests  started'],
    ],
    [
      'a sub-agent by its thread',
      completed({ ...agent, agentThreadId: 'thread-2' }),
      ['magenta', '↳', 'sub-agent thread-2  started'],
    ],
    [
      'a call of the tools of sub-agents',
      completed({ type: 'collabAgentToolCall', tool: 'wait', status: 'completed' }),
      ['magenta', '↳', 'sub-agent wait  completed'],
    ],
    [
      'a tool without a name',
      completed({ type: 'dynamicToolCall', tool: 7, status: 'completed' }),
      ['green', '⚙', '  completed'],
    ],
    ['what is not known', completed({ type: 'invented' }), null],
  ])('%s', (_, item, line) => {
    expect(completedLine(item, 12_000)).toEqual(line);
  });
});

describe('the end of a turn', () => {
  const end = { id: turnId, status: 'completed', items: [] };
  test.each<[string, object, unknown]>([
    [
      'with its time',
      { ...end, startedAt: 1, completedAt: 4 },
      ['bold', '■', 'turn completed, 3.0 s'],
    ],
    ['without a time', end, ['bold', '■', 'turn completed']],
    [
      'with what went wrong',
      { ...end, status: 'failed', error: { message: 'No quota.' } },
      ['red', '■', 'turn failed: No quota.'],
    ],
  ])('%s', (_, turn, line) => {
    expect(endedLine(folded(['turn.completed', { turn }]))).toEqual(line);
  });
});

describe('a request', () => {
  const request = (params: object) =>
    ({ requestId: '7', method: 'item/x/ask', params, openedAt: 1_000 }) as unknown as ServerRequest;

  test.each<[string, object, string]>([
    ['a command', { command: 'rm\u202e x' }, '7: rm\\u202e x'],
    ['the words of a command', { command: ['rm', 'x'] }, '7: rm x'],
    ['a tool', { tool: 'weather' }, '7: weather'],
    ['a reason', { reason: 'because' }, '7: because'],
    ['nothing', {}, '7: item/x/ask'],
  ])('that names %s', (_, params, text) => {
    const asked = request(params);
    expect(waitingLine(asked, 5_000)).toEqual(['yellow', '?', `waits 4.0 s  request ${text}`]);
    const settlement = { request: asked, outcome: 'answered-elsewhere', waited: 12_000 } as never;
    const settled = `request ${text}  answered elsewhere`;
    expect(settledLine(settlement, undefined)).toEqual(['yellow', '!', `${settled} after 12 s`]);
    expect(settledLine(settlement, 'accept')).toEqual([
      'yellow',
      '!',
      `${settled}: accept after 12 s`,
    ]);
  });
});
