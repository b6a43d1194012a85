import { describe, expect, test } from '@jest/globals';
import { notificationType, parseEnvelope, requestType } from 'codex-rx';
import { envelope } from 'codex-rx/testing';
import { readFileSync } from 'node:fs';
import { isDurable } from '../../lib/envelope/durable.js';
import { managerFrames } from '../recordings/index.js';

const methods = (
  JSON.parse(readFileSync(new URL('./method-names.json', import.meta.url), 'utf8')) as {
    readonly method: string;
  }[]
).map(({ method }) => method);

const durable = (type: string): boolean => isDurable(envelope(type));
const copyOf = (method: string) => envelope('notification', { method, params: {} });

/** What may be dropped of the recorded types. All else must stay. */
const droppable = [
  'account_rate_limits_updated',
  'app_server.account.rate_limits.updated',
  'app_server.codex.event.agent_message',
  'app_server.codex.event.agent_message_content_delta',
  'app_server.codex.event.agent_message_delta',
  'app_server.codex.event.agent_reasoning',
  'app_server.codex.event.agent_reasoning_delta',
  'app_server.codex.event.agent_reasoning_section_break',
  'app_server.codex.event.exec_command_output_delta',
  'app_server.codex.event.plan_update',
  'app_server.codex.event.raw_response_item',
  'app_server.codex.event.reasoning_content_delta',
  'app_server.codex.event.thread_name_updated',
  'app_server.codex.event.token_count',
  'app_server.codex.event.turn_diff',
  'app_server.codex.event.user_message',
  'app_server.codex.event.warning',
  'app_server.item.agent_message.delta',
  'app_server.item.file_change.output_delta',
  'app_server.item.reasoning.summary_text_delta',
  'app_server.thread.name.updated',
  'app_server.thread.token_usage.updated',
  'app_server.turn.diff.updated',
  'app_server.turn.plan.updated',
  'session_project_updated',
  'thread_token_usage_updated',
  'transcript_updated',
  'turn_diff_updated',
  'turn_plan_updated',
];

describe('isDurable', () => {
  test('keeps every recorded event, but for deltas, snapshots and legacy copies of text', () => {
    const dropped = new Set<string>();
    for (const { frame } of managerFrames) {
      const event = parseEnvelope(frame);
      if (event.type !== 'notification' && !isDurable(event)) dropped.add(event.type);
    }
    expect([...dropped].sort()).toEqual(droppable);
  });

  test.each([
    'approval',
    'approval_resolved',
    'tool_call_requested',
    'tool_call_resolved',
    'tool_user_input_requested',
    'tool_user_input_resolved',
    'server_request',
    'app_server.server_request.resolved',
    'app_server.request.item.tool.call',
    'app_server.request.something.new.delta',
    'app_server.codex.event.exec_approval_request',
    'app_server.codex.event.apply_patch_approval_request',
    'app_server.codex.event.request_user_input',
    'app_server.codex.event.elicitation_request',
  ])('keeps what asks or settles: %s', (type) => {
    expect(durable(type)).toBe(true);
  });

  test.each([
    'thread/started',
    'thread/status/changed',
    'thread/archived',
    'thread/unarchived',
    'thread/closed',
    'thread/deleted',
    'thread/reverted',
    'thread/compacted',
    'turn/started',
    'turn/completed',
    'item/started',
    'item/completed',
    'error',
    'hook/completed',
    'process/exited',
    'thread/goal/cleared',
    'thread/realtime/transcript/done',
    'thread/environment/disconnected',
    'windowsSandbox/setupCompleted',
    'codex/event/task_started',
    'codex/event/task_complete',
    'codex/event/turn_aborted',
    'codex/event/item_started',
    'codex/event/item_completed',
    'codex/event/exec_command_begin',
    'codex/event/exec_command_end',
    'codex/event/thread_rolled_back',
    'codex/event/context_compacted',
    'codex/event/session_configured',
    'codex/event/shutdown_complete',
    'codex/event/error',
  ])('keeps the lifecycle of threads, turns and items, and its raw copy: %s', (method) => {
    expect(durable(notificationType(method))).toBe(true);
    expect(isDurable(copyOf(method))).toBe(true);
  });

  test.each(['queued', 'started', 'completed', 'failed', 'canceled'])(
    'keeps a job that is %s, and lets its progress go',
    (state) => {
      expect(durable(`orchestrator_job_${state}`)).toBe(true);
      expect(durable('orchestrator_job_progress')).toBe(false);
    },
  );

  test('keeps no delta, nor the raw copy of one', () => {
    const deltas = methods.filter((method) => /delta$/i.test(method));
    expect(deltas.length).toBeGreaterThan(10);
    for (const method of deltas) {
      expect([method, durable(notificationType(method))]).toEqual([method, false]);
      expect([method, isDurable(copyOf(method))]).toEqual([method, false]);
    }
  });

  test('keeps no flood of changed files', () => {
    expect(durable(notificationType('fs/changed'))).toBe(false);
    expect(isDurable(copyOf('fs/changed'))).toBe(false);
    expect(durable(notificationType('skills/changed'))).toBe(true);
  });

  test('keeps a raw copy if it keeps the event', () => {
    for (const method of methods) {
      expect([method, isDurable(copyOf(method))]).toEqual([
        method,
        durable(notificationType(method)),
      ]);
    }
  });

  test('keeps every server request, of whatever method', () => {
    for (const method of methods) expect(durable(requestType(method))).toBe(true);
  });

  test('lets an unknown type go, and a copy of nothing', () => {
    for (const type of ['', 'new_thing', '__proto__', 'app_server.item.new', 'things_updated']) {
      expect([type, durable(type)]).toEqual([type, false]);
    }
    for (const payload of [null, undefined, 'text', 5, {}, { method: 5 }, { method: null }]) {
      expect(isDurable(envelope('notification', payload))).toBe(false);
    }
  });
});
