import type { ServerRequest } from '../requests/index.js';
import { frameOf } from './frames.js';
import type { RequestTable } from './request-table.js';

/** A request as the gateway's own list has it: everything that a client needs to open it. */
export function listedRequest(request: ServerRequest, table: RequestTable): object {
  const { kind, method, state, answerable, openedAt, threadId, turnId, event } = request;
  const { frame, requestKey } = frameOf(event, table);
  return {
    key: requestKey,
    kind,
    method,
    state,
    answerable,
    openedAt,
    paths: 'paths' in request ? request.paths : null,
    threadId,
    turnId,
    event: frame,
  };
}

type Members = Readonly<Record<string, unknown>>;

/**
 * A request as codex-manager's lists have it. `details` are the params as they were sent: they
 * tell a client that gets the event too that it is the same request.
 */
export function pendingPayload(
  request: ServerRequest,
  idName: 'approvalId' | 'requestId',
  table: RequestTable,
): object {
  const { method, threadId, turnId, itemId, openedAt, event } = request;
  const params = Object(request.params) as Members;
  const { callId, tool, arguments: given, questions } = params;
  return {
    [idName]: String(table.opened(event).id),
    method,
    threadId,
    turnId,
    itemId,
    summary: summaryOf(method, params),
    ...(callId === undefined ? {} : { callId, tool, arguments: given }),
    ...(questions === undefined ? {} : { questions }),
    details: request.params,
    createdAt: new Date(openedAt).toISOString(),
    status: 'pending',
  };
}

/** One line for people. */
function summaryOf(method: string, { command, reason, tool, questions }: Members): string {
  if (method === 'item/tool/call') return `Tool call requested: ${String(tool)}`;
  if (Array.isArray(questions)) return `Tool input required (${questions.length})`;
  const what = /command/i.test(method) ? 'Command' : 'File change';
  const why = Array.isArray(command) ? command.join(' ') : (command ?? reason);
  return `${what} approval required${typeof why === 'string' && why !== '' ? `: ${why}` : ''}`;
}
