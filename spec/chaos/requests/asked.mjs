// What the agent asks, of every kind, and what answers it. Each request has a mark of its own in its
// params, and where there is room for one in its answer: ids are used again, marks never.

import { toolResult } from 'codex-rx';

const reject = (rejection) => ({ decision: { denied: { rejection } } });

/** The mark of a request, given its params. */
export const markOf = (params) => /mark-[\w-]+/.exec(JSON.stringify(params))?.[0];

const said = (yes, no) => (mark, isYes) => (isYes ? yes : no)(mark);

/** What codex-manager takes as a decision: these words alone. */
const decision = (mark, isYes, random) =>
  isYes
    ? { decision: random.pick(['accept', 'acceptForSession']) }
    : { decision: random.pick(['decline', 'decline', 'decline', 'cancel']) };

/** The same, where there is room for more. */
const amendment = (mark, isYes, random, isPlain) =>
  isYes && !isPlain
    ? { decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: [mark] } } }
    : decision(mark, isYes, random);

/** The same in the words of the first protocol. */
const review = (amended) => (mark, isYes, random, isPlain) => {
  if (isYes) {
    const words = ['approved', 'approved_for_session'].map((decision) => ({ decision }));
    return random.pick(isPlain ? words : [...words, ...amended(mark)]);
  }
  return random.chance(0.75) ? reject(mark) : { decision: 'abort' };
};

const elicitation = (isOfTurn) => ({
  method: 'mcpServer/elicitation/request',
  weight: 3,
  params: (mark, random) => ({
    ...(!isOfTurn(random) && { turnId: null }),
    serverName: 'mcp',
    mode: 'form',
    _meta: null,
    message: mark,
    requestedSchema: { type: 'object', properties: {} },
  }),
  answer: said(
    (mark) => ({ action: 'accept', content: { mark } }),
    () => ({ action: 'decline', content: null }),
  ),
});

/** What an MCP server asks that has just been started: it belongs to no turn, and has only its id. */
export const greeting = elicitation(() => false);

/**
 * Every kind: `params` are those beside the thread and the turn, `answer` makes one that lets the
 * agent do it, or one that does not. `list` is where codex-manager keeps it; it refuses the others.
 */
export const kinds = [
  {
    method: 'item/commandExecution/requestApproval',
    weight: 8,
    list: 'approvals',
    params: (mark, random) => ({
      itemId: `item ${mark}`,
      // The same item may be asked about again, and then only this tells.
      ...(random.chance(0.2) && { approvalId: `approval ${mark}` }),
      kind: 'command',
      command: `touch ${mark}`,
      cwd: '/work',
      startedAtMs: 0,
      availableDecisions: [
        'accept',
        'acceptForSession',
        { acceptWithExecpolicyAmendment: { execpolicy_amendment: [mark] } },
        'cancel',
      ],
    }),
    answer: amendment,
  },
  {
    method: 'item/fileChange/requestApproval',
    weight: 4,
    list: 'approvals',
    params: (mark) => ({ itemId: `item ${mark}`, reason: mark, grantRoot: null, startedAtMs: 0 }),
    answer: decision,
  },
  {
    method: 'item/tool/call',
    weight: 8,
    list: 'tool-calls',
    params: (mark) => ({ callId: `call ${mark}`, namespace: null, tool: 'x', arguments: { mark } }),
    answer: (mark, isYes) => toolResult(mark, { success: isYes }),
  },
  {
    method: 'item/tool/requestUserInput',
    weight: 5,
    list: 'tool-input',
    params: (mark) => ({
      itemId: `item ${mark}`,
      questions: [
        { id: 'q', header: 'q', question: mark, isOther: true, isSecret: false, options: null },
      ],
    }),
    answer: (mark) => ({ answers: { q: { answers: [mark] } } }),
  },
  {
    method: 'item/permissions/requestApproval',
    weight: 2,
    params: (mark) => ({
      itemId: `item ${mark}`,
      environmentId: 'local',
      startedAtMs: 0,
      cwd: '/work',
      reason: mark,
      permissions: { network: null, fileSystem: { read: [mark] } },
    }),
    answer: said(
      (mark) => ({ permissions: { fileSystem: { read: [mark] } }, scope: 'turn' }),
      () => ({ permissions: {}, scope: 'turn' }),
    ),
  },
  elicitation((random) => random.chance(0.5)),
  {
    method: 'execCommandApproval',
    weight: 2,
    list: 'approvals',
    isLegacy: true,
    params: (mark) => ({
      callId: `call ${mark}`,
      approvalId: null,
      command: ['touch', mark],
      cwd: '/work',
      reason: null,
      parsedCmd: [],
    }),
    answer: review((mark) => [
      { decision: { approved_execpolicy_amendment: { proposed_execpolicy_amendment: [mark] } } },
    ]),
  },
  {
    method: 'applyPatchApproval',
    weight: 2,
    list: 'approvals',
    isLegacy: true,
    params: (mark) => ({
      callId: `call ${mark}`,
      fileChanges: { [mark]: { type: 'add', content: '' } },
      reason: null,
      grantRoot: null,
    }),
    answer: review(() => []),
  },
];

const byMethod = new Map(kinds.map((kind) => [kind.method, kind]));

export const kindOf = (method) => byMethod.get(method);

/**
 * An answer to a request of the library's.
 *
 * @param isPlain Whether the server takes words alone.
 */
export const answerTo = ({ method, params }, isYes, random, isPlain) =>
  kindOf(method).answer(markOf(params), isYes, random, isPlain);

/** An answer by REST in the words of the protocol of its request, which is what its client decided. */
export const inWordsOf = ({ method, params }, { decision, scope }) => {
  const word = scope === 'session' ? `${decision}ForSession` : decision;
  if (!kindOf(method).isLegacy) return { decision: word };
  if (word === 'decline') return reject(markOf(params));
  const legacy = { accept: 'approved', acceptForSession: 'approved_for_session', cancel: 'abort' };
  return { decision: legacy[word] };
};

/** Whether an answer lets the agent do something. */
export const isGrant = ({ decision, action, permissions }) =>
  /^(accept|approved)/.test(action ?? decision ?? '') ||
  'acceptWithExecpolicyAmendment' in Object(decision) ||
  'approved_execpolicy_amendment' in Object(decision) ||
  Object.keys(permissions ?? {}).length > 0;

/** Whether an answer grants nothing, and says nothing: what may answer by itself. */
export const isRefusal = ({ decision, permissions, answers, action, success }) =>
  decision === 'decline' ||
  'denied' in Object(decision) ||
  action === 'decline' ||
  success === false ||
  [permissions, answers].some((given) => given && Object.keys(given).length === 0);
