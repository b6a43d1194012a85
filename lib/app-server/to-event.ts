import { asyncScheduler } from 'rxjs';
import { createBoundedMap } from '../bounded/index.js';
import {
  findRequestId,
  findThreadId,
  findTurnId,
  notificationType,
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
  const type = (isAsked ? requestTypes : notificationTypes)(method);
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

/** Remembers what a function made of a method: there are a few hundred of them, and many events. */
function remember(make: (method: string) => string): (method: string) => string {
  const types = createBoundedMap<string, string>(1_000);
  return (method) => {
    let type = types.get(method);
    if (type === undefined) types.set(method, (type = make(method)));
    return type;
  };
}

const notificationTypes = /* @__PURE__ */ remember(notificationType);
const requestTypes = /* @__PURE__ */ remember(requestType);

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
