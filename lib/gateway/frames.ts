import {
  findRequestId,
  findTurnId,
  type AppServerRequestPayload,
  type Envelope,
} from '../envelope/index.js';
import type { RequestTable } from './request-table.js';

/** A frame of codex-manager's dialect. */
export interface GatewayFrame {
  readonly type: string;
  readonly threadId: string | null;
  readonly payload: unknown;
  readonly [member: string]: unknown;
}

type Members = Readonly<Record<string, unknown>>;

/** Whether an event opens a request, as every app-server announces it. */
export const opensRequest = ({ type, payload, requestId }: Envelope): boolean =>
  requestId !== null &&
  type.startsWith('app_server.request.') &&
  (Object(payload) as Partial<AppServerRequestPayload>).signalType === 'request';

/**
 * An event as clients get it: with ids of the gateway's in the place of those of its requests.
 *
 * @returns the frame, and the key of the request that it opens, if it does.
 */
export function frameOf(
  event: Envelope,
  table: RequestTable,
): { readonly frame: GatewayFrame; readonly requestKey: string | null } {
  if (event.requestId === null) return { frame: toFrame(event), requestKey: null };
  if (!opensRequest(event)) {
    return { frame: toFrame(withId(event, table.idOf(event))), requestKey: null };
  }
  const { id, key } = table.opened(event);
  return { frame: toFrame(withId(event, id)), requestKey: key };
}

const [beforeType, beforeThread] = ['{"type":"', '","threadId":'];

/** Whether a text that an event was read from is, as it is, what clients get of the event. */
export function isFrameOf({ type, threadId }: Envelope, text: string): boolean {
  const afterType = beforeType.length + type.length;
  const thread = afterType + beforeThread.length;
  if (!text.startsWith(beforeType) || !text.startsWith(type, beforeType.length)) return false;
  if (!text.startsWith(beforeThread, afterType) || !text.endsWith('}')) return false;
  if (threadId === null) return text.startsWith('null,', thread);
  const isThere = text.startsWith('"', thread) && text.startsWith(threadId, thread + 1);
  return isThere && text.startsWith('",', thread + 1 + threadId.length);
}

/** The same event with another id of its request, wherever its payload has it. */
function withId(event: Envelope, id: number): Envelope {
  const payload = Object(event.payload) as Members;
  const { params } = payload as { params?: unknown };
  const isAsText = typeof event.requestId === 'string';
  const requestId = isAsText ? String(id) : id;
  const replaced: Record<string, unknown> = { ...payload };
  for (const name of ['requestId', 'approvalId', 'request_id']) {
    if (name in payload) replaced[name] = requestId;
  }
  if (event.type === 'server_request') replaced['id'] = requestId;
  if (event.type === 'app_server.server_request.resolved') {
    replaced['params'] = { ...(Object(params) as Members), requestId };
  }
  return { ...event, requestId, payload: replaced };
}

/** Ids stay in the payload, where codex-manager has them; what is not there is a member. */
function toFrame({ type, threadId, turnId, requestId, payload, ...rest }: Envelope): GatewayFrame {
  return {
    type,
    threadId,
    ...(turnId !== findTurnId(payload) && { turnId }),
    ...(requestId !== findRequestId(type, payload) && { requestId }),
    payload,
    ...rest,
  };
}
