import { describe, expect, test } from '@jest/globals';
import type { AppServerPayload, Envelope } from 'codex-rx';
import { turn, type TurnOptions } from 'codex-rx/testing';
import { toEvent } from '../../../lib/app-server/to-event.js';
import { appServerFrames } from '../../recordings/index.js';

/** What an event says, in a line. */
function said({ payload }: Envelope): string {
  const { method, params } = payload as AppServerPayload<string, Record<string, unknown>>;
  const { item, turn, delta, requestId } = params as {
    readonly item?: { readonly type: string; readonly status?: string };
    readonly turn?: { readonly status: string };
    readonly delta?: string;
    readonly requestId?: number;
  };
  const what = item ? `${item.type} ${item.status ?? ''}` : (turn?.status ?? delta ?? requestId);
  return `${method} ${what ?? ''}`.trim();
}

describe('turn', () => {
  test('is a whole turn, by default one of two deltas', () => {
    expect(turn().map(said)).toEqual([
      'turn/started inProgress',
      'item/started userMessage',
      'item/completed userMessage',
      'item/started agentMessage',
      'item/agentMessage/delta Hello',
      'item/agentMessage/delta  world!',
      'item/completed agentMessage',
      'turn/completed completed',
    ]);
  });

  test('says what it is told to say, by whom and to whom', () => {
    const events = turn({ threadId: 't', turnId: 'u', prompt: 'Hi!', text: ['a', 'b', 'c'] });
    expect(new Set(events.map(({ threadId, turnId }) => `${threadId} ${turnId}`))).toEqual(
      new Set(['t u']),
    );
    const items = events.map(
      ({ payload }) => (payload as AppServerPayload<string, { item?: object }>).params.item,
    );
    expect(items[1]).toMatchObject({ content: [{ type: 'text', text: 'Hi!' }] });
    expect(items.at(-2)).toMatchObject({ type: 'agentMessage', text: 'abc' });
    expect(turn({ text: 'all at once' }).map(said)).toContain(
      'item/agentMessage/delta all at once',
    );
  });

  test('runs commands, asks for them, and tells how they end', () => {
    const commands = [
      'ls',
      { command: 'make', output: 'boom', exitCode: 2, approval: 'accept' },
      { command: 'rm a', approval: 'decline' },
    ] as const;
    expect(turn({ commands }).map(said).slice(3, -5)).toEqual([
      'item/started commandExecution inProgress',
      'item/completed commandExecution completed',
      'item/started commandExecution inProgress',
      'item/commandExecution/requestApproval',
      'serverRequest/resolved 0',
      'item/commandExecution/outputDelta boom',
      'item/completed commandExecution failed',
      'item/started commandExecution inProgress',
      'item/commandExecution/requestApproval',
      'serverRequest/resolved 1',
      'item/completed commandExecution declined',
    ]);
    const ids = turn({ commands }).flatMap(({ requestId }) => requestId ?? []);
    expect(ids).toEqual([0, 0, 1, 1]);
  });

  test('goes no further than a command that waits, unless it is said how it ends', () => {
    const commands = ['ls', { command: 'rm a', approval: 'pending' }, 'ls'] as const;
    expect(turn({ commands }).map(said).slice(5)).toEqual([
      'item/started commandExecution inProgress',
      'item/commandExecution/requestApproval',
    ]);
    expect(turn({ commands, status: 'interrupted' }).map(said).slice(6)).toEqual([
      'item/commandExecution/requestApproval',
      'turn/completed interrupted',
      'serverRequest/resolved 0',
    ]);
    expect(() => turn({ commands, status: 'completed' })).toThrow(
      new TypeError('"status" must be left out, or how a turn ends that waits.'),
    );
  });

  test('completes no message of a turn that fails, or is interrupted', () => {
    expect(turn({ status: 'interrupted' }).map(said).slice(-2)).toEqual([
      'item/agentMessage/delta  world!',
      'turn/completed interrupted',
    ]);
    const failed = turn({ status: 'failed', error: 'No more tokens.' });
    expect(failed.map(said).slice(-3)).toEqual([
      'item/agentMessage/delta  world!',
      'error',
      'turn/completed failed',
    ]);
    for (const event of failed.slice(-2)) {
      expect(JSON.stringify(event)).toContain('"message":"No more tokens."');
    }
    expect(JSON.stringify(turn({ status: 'failed' }))).toContain('The server is overloaded.');
  });

  test('has items of its own, each with one id', () => {
    const ids = (events: readonly Envelope[]) =>
      events.flatMap(({ payload }) => {
        const { params } = payload as AppServerPayload<string, { item?: { id: string } }>;
        return params.item?.id ?? [];
      });
    const commands = ['a', 'b'];
    expect(new Set(ids(turn({ commands })))).toHaveProperty('size', 4);
    const other = new Set(ids(turn({ commands, turnId: 'turn-2' })));
    expect(ids(turn({ commands })).some((id) => other.has(id))).toBe(false);
  });

  /** What the real codex told of the first turn of a recorded session; deltas in a row count once. */
  function recorded(file: string, about: RegExp): readonly string[] {
    const all = appServerFrames
      .filter((one) => one.file === file)
      .map(({ frame }) => said(toEvent(frame as never)))
      .filter((line) => about.test(line));
    return kinds(all.slice(0, all.findIndex((line) => line.startsWith('turn/completed')) + 1));
  }

  const kinds = (all: readonly string[]) =>
    all
      .map((line) => line.replace(/(elta|resolved) .*/s, '$1'))
      .filter((line, index, lines) => line !== lines[index - 1]);

  const turns = /^(turn\/(started|completed)|item|error)/;
  const commands = /commandExecution|^serverRequest|^turn\/(started|completed)/;

  test.each<[string, RegExp, TurnOptions]>([
    ['plain.jsonl', turns, {}],
    ['interrupt.jsonl', turns, { status: 'interrupted' }],
    ['error.jsonl', /^(turn\/(started|completed)|error)/, { status: 'failed' }],
    [
      'shell-approval-accept.jsonl',
      commands,
      { commands: [{ command: 'echo', output: 'hi', approval: 'accept' }] },
    ],
    [
      'shell-approval-decline.jsonl',
      commands,
      { commands: [{ command: 'echo', approval: 'decline' }] },
    ],
  ])('tells what the real codex told in %s, in its order', (file, about, options) => {
    const told = recorded(file, about);
    expect(told.length).toBeGreaterThan(2);
    const made = turn(options)
      .map(said)
      .filter((line) => about.test(line));
    expect(kinds(made)).toEqual(told);
  });
});
