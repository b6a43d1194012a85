import { asyncScheduler } from 'rxjs';
import {
  findRequestId,
  findThreadId,
  findTurnId,
  notificationType,
  remember,
  requestType,
  type AppServerPayload,
  type AppServerRequestPayload,
  type Envelope,
} from '../envelope/index.js';
import { isRequest, type Notification, type Request } from './message.js';

/**
 * The event that a message tells: the same that codex-manager makes of it.
 *
 * @param receivedAt When the message came, as ISO 8601: now.
 */
export function toEvent(message: Notification | Request, receivedAt = isoNow()): Envelope {
  const { method, params = null } = message;
  const said = { params };
  const threadId = findThreadId(said);
  const turnId = findTurnId(said);
  const isAsked = isRequest(message);
  const type = (isAsked ? requestType : notificationTypes)(method);
  const payload: AppServerPayload = {
    source: 'app_server',
    signalType: isAsked ? 'request' : 'notification',
    eventType: type,
    method,
    receivedAt,
    context: { threadId, turnId },
    params,
    session: null,
  };
  if (!isAsked) {
    return { type, threadId, turnId, requestId: findRequestId(type, said), payload };
  }
  const asked: AppServerRequestPayload = { ...payload, requestId: message.id };
  return { type, threadId, turnId, requestId: message.id, payload: asked };
}

const notificationTypes = /* @__PURE__ */ remember(notificationType);

let lastTime = 0;
let lastText = '';

/**
 * The time as ISO 8601: many events come within a millisecond, and writing it costs more than them.
 */
function isoNow(): string {
  const now = asyncScheduler.now();
  if (now !== lastTime || lastText === '') {
    lastTime = now;
    lastText = new Date(now).toISOString();
  }
  return lastText;
}
