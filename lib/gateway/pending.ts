import type { ManagerMethod } from '../manager/methods.js';
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

/** What is known of a request. */
export interface PendingFacts {
  /** Its id, as the gateway hands it out. */
  readonly id: string;
  readonly method: string;
  readonly params: unknown;
  readonly threadId: string | null;
  readonly turnId: string | null;
  readonly openedAt: number;
}

/**
 * A request as codex-manager's lists have it. `details` are the params as they were sent: they
 * tell a client that gets the event too that it is the same request.
 */
export function pendingPayload(facts: PendingFacts, list: ManagerMethod['list']): object {
  const { id, method, threadId, turnId, openedAt } = facts;
  const params = Object(facts.params) as Members;
  const { itemId, callId, tool, arguments: given, questions } = params;
  return {
    [idNameOf(list)]: id,
    method,
    threadId,
    turnId,
    itemId: itemId ?? callId ?? null,
    summary: summaryOf(method, params),
    ...(callId === undefined ? {} : { callId, tool, arguments: given }),
    ...(questions === undefined ? {} : { questions }),
    details: facts.params,
    createdAt: new Date(openedAt).toISOString(),
    status: 'pending',
  };
}

/** The member that holds the id of a request in a list, and in a reply to its answer. */
export const idNameOf = (list: ManagerMethod['list']): 'approvalId' | 'requestId' =>
  list === 'approvals' ? 'approvalId' : 'requestId';

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

/** One line for people. */
function summaryOf(method: string, { command, reason, tool, questions }: Members): string {
  if (method === 'item/tool/call') return `Tool call requested: ${textOf(tool)}`;
  if (Array.isArray(questions)) return `Tool input required (${questions.length})`;
  const what = /command/i.test(method) ? 'Command' : 'File change';
  const why = Array.isArray(command) ? command.map(textOf).join(' ') : (command ?? reason);
  return `${what} approval required${typeof why === 'string' && why !== '' ? `: ${why}` : ''}`;
}
