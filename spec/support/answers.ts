import type { Incoming, Outgoing } from '../../lib/protocol/index.js';

/** Answers as they are sent, for tests that have no request at hand. */
export function accept(scope: 'session'): { readonly decision: 'acceptForSession' };
export function accept(): { readonly decision: 'accept' };
export function accept(scope?: 'session') {
  return { decision: scope === 'session' ? 'acceptForSession' : 'accept' };
}

export const decline = () => ({ decision: 'decline' }) as const;

export const cancel = () => ({ decision: 'cancel' }) as const;

export const approve = (scope?: 'session') =>
  ({ decision: scope === 'session' ? 'approved_for_session' : 'approved' }) as const;

export const reject = (rejection: string) => ({ decision: { denied: { rejection } } }) as const;

export const grant = (
  permissions: Outgoing.GrantedPermissionProfile | Incoming.RequestPermissionProfile,
  scope: 'turn' | 'session' = 'turn',
) => ({ permissions, scope }) as Outgoing.PermissionsRequestApprovalResponse;

export const answers = (
  byQuestion: Readonly<Record<string, string | readonly string[]>>,
): Outgoing.ToolRequestUserInputResponse => ({
  answers: Object.fromEntries(
    Object.entries(byQuestion).map(([id, answer]) => [id, { answers: [answer].flat() }]),
  ),
});

export const elicit = (action: 'accept' | 'decline' | 'cancel', content: unknown = null) => ({
  action,
  content,
});
