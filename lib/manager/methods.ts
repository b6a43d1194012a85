/** How codex-manager takes the answers of a method, and where it shows its requests. */
export interface ManagerMethod {
  /** Its list in a session: `/api/sessions/:id/<list>`. */
  readonly list: 'approvals' | 'tool-calls' | 'tool-input';
  /** Where an answer is posted. */
  readonly path: (id: string) => string;
  /** The body of an answer; a text says why codex-manager cannot take it. */
  readonly body: (answer: never) => object | string;
  /** The types of its own events: a request opens, and is settled. */
  readonly events: readonly [asked: string, resolved: string];
}

interface Decided {
  readonly decision: 'accept' | 'decline' | 'cancel';
  readonly scope?: 'session';
}

/** What codex-manager calls the decisions of either protocol. */
const decisions: Readonly<Record<string, Decided>> = {
  accept: { decision: 'accept' },
  acceptForSession: { decision: 'accept', scope: 'session' },
  decline: { decision: 'decline' },
  cancel: { decision: 'cancel' },
  approved: { decision: 'accept' },
  approved_for_session: { decision: 'accept', scope: 'session' },
  denied: { decision: 'decline' },
  abort: { decision: 'cancel' },
};

/** The decision of an answer in codex-manager's words. */
export function decidedBy({ decision }: { readonly decision?: unknown }): Decided | undefined {
  const name = 'denied' in Object(decision) ? 'denied' : decision;
  const isKnown = typeof name === 'string' && Object.hasOwn(decisions, name);
  return isKnown ? decisions[name] : undefined;
}

const approval: ManagerMethod = {
  list: 'approvals',
  path: (id) => `/api/approvals/${id}/decision`,
  body: (answer: { decision: unknown }) =>
    decidedBy(answer) ?? 'codex-manager takes accept, decline and cancel, and no amendments',
  events: ['approval', 'approval_resolved'],
};

/** What codex-manager can answer: it refuses the others itself, and publishes them nevertheless. */
const methods: Readonly<Record<string, ManagerMethod>> = {
  'item/commandExecution/requestApproval': approval,
  'item/fileChange/requestApproval': approval,
  execCommandApproval: approval,
  applyPatchApproval: approval,
  'item/tool/call': {
    list: 'tool-calls',
    path: (id) => `/api/tool-calls/${id}/response`,
    body: (answer: { contentItems: readonly { type: string }[] }) =>
      answer.contentItems.some(({ type }) => type === 'inputAudio')
        ? 'codex-manager takes text and images, and no audio'
        : answer,
    events: ['tool_call_requested', 'tool_call_resolved'],
  },
  'item/tool/requestUserInput': {
    list: 'tool-input',
    path: (id) => `/api/tool-input/${id}/decision`,
    body: (answer: object) => ({ decision: 'accept', ...answer }),
    events: ['tool_user_input_requested', 'tool_user_input_resolved'],
  },
};

export const managerMethod = (method: string): ManagerMethod | undefined =>
  Object.hasOwn(methods, method) ? methods[method] : undefined;

/** Each list, and the type of the event that shows its requests as they open. */
export const lists: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(
  Object.values(methods).map(({ list, events: [asked] }) => [list, asked]),
);

/** The lists that show requests of such methods. */
export const listsOf = (isWanted: (method: string) => boolean): readonly string[] =>
  Object.entries(methods).flatMap(([method, { list }]) => (isWanted(method) ? [list] : []));

const eventTypes = (index: 0 | 1): readonly string[] =>
  Object.values(methods).map(({ events }) => events[index]);

/** The types of codex-manager's own events that open requests. */
export const asked = /* @__PURE__ */ eventTypes(0);
/** Of those that settle them. */
export const resolved = /* @__PURE__ */ eventTypes(1);
