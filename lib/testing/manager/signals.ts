import { findThreadId, notificationType, requestType } from '../../envelope/index.js';
import type { OpenRequest } from '../codex/requests.js';
import type { Members } from '../codex/thread.js';
import type { Notification } from '../codex/version.js';

/** A frame of codex-manager's stream. */
export interface ManagerFrame {
  readonly type: string;
  readonly threadId: string | null;
  readonly payload: unknown;
}

/** What codex-manager knows of the thread of an event. */
export interface SignalContext {
  readonly threadId: string | null;
  /** The turn that it considers running, for events without a turn. */
  readonly turnId: string | null;
  readonly session: object | null;
}

/** The second names of some notifications. */
const aliases: Readonly<Record<string, string>> = {
  'account/login/completed': 'account_login_completed',
  'account/rateLimits/updated': 'account_rate_limits_updated',
  'account/updated': 'account_updated',
  'app/list/updated': 'app_list_updated',
  'mcpServer/oauthLogin/completed': 'mcp_oauth_completed',
  'thread/tokenUsage/updated': 'thread_token_usage_updated',
  'turn/diff/updated': 'turn_diff_updated',
  'turn/plan/updated': 'turn_plan_updated',
};

export const aliasTypes: readonly string[] = Object.values(aliases);

/** The frames of a notification, in order. */
export function notificationFrames(
  method: string,
  params: Members,
  context: SignalContext,
): readonly [ManagerFrame, ...ManagerFrame[]] {
  const { threadId } = context;
  const eventType = notificationType(method);
  const signal = signalOf('notification', eventType, method, params, context);
  const alias = aliases[method];
  return [
    { type: eventType, threadId, payload: signal },
    ...(alias === undefined ? [] : [{ type: alias, threadId, payload: params }]),
    { type: 'notification', threadId, payload: { method, params } },
  ];
}

/** The first frame of a server request. */
export function requestFrame(
  { id, method, params }: OpenRequest,
  context: SignalContext,
): ManagerFrame {
  const type = requestType(method);
  const signal = signalOf('request', type, method, params, context);
  return { type, threadId: context.threadId, payload: { ...signal, requestId: id } };
}

function signalOf(
  signalType: string,
  eventType: string,
  method: string,
  params: Members,
  { threadId, turnId, session }: SignalContext,
): Members {
  const { turn, turnId: own = turn?.id } = params as {
    readonly turnId?: string | null;
    readonly turn?: { readonly id?: string };
  };
  return {
    source: 'app_server',
    signalType,
    eventType,
    method,
    receivedAt: new Date().toISOString(),
    context: { threadId, turnId: own ?? turnId },
    params,
    session,
  };
}

/** The legacy copies of a delta: the notifications of Codex 0.107 before it, and after it. */
export function legacyCopies(
  method: string,
  params: Members,
): readonly [before: readonly Notification[], after: readonly Notification[]] {
  const names = deltas[method];
  if (!names) return [[], []];
  const { turnId: id, itemId: item_id, delta, summaryIndex } = params;
  const conversationId = findThreadId({ params });
  const event = (type: string, more: Members): Notification => [
    `codex/event/${type}`,
    { id, msg: { type, ...more }, conversationId },
  ];
  const [content, plain] = names;
  const index = summaryIndex === undefined ? {} : { summary_index: summaryIndex };
  const ids = { thread_id: conversationId, turn_id: id, item_id };
  return [[event(content, { ...ids, delta, ...index })], [event(plain, { delta })]];
}

const deltas: Readonly<Record<string, readonly [content: string, plain: string]>> = {
  'item/agentMessage/delta': ['agent_message_content_delta', 'agent_message_delta'],
  'item/reasoning/summaryTextDelta': ['reasoning_content_delta', 'agent_reasoning_delta'],
};
