import {
  notificationType,
  requestType,
  type AppServerEvent,
  type AppServerRequestEvent,
  type Envelope,
  type RequestId,
} from '../envelope/index.js';
import type { NotificationParams, ServerRequestParams } from '../protocol/index.js';

/** The ids of an envelope, and when the server received it; `null` and a fixed time by default. */
export interface EnvelopeFields {
  readonly threadId?: string | null;
  readonly turnId?: string | null;
  readonly requestId?: RequestId | null;
  /** An ISO 8601 time. Default: `2026-01-01T00:00:00.000Z`. */
  readonly receivedAt?: string;
}

/**
 * An envelope of any type.
 *
 * @example
 * envelope('approval', { approvalId: '0' }, { threadId: 't1', requestId: '0' })
 */
export function envelope<const Type extends string, Payload = null>(
  type: Type,
  payload: Payload = null as Payload,
  { threadId = null, turnId = null, requestId = null }: EnvelopeFields = {},
): Envelope<Type, Payload> {
  return { type, threadId, turnId, requestId, payload };
}

/**
 * The envelope of a notification, as codex-manager sends it.
 *
 * @example
 * notification('item/agentMessage/delta',
 *   { threadId: 't1', turnId: 'u1', itemId: 'i1', delta: 'Hello' }, { threadId: 't1', turnId: 'u1' })
 */
export function notification<Method extends keyof NotificationParams>(
  method: Method,
  params: NotificationParams[Method],
  fields: EnvelopeFields = {},
): AppServerEvent<Method> {
  const type = notificationType(method);
  const payload = signal('notification', type, method, params, fields);
  return envelope(type, payload, fields) as unknown as AppServerEvent<Method>;
}

/**
 * The envelope of a server request, as codex-manager sends it.
 *
 * @example
 * serverRequest('item/tool/call', 0,
 *   { threadId: 't1', turnId: 'u1', callId: 'c1', namespace: null, tool: 'weather', arguments: {} })
 */
export function serverRequest<Method extends keyof ServerRequestParams>(
  method: Method,
  requestId: RequestId,
  params: ServerRequestParams[Method],
  fields: EnvelopeFields = {},
): AppServerRequestEvent<Method> {
  const type = requestType(method);
  const payload = { ...signal('request', type, method, params, fields), requestId };
  return envelope(type, payload, {
    ...fields,
    requestId,
  }) as unknown as AppServerRequestEvent<Method>;
}

function signal(
  signalType: string,
  eventType: string,
  method: string,
  params: unknown,
  { threadId = null, turnId = null, receivedAt = '2026-01-01T00:00:00.000Z' }: EnvelopeFields,
): object {
  return {
    source: 'app_server',
    signalType,
    eventType,
    method,
    receivedAt,
    context: { threadId, turnId },
    params,
    session: null,
  };
}
