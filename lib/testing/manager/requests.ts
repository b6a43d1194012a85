import type { OpenRequest } from '../codex/requests.js';
import type { Members } from '../codex/thread.js';
import type { FakeAnswer } from '../codex/answer.js';
import type { Checked, ManagerBodies } from './bodies.js';

export interface ReadAnswer {
  readonly answer: FakeAnswer;
  readonly settlement: Members;
}

/** How codex-manager handles one kind of server request. */
export interface RequestKind {
  /** Its route: `/api/<list>/:id/<verb>`, and `/api/sessions/:id/<list>`. */
  readonly list: string;
  readonly verb: string;
  /** The types of its events. */
  readonly requestedType: string;
  readonly resolvedType: string;
  /** The member that holds its id. */
  readonly idName: 'approvalId' | 'requestId';
  /** The members of its event that not all kinds have. */
  describe(request: OpenRequest): Members;
  /** Reads an answer: what Codex gets, and what the event says of it. */
  read(bodies: ManagerBodies, body: unknown, method: string): Checked<ReadAnswer>;
  /** What the event says when it expires. */
  readonly expired: Members;
  /** What Codex gets in codex-manager's own sessions, where no client is asked. */
  refusal(message: string): FakeAnswer;
  /** The name of its entries in the transcript. */
  readonly entry: string;
}

const approval: RequestKind = {
  list: 'approvals',
  verb: 'decision',
  requestedType: 'approval',
  resolvedType: 'approval_resolved',
  idName: 'approvalId',
  describe: ({ method, params }) => ({
    itemId: params['itemId'] ?? null,
    summary: approvalSummary(method, params),
  }),
  read(bodies, body, method) {
    const checked = bodies.approval(body);
    if (!checked.ok) return checked;
    const { decision, scope = 'turn' } = checked.body;
    const isSession = decision === 'accept' && scope === 'session';
    const names = method.startsWith('item/') ? {} : oldDecisions;
    const name = isSession ? 'acceptForSession' : decision;
    const answer = { result: { decision: names[name] ?? name } };
    return { ok: true, body: { answer, settlement: { decision, scope } } };
  },
  expired: {},
  refusal: () => ({ result: { decision: 'decline' } }),
  entry: 'approval',
};

/** The decisions of the methods of the first protocol. */
const oldDecisions: Readonly<Record<string, string>> = {
  accept: 'approved',
  acceptForSession: 'approved_for_session',
  decline: 'denied',
  cancel: 'abort',
};

const toolCall: RequestKind = {
  list: 'tool-calls',
  verb: 'response',
  requestedType: 'tool_call_requested',
  resolvedType: 'tool_call_resolved',
  idName: 'requestId',
  describe({ params: { callId = null, tool, arguments: given } }) {
    const summary = `Tool call requested: ${String(tool)}`;
    return { itemId: callId, callId, tool, arguments: given, summary };
  },
  read(bodies, body) {
    const checked = bodies.toolCall(body);
    if (!checked.ok) return checked;
    const { success = true, text, contentItems, ...raw } = checked.body;
    const items = contentItems ?? (text === undefined ? [] : [{ type: 'inputText', text }]);
    // A raw response wins, and is not checked.
    const result = 'response' in raw ? raw.response : { contentItems: items, success };
    const settlement = { success: (result as Members | null)?.['success'] !== false };
    return { ok: true, body: { answer: { result }, settlement } };
  },
  expired: { success: false },
  refusal: (text) => ({
    result: { success: false, contentItems: [{ type: 'inputText', text }] },
  }),
  entry: 'tool_call',
};

const toolInput: RequestKind = {
  list: 'tool-input',
  verb: 'decision',
  requestedType: 'tool_user_input_requested',
  resolvedType: 'tool_user_input_resolved',
  idName: 'requestId',
  describe({ params }) {
    const { itemId = null, questions = [] } = params as {
      readonly itemId?: string | null;
      readonly questions?: readonly Members[];
    };
    const count = `${questions.length} question${questions.length === 1 ? '' : 's'}`;
    return { itemId, summary: `Tool input required (${count})`, questions: questions.map(asked) };
  },
  read(bodies, body) {
    const checked = bodies.toolInput(body);
    if (!checked.ok) return checked;
    const { decision, answers = {}, ...raw } = checked.body;
    const given = { answers: decision === 'accept' ? answers : {} };
    const result = 'response' in raw ? raw.response : given;
    return { ok: true, body: { answer: { result }, settlement: { decision } } };
  },
  expired: {},
  refusal: () => ({ result: { answers: {} } }),
  entry: 'tool_input',
};

const asked = ({ id, header, question, options, isOther, isSecret }: Members): Members => ({
  id,
  header,
  question,
  options: options ?? null,
  isOther: isOther ?? false,
  isSecret: isSecret ?? false,
});

const kinds: Readonly<Record<string, RequestKind>> = {
  'item/commandExecution/requestApproval': approval,
  'item/fileChange/requestApproval': approval,
  execCommandApproval: approval,
  applyPatchApproval: approval,
  'item/tool/call': toolCall,
  'item/tool/requestUserInput': toolInput,
};

/** How a request is handled; `undefined`: codex-manager refuses it. */
export const kindOf = (method: string): RequestKind | undefined =>
  Object.hasOwn(kinds, method) ? kinds[method] : undefined;

export const allKinds: readonly RequestKind[] = [approval, toolCall, toolInput];

/** A request as its event and the lists show it. */
export const pendingPayload = (kind: RequestKind, request: OpenRequest): Members => ({
  [kind.idName]: String(request.id),
  method: request.method,
  threadId: request.threadId,
  turnId: request.turnId,
  ...kind.describe(request),
  details: request.params,
  createdAt: new Date().toISOString(),
  status: 'pending',
});

function approvalSummary(method: string, { command, reason }: Members): string {
  const [what, why] = /command/i.test(method)
    ? ['Command', Array.isArray(command) ? command.join(' ') : (command ?? reason)]
    : [method === 'applyPatchApproval' ? 'Patch' : 'File change', reason];
  return `${what} approval required${typeof why === 'string' && why !== '' ? `: ${why}` : ''}`;
}
