/** The commands of codex-manager's stream, and who receives which event. */

export type StreamCommand =
  | { readonly type: 'ping' | 'unsubscribe' }
  | { readonly type: 'subscribe'; readonly threadId: string };

/** The command that a client sent; `null` if it is none. */
export function readCommand(json: string): StreamCommand | null {
  const { type, threadId } = valueOf(json);
  if (type === 'ping' || type === 'unsubscribe') return { type };
  const isFilter = type === 'subscribe' && typeof threadId === 'string' && threadId !== '';
  return isFilter ? { type, threadId } : null;
}

function valueOf(json: string): { readonly type?: unknown; readonly threadId?: unknown } {
  try {
    return Object(JSON.parse(json)) as object;
  } catch {
    return {};
  }
}

/**
 * The filter that a client asks for in its url. An empty or a repeated threadId filters nothing.
 */
export function filterOf(url: string): string | null {
  const [threadId, ...more] = new URL(url, 'http://127.0.0.1').searchParams.getAll('threadId');
  return threadId && more.length === 0 ? threadId : null;
}

/** Types that every socket receives, whatever its filter. */
const broadcast =
  /^(account_\w+|app_list_updated|mcp_oauth_completed|project_\w+|session_project_updated|session_deleted)$/;

/** Whether a socket with this filter receives an envelope. */
export const reaches = (
  { type, threadId }: { readonly type: string; readonly threadId?: string | null },
  filter: string | null,
): boolean => filter === null || threadId === filter || broadcast.test(type);
