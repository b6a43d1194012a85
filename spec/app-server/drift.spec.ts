import { describe, expect, test } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { createDriftReport } from '../../lib/app-server/drift.js';
import { toEvent } from '../../lib/app-server/to-event.js';
import type { Notification, Request } from '../../lib/app-server/message.js';
import { appServerFrames } from '../recordings/index.js';

function driftOf(...messages: (Notification | Request)[]) {
  const drift = createDriftReport();
  for (const message of messages) drift.observe(toEvent(message).payload as never);
  return drift.read();
}

const none = {
  ...{ notifications: {}, requests: {}, variants: {} },
  ...{ missing: {}, changed: {}, summary: '' },
};
const variantsOf = (params: unknown) => driftOf({ method: 'item/completed', params }).variants;

describe('the drift report', () => {
  test('is empty for what the protocol lists, and for all that was recorded', () => {
    expect(driftOf({ method: 'turn/started' }, { method: 'item/tool/call', id: 0 })).toEqual(none);
    expect(driftOf(...appServerFrames.map(({ frame }) => frame as unknown as Request))).toEqual(
      none,
    );
  });

  test('counts methods and variants that it does not list', () => {
    const item = { type: 'newKind', id: 'i' };
    expect(
      driftOf(
        { method: 'made/up' },
        { method: 'made/up' },
        { method: 'made/up', id: 0 },
        { method: 'turn/started', id: 1 },
        { method: 'item/started', params: { item } },
      ),
    ).toEqual({
      notifications: { 'made/up': 2 },
      requests: { 'made/up': 1, 'turn/started': 1 },
      variants: { 'ThreadItem: newKind': 1 },
      ...{ missing: {}, changed: {} },
      summary:
        'notification made/up (2), request made/up (1), request turn/started (1), ' +
        'ThreadItem: newKind (1)',
    });
  });

  test.each([
    [{ item: { type: 'commandExecution', status: 'odd' } }, 'CommandExecutionStatus: odd'],
    [{ item: { type: 'fileChange', status: 'odd' } }, 'PatchApplyStatus: odd'],
    [{ item: { type: 'mcpToolCall', status: 'odd' } }, 'McpToolCallStatus: odd'],
    [{ item: { type: 'dynamicToolCall', status: 'odd' } }, 'DynamicToolCallStatus: odd'],
    [{ item: { type: 'collabAgentToolCall', status: 'odd' } }, 'CollabAgentToolCallStatus: odd'],
    [{ turn: { status: 'odd' } }, 'TurnStatus: odd'],
    [{ status: { type: 'odd' } }, 'ThreadStatus: odd'],
    [{ error: { codexErrorInfo: 'odd' } }, 'CodexErrorInfo: odd'],
    [{ error: { codexErrorInfo: { odd: {} } } }, 'CodexErrorInfo: odd'],
    [{ turn: { error: { codexErrorInfo: { odd: {} } } } }, 'CodexErrorInfo: odd'],
  ])('looks into %j', (params, variant) => {
    expect(variantsOf(params)).toEqual({ [variant]: 1 });
  });

  test.each([
    [null],
    ['text'],
    [{ item: null }],
    [{ item: 'text' }],
    [{ item: { type: 5, status: 'odd' } }],
    [{ item: { type: 'agentMessage', status: 'odd' } }],
    [{ turn: { status: null, error: null } }],
    [{ error: 'text' }],
    [{ error: { codexErrorInfo: null } }],
    [{ turn: { error: { codexErrorInfo: null } } }],
    [{ status: 'text' }],
  ])('is not put out by %j', (params) => {
    expect(variantsOf(params)).toEqual({});
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'takes an item that is called %s for one that it does not know',
    (type) => {
      expect(variantsOf({ item: { type, status: 'odd' } })).toEqual({
        [`ThreadItem: ${type}`]: 1,
      });
    },
  );

  test('knows the items of realtime sessions from those of turns', () => {
    const params = (type: string) => ({ item: { type } });
    const method = 'thread/realtime/item/started';
    expect(driftOf({ method, params: params('transcriptSegment') })).toEqual(none);
    expect(driftOf({ method, params: params('agentMessage') }).variants).toEqual({
      'ThreadRealtimeItem: agentMessage': 1,
    });
  });

  test('does not count names without end', () => {
    const messages = Array.from({ length: 2_500 }, (_, i) => ({ method: `made/up${i}` }));
    const { notifications } = driftOf(...messages, { method: 'made/up0' });
    expect(Object.keys(notifications)).toHaveLength(1_000);
    expect(notifications['made/up0']).toBe(2);
  });

  test('does not count what servers of 0.107 send a second time', () => {
    expect(driftOf({ method: 'codex/event/task_started' })).toEqual(none);
  });

  test('counts names that are too long by their beginning', () => {
    const [name = ''] = Object.keys(driftOf({ method: 'x'.repeat(10_000) }).notifications);
    expect(name).toHaveLength(200);
  });

  test('has a summary of one line, without what a terminal acts on', () => {
    const { summary, notifications } = driftOf({ method: 'made\n\u001b[2J/up\u202e' });
    expect(summary).toBe('notification made\\u000a\\u001b[2J/up\\u202e (1)');
    expect(notifications).toEqual({ 'made\n\u001b[2J/up\u202e': 1 });
  });

  test('looks at no shapes unless it is asked to', () => {
    const item = { type: 'agentMessage', id: 5 };
    expect(driftOf({ method: 'item/completed', params: { item } })).toEqual(none);
  });
});

describe('the drift report that has loaded the schema', () => {
  async function deepDrift() {
    const drift = createDriftReport(true);
    await firstValueFrom(drift.loaded$);
    return {
      ...drift,
      observe(message: Notification | Request) {
        drift.observe(toEvent(message).payload as never);
      },
    };
  }

  async function deepDriftOf(...messages: (Notification | Request)[]) {
    const drift = await deepDrift();
    for (const message of messages) drift.observe(message);
    return drift.read();
  }

  const started = (turn: object) => ({
    method: 'turn/started',
    params: { threadId: 't', turn: { id: 'u', items: [], status: 'inProgress', ...turn } },
  });

  test('is empty for what the protocol lists, and for all that was recorded of the newest codex', async () => {
    const recorded = appServerFrames.map(({ frame }) => frame as unknown as Request);
    expect(await deepDriftOf(started({}), ...recorded)).toEqual(none);
  });

  test('reports required properties that are missing, by type and name', async () => {
    const params = { threadId: 't', turn: { id: 'u', items: [{ type: 'plan', id: 'i' }] } };
    expect(await deepDriftOf({ method: 'turn/started', params })).toEqual({
      ...none,
      missing: { 'PlanThreadItem.text': 1, 'Turn.status': 1 },
      summary: 'missing PlanThreadItem.text (1), missing Turn.status (1)',
    });
  });

  test('reports values of another kind', async () => {
    const drift = await deepDriftOf(started({ id: 5, startedAt: 'now', items: {} }));
    expect(drift).toEqual({
      ...none,
      changed: { 'Turn.id: number': 1, 'Turn.items: object': 1, 'Turn.startedAt: string': 1 },
      summary:
        'changed Turn.id: number (1), changed Turn.items: object (1), changed Turn.startedAt: string (1)',
    });
  });

  test("looks at the method's own types, as deep as they go", async () => {
    const action = { type: 'fly' };
    const item = { type: 'commandExecution', id: 'i', command: 'ls', commandActions: [action] };
    const whole = { ...item, cwd: '/', status: 'inProgress', source: 'moon' };
    const drift = await deepDriftOf(started({ items: [whole, { type: 'newKind' }] }));
    expect(drift.variants).toEqual({
      'CommandAction: fly': 1,
      'CommandExecutionSource: moon': 1,
      'ThreadItem: newKind': 1,
    });
  });

  test('looks at what a server asks', async () => {
    const drift = await deepDriftOf({ method: 'item/tool/call', id: 0, params: { threadId: 5 } });
    expect(drift.changed).toEqual({ 'DynamicToolCallParams.threadId: number': 1 });
    expect(Object.keys(drift.missing)).toContain('DynamicToolCallParams.callId');
  });

  test('looks at the results of calls', async () => {
    const drift = await deepDrift();
    drift.observeResult('thread/unsubscribe', { status: 'asleep' });
    drift.observeResult('thread/read', {});
    drift.observeResult('made/up', {});
    expect(drift.read()).toEqual({
      ...none,
      variants: { 'ThreadUnsubscribeStatus: asleep': 1 },
      missing: { 'ThreadReadResponse.thread': 1 },
      summary: 'ThreadUnsubscribeStatus: asleep (1), missing ThreadReadResponse.thread (1)',
    });
  });

  test.each([
    [{ codexErrorInfo: 'odd' }, 'CodexErrorInfo: odd'],
    [{ codexErrorInfo: { odd: {} } }, 'CodexErrorInfo: odd'],
  ])('knows the variants of a union without a tag: %j', async (error, variant) => {
    const turn = { status: 'failed', error: { message: 'no', ...error } };
    expect((await deepDriftOf(started(turn))).variants).toEqual({ [variant]: 1 });
  });

  test('takes integers that are too long for a number, which come as text, for numbers', async () => {
    expect(await deepDriftOf(started({ startedAt: '12345678901234567890' }))).toEqual(none);
  });

  test('takes what only older versions send for known', async () => {
    const display = { action: 'hide' };
    const item = { type: 'agentMessage', id: 'i', text: '', display };
    expect(await deepDriftOf(started({ items: [item] }))).toEqual(none);
    const retired = { method: 'currentTime/read', id: 0, params: { threadId: 't' } };
    expect(await deepDriftOf(retired)).toEqual(none);
  });

  const elicitation = { threadId: 't', serverName: 's', mode: 'form', message: 'm' };
  const asked = (properties: object): [string, object] => [
    'mcpServer/elicitation/request',
    { ...elicitation, requestedSchema: { type: 'object', properties } },
  ];
  const failed = (codexErrorInfo: unknown): [string, object] => [
    'turn/completed',
    started({ status: 'failed', error: { message: 'no', codexErrorInfo } }).params,
  ];
  const [missing, changed, variants] = ['missing', 'changed', 'variants'] as const;

  test.each<[string, readonly [string, unknown], 'missing' | 'changed' | 'variants', string]>([
    ['no params at all', ['turn/started', undefined], changed, 'TurnStartedNotification: null'],
    [
      'a tag that vanished',
      ['turn/started', started({ items: [{ id: 'i', text: '' }] }).params],
      missing,
      'ThreadItem.type',
    ],
    [
      'a tag of another kind',
      ['turn/started', started({ items: [{ id: 'i', type: 5 }] }).params],
      changed,
      'ThreadItem.type: number',
    ],
    ['a value of a map', asked({ a: 'text' }), changed, 'McpElicitationPrimitiveSchema: string'],
    ['a union that became a list', failed([]), changed, 'CodexErrorInfo: list'],
    [
      'a new member of a union of values and objects',
      failed('odd'),
      variants,
      'CodexErrorInfo: odd',
    ],
    ['a new object in it', failed({ odd: {} }), variants, 'CodexErrorInfo: odd'],
    [
      'a member of a union that has changed inside',
      failed({ httpConnectionFailed: { httpStatusCode: 'x' } }),
      changed,
      'HttpConnectionFailedCodexErrorInfo.httpConnectionFailed.httpStatusCode: string',
    ],
    [
      'an item of a method that is not known',
      ['item/dreamt', { item: { type: 'dream' } }],
      variants,
      'ThreadItem: dream',
    ],
  ])('reports %s', async (_, [method, params], member, place) => {
    const isAsked = method === 'mcpServer/elicitation/request';
    const drift = await deepDriftOf({ method, params, ...(isAsked && { id: 0 }) });
    expect({ ...drift, notifications: {}, summary: '' }).toEqual({
      ...none,
      [member]: { [place]: 1 },
    });
  });

  test.each([
    [
      'account/read',
      { account: null, requiresOpenaiAuth: 'yes' },
      'GetAccountResponse.requiresOpenaiAuth: string',
    ],
    // The result is one of two: an account, or where to log in to it.
    [
      'accountSession/switch',
      { auth_url: 5, login_id: '1' },
      'AccountSessionsSwitchResponse.auth_url: number',
    ],
    ['thread/read', null, 'ThreadReadResponse: null'],
  ])('reports what has changed in a result of %s', async (method, result, place) => {
    const drift = await deepDrift();
    drift.observeResult(method, result);
    expect(drift.read()).toEqual({
      ...none,
      changed: { [place]: 1 },
      summary: `changed ${place} (1)`,
    });
  });

  test.each([
    [null],
    ['text'],
    [[]],
    [{ threadId: 't', turn: null }],
    [{ threadId: 't', turn: { items: [null, [], 5] } }],
    [{ threadId: 't', turn: JSON.parse('{"__proto__":{"id":1},"constructor":1}') as object }],
  ])('is not put out by %j', async (params) => {
    const { summary } = await deepDriftOf({ method: 'turn/started', params });
    expect(summary).toMatch(/^(missing|changed) /);
  });

  test('looks no deeper than it has to into a value that is nested without end', async () => {
    let value: object = {};
    for (let i = 0; i < 4_000; i++) value = { properties: { value }, items: [value] };
    const [method, params] = asked(value);
    const drift = await deepDriftOf({ method, params, id: 0 });
    expect(drift.requests).toEqual({});
  });
});
