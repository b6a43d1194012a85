import type { RequestId } from './envelope.js';

/** A JSON value read as if every path existed; what is not there reads as `undefined`. */
export interface Loose {
  readonly [key: string]: Loose | undefined;
}

type Place = (payload: Loose | undefined) => unknown;

/**
 * Where ids hide in payloads, the first place that holds one wins. Measured on codex-manager and
 * `codex app-server`; `spec/envelope/identity.spec.ts` checks it against every recorded frame.
 *
 * What an event says of itself (`params`) comes before `context`: codex-manager fills
 * `context.turnId` with a guess (the turn it started last) where the event names none in the usual
 * place, and the guess is wrong for legacy `codex/event/*` while a second message is being sent.
 */
const places: Record<'threadId' | 'turnId' | 'requestId', readonly Place[]> = {
  threadId: [
    (payload) => payload?.['params']?.['threadId'],
    (payload) => payload?.['threadId'],
    (payload) => payload?.['context']?.['threadId'],
    (payload) => payload?.['params']?.['thread']?.['id'],
    (payload) => payload?.['params']?.['conversationId'],
    (payload) => payload?.['params']?.['thread_id'],
    (payload) => payload?.['thread_id'],
    (payload) => payload?.['thread']?.['id'],
    (payload) => payload?.['conversationId'],
  ],
  turnId: [
    (payload) => payload?.['params']?.['turnId'],
    (payload) => payload?.['params']?.['turn']?.['id'],
    (payload) => payload?.['turnId'],
    // Legacy codex/event/*: { id: <turn>, msg: { type, turn_id? }, conversationId }.
    (payload) => payload?.['params']?.['msg']?.['turn_id'],
    (payload) => payload?.['params']?.['msg'] && payload['params']['id'],
    (payload) => payload?.['context']?.['turnId'],
    (payload) => payload?.['params']?.['turn_id'],
    (payload) => payload?.['turn_id'],
    (payload) => payload?.['turn']?.['id'],
  ],
  requestId: [
    (payload) => payload?.['requestId'],
    (payload) => payload?.['approvalId'],
    // serverRequest/resolved names the request that it settles.
    (payload) => payload?.['params']?.['requestId'],
    (payload) => payload?.['request_id'],
  ],
};

/** Whether `value` can be the id of a server request: a string, or a whole number such as 0. */
export const isRequestId = (value: unknown): value is RequestId =>
  typeof value === 'string' ? value !== '' : Number.isInteger(value);

const isName = (value: unknown): value is string => typeof value === 'string' && value !== '';

export function findThreadId(payload: unknown): string | null {
  for (const place of places.threadId) {
    const id = place(payload as Loose);
    if (isName(id)) return id;
  }
  return null;
}

export function findTurnId(payload: unknown): string | null {
  for (const place of places.turnId) {
    const id = place(payload as Loose);
    if (isName(id)) return id;
  }
  return null;
}

export function findRequestId(type: string, payload: unknown): RequestId | null {
  // The raw JSON-RPC request that codex-manager publishes when it refuses one.
  const raw = type === 'server_request' ? (payload as Loose | null)?.['id'] : undefined;
  if (isRequestId(raw)) return raw;
  for (const place of places.requestId) {
    const id = place(payload as Loose);
    if (isRequestId(id)) return id;
  }
  return null;
}
