import type { ServerRequestAnswers } from '../protocol/index.js';
import {
  amount,
  anything,
  byName,
  choice,
  flag,
  list,
  nullable,
  object,
  text,
  type Shape,
} from './shape.js';

/** What the protocol says of a method: the one place that knows it. */
export interface MethodRow<Kind extends string = string> {
  readonly kind: Kind;
  readonly shape: Shape;
  /** The answer that lets it happen, if one needs nothing but the word. */
  readonly accept?: (scope?: 'session') => object;
  /** The answer that says no; the agent goes on. */
  readonly decline?: (why: string) => object;
  /** The answer that says no and ends the turn. */
  readonly cancel?: () => object;
  /** Whether an answer lets the agent do something. */
  readonly approves: (answer: object) => boolean;
  /**
   * What ends it, besides the end of its turn or thread: `serverRequest/resolved`, the end of its
   * item, or the answer itself, since the server does not report the end and never sends it again.
   */
  readonly endedBy: 'resolved' | 'item' | 'answer';
}

/** What a request may be answered with, if its protocol has the word. */
export type Word = 'accept' | 'decline' | 'cancel';

const words = list(text);
const networkPolicy = object({ action: choice(['allow', 'deny']), host: text });

const denials: readonly unknown[] = ['decline', 'cancel', 'abort', 'timed_out'];

/** Whether this is a no: a decision that is not known counts as a yes. */
const isDenial = (decision: unknown): boolean =>
  denials.includes(decision) || 'denied' in Object(decision);

const memberOf = (answer: object, name: string): unknown =>
  (answer as Readonly<Record<string, unknown>>)[name];

const decides = (answer: object): boolean => !isDenial(memberOf(answer, 'decision'));
const never = (): boolean => false;

/** A row of what is a yes or a no. */
type ApprovalRow<Kind extends string> = MethodRow<Kind> & Required<Pick<MethodRow, Word>>;

const approval = <Kind extends string>(
  kind: Kind,
  amendments: Readonly<Record<string, Shape>>,
): ApprovalRow<Kind> => ({
  kind,
  shape: object({
    decision: choice(['accept', 'acceptForSession', 'decline', 'cancel'], amendments),
  }),
  accept: (scope) => ({ decision: scope === 'session' ? 'acceptForSession' : 'accept' }),
  decline: () => ({ decision: 'decline' }),
  cancel: () => ({ decision: 'cancel' }),
  approves: decides,
  endedBy: 'resolved',
});

/** The approvals of the first protocol. */
const review = <Kind extends string>(kind: Kind): ApprovalRow<Kind> => ({
  kind,
  shape: object({
    decision: choice(
      ['approved', 'approved_for_session', 'approved_mcp_policy_amendment', 'timed_out', 'abort'],
      {
        approved_execpolicy_amendment: object({ proposed_execpolicy_amendment: words }),
        network_policy_amendment: object({ network_policy_amendment: networkPolicy }),
        denied: object({ rejection: text }),
      },
    ),
  }),
  accept: (scope) => ({ decision: scope === 'session' ? 'approved_for_session' : 'approved' }),
  decline: (rejection) => ({ decision: { denied: { rejection } } }),
  cancel: () => ({ decision: 'abort' }),
  approves: decides,
  endedBy: 'resolved',
});

/** A method that asks for a value: there is no yes and no no. */
const value = <Kind extends string>(kind: Kind, shape: Shape): MethodRow<Kind> => ({
  kind,
  shape,
  approves: never,
  endedBy: 'answer',
});

const contentItems: Readonly<Record<string, Shape>> = {
  inputText: object({ type: text, text }),
  inputImage: object({ type: text, imageUrl: text }),
  inputAudio: object({ type: text, audioUrl: text }),
};
const contentItem: Shape = (item, at) => {
  const { type } = Object(item) as { type?: unknown };
  const isKnown = typeof type === 'string' && Object.hasOwn(contentItems, type);
  const shape = isKnown && contentItems[type];
  const names = Object.keys(contentItems).join(', ');
  return shape ? shape(item, at) : `${at}.type must be one of ${names}`;
};

const permissions = object({
  'fileSystem?': nullable(
    object({
      'entries?': nullable(list(byName(anything))),
      'globScanMaxDepth?': nullable(amount),
      'read?': nullable(words),
      'write?': nullable(words),
    }),
  ),
  'network?': nullable(object({ 'enabled?': nullable(flag) })),
});

export const methods = {
  'item/commandExecution/requestApproval': /* @__PURE__ */ approval('commandExecution', {
    acceptWithExecpolicyAmendment: object({ execpolicy_amendment: words }),
    applyNetworkPolicyAmendment: object({ network_policy_amendment: networkPolicy }),
  }),
  'item/fileChange/requestApproval': /* @__PURE__ */ approval('fileChange', {}),
  execCommandApproval: /* @__PURE__ */ review('commandExecution'),
  applyPatchApproval: /* @__PURE__ */ review('fileChange'),
  'item/tool/call': {
    kind: 'dynamicToolCall' as const,
    shape: /* @__PURE__ */ object({
      contentItems: /* @__PURE__ */ list(contentItem),
      success: flag,
    }),
    decline: (why: string) => ({
      contentItems: [{ type: 'inputText', text: why }],
      success: false,
    }),
    approves: never,
    endedBy: 'item',
  },
  'item/permissions/requestApproval': {
    kind: 'permissions' as const,
    shape: /* @__PURE__ */ object({
      permissions,
      'scope?': choice(['turn', 'session']),
      'strictAutoReview?': nullable(flag),
    }),
    decline: () => ({ permissions: {}, scope: 'turn' }),
    approves: (answer: object) =>
      Object.values(Object(memberOf(answer, 'permissions')) as object).some(
        (granted) => granted !== null,
      ),
    endedBy: 'resolved',
  },
  'item/tool/requestUserInput': {
    kind: 'userInput' as const,
    shape: /* @__PURE__ */ object({ answers: byName(object({ answers: words })) }),
    decline: () => ({ answers: {} }),
    approves: never,
    endedBy: 'resolved',
  },
  'mcpServer/elicitation/request': {
    kind: 'elicitation' as const,
    shape: /* @__PURE__ */ object({
      action: choice(['accept', 'decline', 'cancel']),
      'content?': anything,
      '_meta?': anything,
    }),
    decline: () => ({ action: 'decline', content: null }),
    cancel: () => ({ action: 'cancel', content: null }),
    approves: (answer: object) => !isDenial(memberOf(answer, 'action')),
    endedBy: 'resolved',
  },
  'account/chatgptAuthTokens/refresh': /* @__PURE__ */ value(
    'authTokensRefresh',
    object({ accessToken: text, chatgptAccountId: text, 'chatgptPlanType?': nullable(text) }),
  ),
  'attestation/generate': /* @__PURE__ */ value('attestation', object({ token: text })),
  'currentTime/read': /* @__PURE__ */ value('currentTime', object({ currentTimeAt: amount })),
} satisfies Readonly<Partial<Record<keyof ServerRequestAnswers, MethodRow>>>;

/** A method that has no row, as that of a newer server: any object may answer it. */
const unlisted: MethodRow<'other'> = {
  kind: 'other',
  shape: /* @__PURE__ */ byName(anything),
  // What an answer means is not known: only a bare no surely approves nothing.
  approves: (answer) =>
    Object.keys(answer).length !== 1 ||
    !isDenial(memberOf(answer, 'decision') ?? memberOf(answer, 'action')),
  endedBy: 'resolved',
};

/** What the protocol says of a method. */
export const rowOf = (method: string): MethodRow<RequestKind> =>
  Object.hasOwn(methods, method) ? methods[method as keyof typeof methods] : unlisted;

type Methods = typeof methods;

/** A method that has a row. */
export type KnownMethod = keyof Methods;

/** What a request asks for. */
export type RequestKind = Methods[KnownMethod]['kind'] | 'other';

/** The kind of a method. */
export type KindOf<Method extends string> = Method extends KnownMethod
  ? Methods[Method]['kind']
  : 'other';

/** The kinds whose protocol has such a word. */
export type KindWith<Name extends Word> = {
  [Method in KnownMethod]: Methods[Method] extends Readonly<Record<Name, object>>
    ? Methods[Method]['kind']
    : never;
}[KnownMethod];

/** The known methods of these kinds. */
export type MethodOfKind<Kind extends RequestKind> = {
  [Method in KnownMethod]: KindOf<Method> extends Kind ? Method : never;
}[KnownMethod];
