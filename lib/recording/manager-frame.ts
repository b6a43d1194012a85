import { findRequestId, findTurnId, type Envelope } from '../envelope/index.js';

/**
 * The frame in which codex-manager sends an event: `parseEnvelope` makes the same event of it. The
 * ids of its turn and of its request stand in the payload; where they do not, next to it.
 */
export function managerFrame(event: Envelope): Record<string, unknown> {
  const { type, threadId, turnId, requestId, payload, ...rest } = event;
  const frame: Record<string, unknown> = { type, threadId, payload: payload ?? null, ...rest };
  if (turnId !== findTurnId(payload)) frame['turnId'] = turnId;
  if (requestId !== findRequestId(type, payload)) frame['requestId'] = requestId;
  return frame;
}
