import { describe, expect, test } from '@jest/globals';
import { createDriftReport } from '../../lib/app-server/drift.js';
import { toEvent } from '../../lib/app-server/to-event.js';
import type { Notification, Request } from '../../lib/app-server/message.js';
import { appServerFrames } from '../recordings/index.js';

function driftOf(...messages: (Notification | Request)[]) {
  const drift = createDriftReport();
  for (const message of messages) drift.observe(toEvent(message).payload as never);
  return drift.read();
}

const none = { notifications: {}, requests: {}, variants: {}, summary: '' };
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
});
