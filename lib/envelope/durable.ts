import type { Envelope } from './envelope.js';
import { notificationType } from './method.js';

const requests =
  /^(app_server\.(request|server_request)\.|app_server\.codex\.event\.\w*request|server_request$|approval|tool_call_|tool_user_input_)/;

// Changed files come in floods, as no other change does.
const lifecycle =
  /(^|[._])(started|begin|queued|configured|connected|completed|complete|end|done|response|resolved|closed|disconnected|exited|archived|unarchived|deleted|cleared|reverted|rolled_back|compacted|failed|canceled|aborted|error|(?<!\bfs\.)changed)$/;

/**
 * Whether an event must never be dropped: server requests and what settles them, and the lifecycle
 * of threads, turns and items. The rest can be made good: `item/completed` carries the whole text
 * of its deltas, a later snapshot replaces an earlier one.
 */
export function isDurable({ type, payload }: Envelope): boolean {
  if (type !== 'notification') return requests.test(type) || lifecycle.test(type);
  // codex-manager's raw copy is as durable as the event that its payload names.
  const method = (payload as { readonly method?: unknown } | null)?.method;
  if (typeof method !== 'string') return false;
  const copied = notificationType(method);
  return requests.test(copied) || lifecycle.test(copied);
}
