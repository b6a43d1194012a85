import {
  findTurnId,
  requestType,
  type AppServerRequestEvent,
  type AppServerRequestPayload,
  type Envelope,
  type RequestId,
} from '../envelope/index.js';
import type { ServerRequestAnswers, ServerRequestParams } from '../protocol/index.js';
import { fingerprint } from './fingerprint.js';

/** What a request asks for. */
export type RequestKind =
  'command' | 'file-change' | 'permissions' | 'user-input' | 'elicitation' | 'tool-call' | 'other';

/** The params of a request, given its method; `unknown` for one that the protocol does not list. */
export type ParamsOf<Method extends string> = Method extends keyof ServerRequestParams
  ? ServerRequestParams[Method]
  : unknown;

/** What answers a request, given its method; any answer, if that is not known. */
export type AnswerOf<Method extends string> = Method extends keyof ServerRequestAnswers
  ? ServerRequestAnswers[Method]
  : string extends Method
    ? ServerRequestAnswers[keyof ServerRequestAnswers]
    : object;

/**
 * Something that the agent asks of its client: plain data, the same from either source. A new value
 * with the same key takes its place when it changes.
 */
export interface ServerRequest<Method extends string = string> {
  /** What it is known by: the same after a reconnection, another after a restart of the server. */
  readonly key: string;
  readonly kind: RequestKind;
  /** The wire method, for example `item/tool/call`. */
  readonly method: Method;
  readonly requestId: RequestId;
  readonly threadId: string | null;
  readonly turnId: string | null;
  /** The item that it is about, or the id of the call. */
  readonly itemId: string | null;
  readonly params: ParamsOf<Method>;
  /** When it was first seen here: milliseconds since the epoch. */
  readonly openedAt: number;
  /** The event that tells it: from a list of what is pending too. */
  readonly event: Envelope<string, AppServerRequestPayload>;
  /** Whether this source can answer it at all. */
  readonly answerable: boolean;
  /** What the server offers as a decision, if it says so. It takes `decline` all the same. */
  readonly availableDecisions: readonly unknown[] | null;
  /** The files that it would change; `null` if they are not known. */
  readonly paths: readonly string[] | null;
  /** `answering`: an answer is on its way, and the server has not said yet that it is settled. */
  readonly state: 'open' | 'answering';
}

/** What tells of a request: its value, or its event. */
export type RequestLike<Method extends string = string> =
  ServerRequest<Method> | AppServerRequestEvent<Method>;

/** Whether a request is of this method: its params are typed from here on. */
export const isRequest = <const Method extends keyof ServerRequestParams>(
  request: ServerRequest,
  method: Method,
): request is ServerRequest<Method> => request.method === method;

const kinds: ReadonlyMap<string, RequestKind> = /* @__PURE__ */ new Map([
  ['item/commandExecution/requestApproval', 'command'],
  ['execCommandApproval', 'command'],
  ['item/fileChange/requestApproval', 'file-change'],
  ['applyPatchApproval', 'file-change'],
  ['item/permissions/requestApproval', 'permissions'],
  ['item/tool/requestUserInput', 'user-input'],
  ['mcpServer/elicitation/request', 'elicitation'],
  ['item/tool/call', 'tool-call'],
]);

/** Where the params of any request may hold what tells it from others. */
export interface AnyParams {
  readonly threadId?: unknown;
  readonly conversationId?: unknown;
  readonly turnId?: unknown;
  readonly itemId?: unknown;
  readonly callId?: unknown;
  readonly approvalId?: unknown;
  readonly availableDecisions?: unknown;
  readonly fileChanges?: unknown;
}

export const paramsOf = ({ payload }: Envelope): AnyParams =>
  Object((payload as AppServerRequestPayload | null)?.params) as AnyParams;

/**
 * What a request is, whoever tells of it and how often. Its id alone is not enough: a server counts
 * from 0 again after a restart. What a server guesses of the turn is no part of it.
 */
export function identityOf(event: Envelope): string {
  const params = paramsOf(event);
  const { threadId, conversationId, turnId, itemId, callId, approvalId } = params;
  const thread = threadId ?? conversationId;
  const where = [turnId, itemId, callId, approvalId].map((id) => id ?? null);
  // What is of no turn has nothing but its id, and what it asks.
  const what = where.every((id) => id === null) ? [fingerprint(params)] : [];
  return JSON.stringify([String(event.requestId), thread, ...where, ...what]);
}

/** Whether an identity is an id, perhaps a thread, and what is asked: the next server may repeat it. */
export const isWeak = (identity: string): boolean => /(,null){4},"[\w-]+"\]$/.test(identity);

export function readRequest(
  event: Envelope<string, AppServerRequestPayload>,
  requestId: RequestId,
  key: string,
  now: number,
): ServerRequest {
  const { method, params } = event.payload;
  const { itemId, callId, availableDecisions, fileChanges } = paramsOf(event);
  const item = callId ?? itemId;
  return {
    key,
    kind: kinds.get(method) ?? 'other',
    method,
    requestId,
    threadId: event.threadId,
    turnId: event.turnId,
    itemId: typeof item === 'string' ? item : null,
    params,
    openedAt: now,
    event,
    answerable: true,
    availableDecisions: Array.isArray(availableDecisions) ? availableDecisions : null,
    paths: fileChanges ? Object.keys(fileChanges) : null,
    state: 'open',
  };
}

/** The event of a request, made of what a list of pending ones says. */
export function requestEvent(
  method: string,
  requestId: RequestId,
  threadId: string | null,
  params: unknown,
  receivedAt: string,
): Envelope<string, AppServerRequestPayload> {
  const type = requestType(method);
  const turnId = findTurnId({ params });
  const payload: AppServerRequestPayload = {
    source: 'app_server',
    signalType: 'request',
    eventType: type,
    method,
    receivedAt,
    context: { threadId, turnId },
    params,
    session: null,
    requestId,
  };
  return { type, threadId, turnId, requestId, payload };
}
