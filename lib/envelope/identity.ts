import type { RequestId } from './envelope.js';
import { knownType } from './known-type.js';

/** A JSON value read as if every path existed; what is not there reads as `undefined`. */
export interface Loose {
  readonly [key: string]: Loose | undefined;
}

/*
 * Where ids hide in payloads; the first place that holds one wins. Measured on codex-manager and
 * `codex app-server`; spec/envelope/identity.spec.ts checks it against every recorded frame.
 *
 * What an event says of itself (`params`) comes before `context`: codex-manager fills
 * `context.turnId` with a guess (the turn it started last) where the event names none in the usual
 * place, and the guess is wrong for legacy `codex/event/*` while a second message is being sent.
 */

export function findThreadId(payload: unknown): string | null {
  const event = payload as Loose | null | undefined;
  const params = event?.['params'];
  return (
    text(params?.['threadId']) ??
    text(event?.['threadId']) ??
    text(event?.['context']?.['threadId']) ??
    text(params?.['thread']?.['id']) ??
    text(params?.['conversationId']) ??
    text(params?.['thread_id']) ??
    text(event?.['thread_id']) ??
    text(event?.['thread']?.['id']) ??
    text(event?.['conversationId']) ??
    null
  );
}

export function findTurnId(payload: unknown): string | null {
  const event = payload as Loose | null | undefined;
  const params = event?.['params'];
  return (
    text(params?.['turnId']) ??
    text(params?.['turn']?.['id']) ??
    text(event?.['turnId']) ??
    // Legacy codex/event/*: { id: <turn>, msg: { type, turn_id? }, conversationId }.
    text(params?.['msg']?.['turn_id']) ??
    text(params?.['msg'] && params['id']) ??
    text(event?.['context']?.['turnId']) ??
    text(params?.['turn_id']) ??
    text(event?.['turn_id']) ??
    text(event?.['turn']?.['id']) ??
    null
  );
}

export function findRequestId(type: string, payload: unknown): RequestId | null {
  if (!knownType(type).mayNameRequest) return null;
  const event = payload as Loose | null | undefined;
  return (
    // The raw JSON-RPC request that codex-manager publishes when it refuses one.
    (type === 'server_request' ? request(event?.['id']) : undefined) ??
    request(event?.['requestId']) ??
    request(event?.['approvalId']) ??
    // serverRequest/resolved names the request that it settles.
    request(event?.['params']?.['requestId']) ??
    request(event?.['request_id']) ??
    null
  );
}

/** Whether `value` can be the id of a server request: text, or a whole number such as 0. */
export const isRequestId = (value: unknown): value is RequestId =>
  typeof value === 'string' ? value !== '' : Number.isInteger(value);

const request = (value: unknown): RequestId | undefined => (isRequestId(value) ? value : undefined);

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
