import type { Envelope } from './envelope.js';

const requests =
  /^(app_server\.request\.|server_request$|approval|tool_call_|tool_user_input_|app_server\.server_request\.)/;

const lifecycle =
  /(^|[._])(started|completed|complete|resolved|closed|archived|unarchived|deleted|failed|canceled|aborted|changed|error)$/;

/**
 * Whether an event must never be dropped: server requests and what settles them, and the lifecycle
 * of threads, turns and items. The rest can be made good: `item/completed` carries the whole text
 * of its deltas, a later snapshot replaces an earlier one.
 */
export function isDurable({ type, payload }: Envelope): boolean {
  if (requests.test(type) || lifecycle.test(type)) return true;
  if (type !== 'notification') return false;
  // codex-manager's raw copy: its method is in the payload.
  const method = (payload as { readonly method?: unknown } | null)?.method;
  return typeof method === 'string' && lifecycle.test(method.replaceAll('/', '.'));
}
