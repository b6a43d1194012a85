import { mustBeKnown } from '../../options/index.js';
import { toEvent } from '../../app-server/to-event.js';
import type {
  AppServerEvent,
  AppServerRequestEvent,
  Envelope,
  RequestId,
} from '../../envelope/index.js';
import type { NotificationParams, ServerRequestParams } from '../../protocol/index.js';
import { time } from './defaults/ids.js';
import { completedItem, itemTypes, startedItem, type ItemType } from './defaults/items.js';
import { notifications, requests } from './defaults/params.js';
import { elicitation, type ElicitationMode } from './defaults/requests.js';
import { fill, type Part } from './defaults/part.js';

/** The ids of an envelope; `null` by default. */
export interface EnvelopeIds {
  readonly threadId?: string | null;
  readonly turnId?: string | null;
  readonly requestId?: RequestId | null;
}

/** Members of the event that are not in the params. */
export interface NotificationFields {
  /**
   * When the server received it, in ISO 8601.
   *
   * @default `2026-01-01T00:00:00.000Z`
   */
  readonly receivedAt?: string;
}

/** Members of the event that are not in the params. */
export interface RequestFields extends NotificationFields {
  /**
   * The JSON-RPC id. No two requests of a test share one.
   *
   * @default 0, the first id of a server
   */
  readonly id?: RequestId;
}

/**
 * An envelope of any type, also of one that the protocol does not list.
 *
 * @example
 * envelope('orchestrator_job_failed', { jobId: 'job-1' }, { threadId: 'thread-1' })
 */
export function envelope<const Type extends string, Payload = null>(
  type: Type,
  payload: Payload = null as Payload,
  ids: EnvelopeIds = {},
): Envelope<Type, Payload> {
  mustBeKnown('', ids, ['threadId', 'turnId', 'requestId']);
  const { threadId = null, turnId = null, requestId = null } = ids;
  return { type, threadId, turnId, requestId, payload };
}

/**
 * The event of a notification, as a stream brings it. What `params` leaves out has a realistic
 * default, of `thread-1`, `turn-1` and `item-1`; the ids of the event are those of its params.
 *
 * @example
 * notification('item/agentMessage/delta', { delta: 'Hello' })
 * notification('turn/completed', { threadId: 't', turn: { id: 'u', status: 'failed' } })
 * notification('item/started', { item: { type: 'commandExecution', command: 'ls' } })
 */
export function notification<Method extends keyof NotificationParams>(
  method: Method,
  params?: Part<NotificationParams[Method]>,
  fields: NotificationFields = {},
): AppServerEvent<Method> {
  mustBeKnown('', fields, ['receivedAt']);
  const { receivedAt = time } = fields;
  const standard = notifications[method];
  const { item: { type } = {} } = Object(params) as {
    readonly item?: { readonly type?: ItemType };
  };
  const item = method === 'item/completed' ? completedItem : startedItem;
  const isItem = method.startsWith('item/') && type !== undefined && itemTypes.includes(type);
  const whole = isItem ? { ...standard, item: item(type) } : standard;
  const event = toEvent({ method, params: fill(whole, params) });
  return received(event, receivedAt) as unknown as AppServerEvent<Method>;
}

/**
 * The event of a server request, as a stream brings it. What `params` leaves out has a realistic
 * default, as in {@link notification}.
 *
 * @example
 * request('item/tool/call', { tool: 'weather', arguments: { city: 'Oslo' } }, { id: 7 })
 */
export function request<Method extends keyof ServerRequestParams>(
  method: Method,
  params?: Part<ServerRequestParams[Method]>,
  fields: RequestFields = {},
): AppServerRequestEvent<Method> {
  mustBeKnown('', fields, ['id', 'receivedAt']);
  const { id = 0, receivedAt = time } = fields;
  const { mode } = Object(params) as { readonly mode?: ElicitationMode };
  const whole = mode === undefined ? requests[method] : elicitation(mode);
  const event = toEvent({ id, method, params: fill(whole, params as never) });
  return received(event, receivedAt) as unknown as AppServerRequestEvent<Method>;
}

const received = (event: Envelope, receivedAt: string): Envelope => ({
  ...event,
  payload: { ...(event.payload as object), receivedAt },
});
