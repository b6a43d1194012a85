import type { Incoming, Outgoing, ServerRequestAnswers } from '../protocol/index.js';
import type { ServerRequest } from './server-request.js';

type Decision = 'accept' | 'acceptForSession' | 'decline' | 'cancel';

/** Lets a command run, or a change be made; `session`: also the same again in this session. */
export function accept(scope: 'session'): { readonly decision: 'acceptForSession' };
export function accept(): { readonly decision: 'accept' };
export function accept(scope?: 'session'): { readonly decision: Decision } {
  return { decision: scope === 'session' ? 'acceptForSession' : 'accept' };
}

/** Says no; the agent goes on without it. */
export const decline = (): { readonly decision: 'decline' } => ({ decision: 'decline' });

/** Says no, and ends the turn. */
export const cancel = (): { readonly decision: 'cancel' } => ({ decision: 'cancel' });

/**
 * Grants permissions: all that were asked for, or a part. What is left out is denied, and codex cuts
 * a grant to what it has asked for.
 *
 * @example
 * requests.serve('item/permissions/requestApproval', ({ params }) => grant(params.permissions));
 */
export const grant = (
  permissions: Outgoing.GrantedPermissionProfile | Incoming.RequestPermissionProfile,
  scope: Outgoing.PermissionGrantScope = 'turn',
): Outgoing.PermissionsRequestApprovalResponse => ({
  permissions: permissions as Outgoing.GrantedPermissionProfile,
  scope,
});

/** Answers the questions of the agent, by their ids. */
export const answers = (
  byQuestion: Readonly<Record<string, string | readonly string[]>>,
): Outgoing.ToolRequestUserInputResponse => ({
  answers: Object.fromEntries(
    Object.entries(byQuestion).map(([id, answer]) => [
      id,
      { answers: typeof answer === 'string' ? [answer] : answer },
    ]),
  ),
});

/** Answers the question of an MCP server: with content, or with no. */
export const elicit = (
  action: Outgoing.McpServerElicitationAction,
  content: unknown = null,
): Outgoing.McpServerElicitationRequestResponse => ({ action, content });

/** What a tool that the agent has called gives back: text, or several items. */
export const toolResult = (
  content: string | readonly Outgoing.DynamicToolCallOutputContentItem[],
  success = true,
): Outgoing.DynamicToolCallResponse => ({
  contentItems: typeof content === 'string' ? [{ type: 'inputText', text: content }] : content,
  success,
});

/** Lets a legacy request (`execCommandApproval`, `applyPatchApproval`) have its way. */
export const approve = (scope?: 'session'): Outgoing.ExecCommandApprovalResponse => ({
  decision: scope === 'session' ? 'approved_for_session' : 'approved',
});

/** Says no to a legacy request. */
export const reject = (rejection: string): Outgoing.ExecCommandApprovalResponse => ({
  decision: { denied: { rejection } },
});

/** The answer to a request that grants nothing; `null` where there is none. */
export function refusal(
  { method, kind }: ServerRequest,
  why: string,
): ServerRequestAnswers[keyof ServerRequestAnswers] | null {
  switch (kind) {
    case 'command':
    case 'file-change':
      return method.startsWith('item/') ? decline() : reject(why);
    case 'permissions':
      return grant({});
    case 'user-input':
      return answers({});
    case 'elicitation':
      return elicit('decline');
    case 'tool-call':
      return toolResult(why, false);
    case 'other':
      return null;
  }
}

const no: readonly unknown[] = ['decline', 'cancel', 'abort', 'timed_out'];

/** Whether an answer lets the agent do something. One that is not known counts as if it did. */
export function approves({ kind }: ServerRequest, answer: unknown): boolean {
  const { decision, permissions, action } = Object(answer) as Record<string, unknown>;
  switch (kind) {
    case 'command':
    case 'file-change':
      return !no.includes(decision) && !('denied' in Object(decision));
    case 'permissions':
      return Object.values(Object(permissions) as object).some((granted) => granted !== null);
    case 'elicitation':
      return !no.includes(action);
    default:
      return false;
  }
}
