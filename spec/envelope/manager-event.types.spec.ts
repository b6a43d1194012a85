import { describe, expect, test } from '@jest/globals';
import {
  parseEnvelope,
  type Incoming,
  type ManagerApproval,
  type ManagerEvents,
  type NotificationParams,
} from 'codex-rx';
import { expectTypeOf } from 'expect-type';
import { managerFrames } from '../recordings/index.js';

type Member<Type extends keyof ManagerEvents> = ManagerEvents[Type]['payload'] extends infer Payload
  ? Payload extends unknown
    ? keyof Payload
    : never
  : never;

/** The members of payloads: whether each is always there. One that is not listed does not compile. */
const members: {
  readonly [Type in keyof ManagerEvents]?: Readonly<Record<Member<Type>, boolean>>;
} = {
  approval: {
    ...{ approvalId: true, method: true, threadId: true, turnId: true, itemId: true },
    ...{ summary: true, details: true, createdAt: true, status: true },
  },
  approval_resolved: { approvalId: true, status: true, decision: false, scope: false },
  tool_call_requested: {
    ...{ requestId: true, method: true, threadId: true, turnId: true, itemId: true },
    ...{ callId: true, tool: true, arguments: true },
    ...{ summary: true, details: true, createdAt: true, status: true },
  },
  tool_call_resolved: { requestId: true, status: true, success: true },
  tool_user_input_requested: {
    ...{ requestId: true, method: true, threadId: true, turnId: true, itemId: true },
    ...{ questions: true, summary: true, details: true, createdAt: true, status: true },
  },
  tool_user_input_resolved: { requestId: true, status: true, decision: false },
  transcript_updated: {
    threadId: true,
    turnId: false,
    messageId: false,
    type: false,
    entry: false,
  },
  turn_plan_updated: { threadId: true, turnId: true, explanation: false, plan: true },
  turn_diff_updated: { threadId: true, turnId: true, diff: true },
  thread_token_usage_updated: { threadId: true, turnId: true, tokenUsage: true },
  suggested_request_updated: {
    ...{ sessionId: true, requestKey: true, status: true, suggestion: false, error: false },
  },
  orchestrator_job_queued: jobMembers(),
  orchestrator_job_started: jobMembers(),
  orchestrator_job_completed: jobMembers(),
  account_rate_limits_updated: { rateLimits: true },
  project_upserted: { project: true },
  project_deleted: { projectId: true, sessionIds: true },
  session_project_updated: {
    ...{ sessionId: true, projectId: true, previousProjectId: false, status: false },
  },
  session_deleted: {
    ...{ status: true, sessionId: true, title: false, message: true, deletedAt: true },
  },
  notification: { method: true, params: false },
};

function jobMembers() {
  const always = { jobId: true, projectId: true, jobType: true, state: true };
  return { ...always, sourceSessionId: false, result: false, error: false, progress: false };
}

const events = managerFrames
  .map(({ frame }) => parseEnvelope(frame))
  .filter(({ type }) => !type.startsWith('app_server.'));
const types = [...new Set(events.map(({ type }) => type))];

describe("codex-manager's own events", () => {
  test.each(types)('of the type %s have the members of their type, in every recording', (type) => {
    const listed = members[type as keyof ManagerEvents] as Readonly<Record<string, boolean>>;
    const always = Object.keys(listed).filter((name) => listed[name]);
    for (const { payload } of events.filter((event) => event.type === type)) {
      const names = Object.keys(payload as object);
      expect(Object.keys(listed)).toEqual(expect.arrayContaining(names));
      expect(names).toEqual(expect.arrayContaining(always));
    }
  });

  test('name their thread and their request where their types say so', () => {
    const asked = events.filter(({ type }) => /^(approval|tool_)/.test(type));
    expect(asked.length).toBeGreaterThan(10);
    for (const event of asked) {
      expect(event).toMatchObject({
        threadId: expect.any(String),
        requestId: expect.any(String),
      });
    }
  });

  test('are told apart by their method and their status', () => {
    type Command = Extract<
      ManagerApproval,
      { readonly method: 'item/commandExecution/requestApproval' }
    >;
    expectTypeOf<
      Command['details']
    >().toEqualTypeOf<Incoming.CommandExecutionRequestApprovalParams>();
    type Plan = ManagerEvents['turn_plan_updated'];
    expectTypeOf<Plan['payload']>().toEqualTypeOf<NotificationParams['turn/plan/updated']>();
    expectTypeOf<Plan['turnId']>().toEqualTypeOf<string>();
  });

  test('have the type that they are listed by', () => {
    expectTypeOf<{
      readonly [Type in keyof ManagerEvents]: ManagerEvents[Type]['type'];
    }>().toEqualTypeOf<{ readonly [Type in keyof ManagerEvents]: Type }>();
  });
});
