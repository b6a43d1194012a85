import { mustBe, mustBeKnown } from '../options/index.js';
import type { Incoming, Outgoing, ServerRequestAnswers } from '../protocol/index.js';
import { rowOf, type KindWith, type MethodOfKind, type RequestKind, type Word } from './methods.js';
import { visibleLine } from '../text/index.js';
import type { AnswerTo, ServerRequest } from './server-request.js';
import type { RequestContext } from './server-requests.js';

/** A request of one of these kinds. */
export type OfKind<Kind extends RequestKind> = ServerRequest<MethodOfKind<Kind>>;

/** The answer of the table, in the protocol of the request. */
function answerBy<Request extends ServerRequest>(
  word: Word,
  request: Request,
  argument: string | undefined,
): AnswerTo<Request> {
  const { method } = Object(request) as Partial<Request>;
  mustBe(typeof method === 'string', 'request', 'a request, as a handler gets it');
  const answer = (rowOf(method)[word] as ((argument?: string) => object) | undefined)?.(argument);
  if (answer !== undefined) return answer as AnswerTo<Request>;
  const instead =
    word === 'accept' ? 'answer it with what it asks for' : 'use requests.refuse(request, error)';
  throw new TypeError(`${word}() does not apply to ${visibleLine(method)}: ${instead}.`);
}

/**
 * Lets a command run, or a change be made.
 *
 * @param scope `session`: the same is allowed again for the rest of the session.
 */
export const accept = <Request extends OfKind<KindWith<'accept'>>>(
  request: Request,
  scope?: 'session' | RequestContext,
): AnswerTo<Request> => answerBy('accept', request, scope === 'session' ? scope : undefined);

/** Says no, and ends the turn. */
export const cancel = <Request extends OfKind<KindWith<'cancel'>>>(
  request: Request,
): AnswerTo<Request> => answerBy('cancel', request, undefined);

/**
 * Says no; the agent goes on without it. By itself a complete handler:
 * `requests.serve(approvals, decline)`.
 *
 * @param why Reaches the agent where the protocol has a place for it.
 */
export const decline = <Request extends OfKind<DeclinableKind>>(
  request: Request,
  why?: string | RequestContext,
): AnswerTo<Request> =>
  answerBy('decline', request, typeof why === 'string' ? why : 'The client has declined.');

/** The kinds whose protocol has a no. */
export type DeclinableKind = KindWith<'decline'>;

/**
 * Grants permissions: all that were asked for, or a part. What is left out is denied, and codex
 * cuts a grant to what it has asked for.
 *
 * @example
 * requests.serve('item/permissions/requestApproval', (request) =>
 *   grantPermissions(request, request.permissions),
 * );
 */
export const grantPermissions = (
  _request: OfKind<'permissions'>,
  permissions: Outgoing.GrantedPermissionProfile | Incoming.RequestPermissionProfile,
  scope: Outgoing.PermissionGrantScope = 'turn',
): Outgoing.PermissionsRequestApprovalResponse => ({
  permissions: permissions as Outgoing.GrantedPermissionProfile,
  scope,
});

/** Answers the questions of the agent, by their ids. */
export const answerQuestions = (
  _request: OfKind<'userInput'>,
  byQuestion: Readonly<Record<string, string | readonly string[]>>,
): Outgoing.ToolRequestUserInputResponse => ({
  answers: Object.fromEntries(
    Object.entries(byQuestion).map(([id, answer]) => [
      id,
      { answers: typeof answer === 'string' ? [answer] : answer },
    ]),
  ),
});

/** Gives an MCP server the content that it asks for. */
export const answerElicitation = (
  _request: OfKind<'elicitation'>,
  content: unknown,
): Outgoing.McpServerElicitationRequestResponse => ({ action: 'accept', content });

/**
 * The result of a tool that the agent has called: text, or several items.
 *
 * @param options `success`: whether the tool did what was asked. Default: true.
 * @throws TypeError that names an option that does not exist.
 */
export const toolResult = (
  content: string | readonly Outgoing.DynamicToolCallOutputContentItem[],
  options: { readonly success?: boolean } = {},
): Outgoing.DynamicToolCallResponse => {
  mustBeKnown('', options, ['success']);
  const { success = true } = options;
  return {
    contentItems: typeof content === 'string' ? [{ type: 'inputText', text: content }] : content,
    success,
  };
};

/** The answer to a request that grants nothing; `null` where the protocol has none. */
export const refusal = (
  { method }: ServerRequest,
  why: string,
): ServerRequestAnswers[keyof ServerRequestAnswers] | null =>
  (rowOf(method).decline?.(why) ?? null) as ServerRequestAnswers[keyof ServerRequestAnswers] | null;

/** Whether an answer lets the agent do something. One that is not known counts as if it did. */
export const approves = ({ method }: ServerRequest, answer: unknown): boolean =>
  rowOf(method).approves(Object(answer) as object);
