import {
  findTurnId,
  requestType,
  type AppServerRequestEvent,
  type AppServerRequestPayload,
  type Envelope,
  type RequestId,
} from '../envelope/index.js';
import type { ServerRequestAnswers, ServerRequestParams } from '../protocol/index.js';
import type { Changes } from './file-changes.js';
import { fingerprint } from './fingerprint.js';
import { rowOf, type KindOf, type KnownMethod, type RequestKind } from './methods.js';
import { membersOf, type RequestMembers } from './request-members.js';

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

/** What answers a request. */
export type AnswerTo<Request extends { readonly method: string }> = AnswerOf<Request['method']>;

/**
 * Something that the agent asks of its client: plain data, the same from either source. `kind`
 * tells what it is about, and narrows the members below; comparing `method` narrows nothing, since
 * a newer server may send methods that are not listed: use {@link isRequest}. A new value with the
 * same key takes its place when it changes.
 */
export type ServerRequest<Method extends string = string> = string extends Method
  ? RequestOf<KnownMethod> | UnlistedRequest<string>
  : RequestOf<Method>;

type RequestOf<Method extends string> = Method extends KnownMethod
  ? RequestBase<Method> & { readonly kind: KindOf<Method> } & RequestMembers[KindOf<Method>]
  : UnlistedRequest<Method>;

/** A request of a method that the protocol of this version does not list. */
export interface UnlistedRequest<Method extends string> extends RequestBase<Method> {
  readonly kind: 'other';
}

/** What every request has. */
export interface RequestBase<Method extends string> {
  /** What it is known by: the same after a reconnection, another after a restart of the server. */
  readonly key: string;
  /** The wire method, for example `item/tool/call`. */
  readonly method: Method;
  readonly requestId: RequestId;
  readonly threadId: string | null;
  readonly turnId: string | null;
  /** The item that it is about, or the id of the call. */
  readonly itemId: string | null;
  /** As they were sent. */
  readonly params: ParamsOf<Method>;
  /** When it was first seen here: milliseconds since the epoch. */
  readonly openedAt: number;
  /** The event of the request: made from a list of what is pending, if it came that way. */
  readonly event: Envelope<string, AppServerRequestPayload>;
  /** Whether this source can answer it at all. */
  readonly answerable: boolean;
  /** `answering`: an answer is decided, and the server has not said yet that it is settled. */
  readonly state: 'open' | 'answering';
}

/** What announces a request: its value, or its event. */
export type RequestLike<Method extends string = string> =
  ServerRequest<Method> | AppServerRequestEvent<Method>;

/** Whether a request is of this method: its params are typed from here on. */
export const isRequest = <const Method extends keyof ServerRequestParams>(
  request: ServerRequest,
  method: Method,
): request is ServerRequest<Method> => request.method === method;

/** Where the params of any request may hold what tells it from others. */
export interface AnyParams {
  readonly threadId?: unknown;
  readonly conversationId?: unknown;
  readonly turnId?: unknown;
  readonly itemId?: unknown;
  readonly callId?: unknown;
  readonly approvalId?: unknown;
}

export const paramsOf = ({ payload }: Envelope): AnyParams =>
  Object((payload as AppServerRequestPayload | null)?.params) as AnyParams;

/** The item that a request is about, or the id of its call. */
export function itemIdOf(event: Envelope): string | null {
  const { itemId, callId } = paramsOf(event);
  const item = callId ?? itemId;
  return typeof item === 'string' ? item : null;
}

/**
 * What a request is, however often and by whichever connection it is announced. Its id alone is not
 * enough: a server counts from 0 again after a restart. What a server guesses of the turn is no
 * part of it.
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

/**
 * Whether an identity is an id, perhaps a thread, and what is asked: the next server may repeat it.
 */
export const isWeak = (identity: string): boolean => /(,null){4},"[\w-]+"\]$/.test(identity);

/** What every request has, whatever it is about. */
export type Announced = RequestBase<string> & { readonly kind: RequestKind };

/** What the event of a request says, but for what its kind alone has. */
export function readRequest(
  event: Envelope<string, AppServerRequestPayload>,
  requestId: RequestId,
  key: string,
  openedAt: number,
  answerable = true,
): Announced {
  const { method, params } = event.payload;
  return {
    key,
    kind: rowOf(method).kind,
    method,
    requestId,
    threadId: event.threadId,
    turnId: event.turnId,
    itemId: itemIdOf(event),
    params,
    openedAt,
    event,
    answerable,
    state: 'open',
  };
}

/**
 * The whole request.
 *
 * @param changes The changes of its item, where they are known.
 */
export const withMembers = (announced: Announced, changes: Changes = null): ServerRequest => {
  const { kind, params } = announced;
  const members = membersOf(kind, Object(params) as Readonly<Record<string, unknown>>, changes);
  return { ...announced, ...members } as ServerRequest;
};

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
