import type { AppServerRequestPayload, Envelope } from '../envelope/index.js';
import { requestEvent, type Evidence } from '../requests/index.js';
import { asked, decidedBy } from './methods.js';

interface Described {
  readonly method?: unknown;
  readonly threadId?: unknown;
  readonly turnId?: unknown;
  readonly itemId?: unknown;
  readonly callId?: unknown;
  readonly tool?: unknown;
  readonly arguments?: unknown;
  readonly questions?: unknown;
  readonly details?: unknown;
  /** What `details` are in a request that it has refused. */
  readonly params?: unknown;
  readonly createdAt?: unknown;
}

/**
 * What codex-manager tells of a request in a shape of its own, as the event of the same request that
 * every app-server sends; `null` if it cannot be read. Its ids are text there: they are numbers.
 */
export function asRequest({
  threadId,
  requestId,
  payload,
}: Envelope): Envelope<string, AppServerRequestPayload> | null {
  const {
    method,
    params: refused,
    details = refused,
    createdAt,
    ...described
  } = Object(payload) as Described;
  if (typeof method !== 'string' || requestId === null) return null;
  const { turnId, itemId, callId, tool, questions } = described;
  const ids = { threadId: described.threadId ?? threadId, turnId };
  const params =
    typeof details === 'object' && details !== null
      ? details
      : callId === undefined
        ? { ...ids, itemId, ...(questions === undefined ? {} : { questions }) }
        : { ...ids, callId, tool, arguments: described.arguments };
  const id = Number(requestId);
  const time = typeof createdAt === 'string' ? createdAt : '';
  return requestEvent(
    method,
    String(id) === String(requestId) ? id : requestId,
    threadId,
    params,
    time,
  );
}

interface Resolved {
  readonly status?: unknown;
  readonly decision?: unknown;
  readonly scope?: unknown;
  readonly success?: unknown;
}

/** What codex-manager says of the end of a request. */
export function evidenceOf({ type, payload }: Envelope): Evidence {
  const { status, decision, scope, success } = Object(payload) as Resolved;
  if (status === 'expired') return { cause: 'expired', answeredBy: 'nobody' };
  return {
    cause: 'resolved',
    answeredBy(answer) {
      if (type === 'tool_call_resolved') {
        return (answer as { success?: unknown }).success === success;
      }
      if (type !== 'approval_resolved') return true;
      const given = decidedBy(answer);
      const isSession = decision === 'accept' && scope === 'session';
      return given?.decision === decision && (given?.scope === 'session') === isSession;
    },
  };
}

/** The event of a request as every app-server would tell it; `null` if it is of none. */
export const requestOf = (event: Envelope): Envelope | null => {
  const { type } = event;
  if (asked.includes(type) || type === 'server_request') return asRequest(event);
  return type.startsWith('app_server.request.') ? event : null;
};
