import type { Envelope } from './envelope.js';
import { notificationType } from './method.js';

const requests = /request|approval|^tool_/;

const lifecycle = /(ed|begin|complete|[._]end|done|response|error|rolled_back)$/;

/** These end alike, but each replaces the one before, and they come in floods. */
const snapshots = /(updated|fs\.changed)$/;

/**
 * Whether an event must never be dropped: server requests and what settles them, and the lifecycle
 * of threads, turns and items. The rest can be made good: `item/completed` carries the whole text
 * of its deltas, a later snapshot replaces an earlier one.
 */
export function isDurable({ type, payload }: Envelope): boolean {
  // codex-manager's raw copy is as durable as the event that its payload names.
  const method = type === 'notification' && (payload as { method?: unknown } | null)?.method;
  const name = typeof method === 'string' ? notificationType(method) : type;
  return requests.test(name) || (lifecycle.test(name) && !snapshots.test(name));
}
